import { describe, expect, test } from '@jest/globals';
import { phasesOf, sameSequence, without, withoutRepeats } from './sequences.ts';
import type { Phase } from './sequences.ts';

/** `a b* c`: a star marks a phase that was too short to be surely seen. */
const phases = (text: string): readonly Phase[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ text: word.replace('*', ''), lastedMs: word.endsWith('*') ? 200 : 9000 }));
const texts = (list: readonly Phase[]): string => list.map((phase) => phase.text).join(' ');

describe('sequences', () => {
  test('a brief phase may be missing on either side', () => {
    expect(sameSequence(phases('a b* c'), phases('a c'))).toBe(true);
    expect(sameSequence(phases('a c'), phases('a b* c'))).toBe(true);
    expect(sameSequence(phases('a b* c'), phases('a d* c'))).toBe(true);
  });
  test('a lasting phase may not', () => {
    expect(sameSequence(phases('a b c'), phases('a c'))).toBe(false);
    expect(sameSequence(phases('a'), phases('a b'))).toBe(false);
  });
  test('a brief phase between two equal ones leaves one', () => {
    expect(sameSequence(phases('a b* a c'), phases('a c'))).toBe(true);
  });
  test('the order counts', () => {
    expect(sameSequence(phases('a b'), phases('b a'))).toBe(false);
  });
  test('a phase lasts until the next, the last for ever', () => {
    const forms = [
      { text: 'a', atMs: 0 },
      { text: 'a', atMs: 10 },
      { text: 'b', atMs: 30 },
    ];
    expect(phasesOf(forms)).toEqual([
      { text: 'a', lastedMs: 30 },
      { text: 'b', lastedMs: Infinity },
    ]);
  });
  test('what a rule leaves out joins its neighbours', () => {
    expect(texts(without(phases('a x a b'), ({ text }) => text === 'x'))).toBe('a b');
  });
  test('repeated passages count once', () => {
    expect(texts(withoutRepeats(phases('ready unknown ready unknown ready')))).toBe(
      'ready unknown ready',
    );
    expect(texts(withoutRepeats(phases('a b c')))).toBe('a b c');
  });
});
