import { describe, expect, test } from '@jest/globals';
import type { EngineLine } from '../model/engines.ts';
import type { Subject } from '../model/history.ts';
import { timesBetween, type TimedSide } from './engine-times.ts';

const side = (
  line: EngineLine,
  ms: readonly number[],
  { subject = 'swarm', name = 'to Down' }: { subject?: Subject; name?: string } = {},
): TimedSide => ({
  line,
  verdict: {
    ...{ suite: 'slot-refill', scenario: 'made' },
    spreads: [{ name, fault: 'lost', sides: [{ subject, ms }] }],
  },
});
const EARLY = [1000, 1100, 1200, 1300, 1400];
const LATE = [2000, 2100, 2200, 2300, 2400];

describe('times of real Swarm on two lines of engines', () => {
  test('differ where those of one are longer throughout, with chance and effect', () => {
    const [time] = timesBetween(side('20.10', EARLY), side('26.1', LATE));
    expect(time).toMatchObject({
      ...{ scenario: 'slot-refill/made', from: '20.10', to: '26.1', name: 'to Down' },
      ...{ fault: 'lost', beforeMs: EARLY, afterMs: LATE },
      test: { says: 'differ', effect: 1 },
    });
    expect(time?.test.p).toBeLessThan(0.01);
  });

  test('are alike where they are mixed, and told to be too few where they are', () => {
    const says = (was: readonly number[], now: readonly number[]): string | undefined =>
      timesBetween(side('20.10', was), side('26.1', now))[0]?.test.says;
    expect(says(EARLY, EARLY)).toBe('alike');
    expect(says(EARLY.slice(0, 2), LATE)).toBe('too few');
  });

  test('are not compared with those of a twin, of another phase, or of no play', () => {
    expect(timesBetween(side('20.10', EARLY), side('26.1', LATE, { subject: 'twin' }))).toEqual([]);
    expect(timesBetween(side('20.10', EARLY, { name: 'to run' }), side('26.1', LATE))).toEqual([]);
    const once: TimedSide = { line: '26.1', verdict: { suite: 'drain', scenario: 'made' } };
    expect(timesBetween(side('20.10', EARLY), once)).toEqual([]);
  });
});
