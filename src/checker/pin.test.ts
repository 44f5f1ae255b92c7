import { describe, expect, test } from '@jest/globals';
import type { Subject } from '../model/history.ts';
import type { ClaimVerdict, Sameness, Verdict } from '../model/verdict.ts';
import { pinsOf, type ComparedSubject } from './pin.ts';

const FIELD = 'operations.scale';

const compared = (
  subject: Subject,
  sameness: Sameness,
  fields: readonly string[] = sameness === 'different' ? [FIELD] : [],
): ComparedSubject => ({
  subject,
  verdict: {
    sameness,
    reason: '',
    differences: fields.map((field) => ({ field, left: 'a', right: 'b' })),
    healed: [],
  },
});

const claim = (subject: Subject, verdict: Verdict): ClaimVerdict => ({
  id: 'R1',
  subject,
  verdict,
  reason: '',
  evidence: [],
});

describe('a difference between real Swarm and the twin', () => {
  test.each([
    ['different', 'same', 'manager'],
    ['same', 'different', 'agent'],
    ['different', 'different', 'each'],
    ['same', 'same', 'both'],
    ['inconclusive', 'different', 'unknown'],
    ['different', 'inconclusive', 'unknown'],
  ] as const)('with twin managers %s, with twin agents %s: %s', (managers, agents, follows) => {
    const all = [
      compared('twin', 'different'),
      compared('twin-managers', managers),
      compared('twin-agents', agents),
    ];
    expect(pinsOf(all, [])).toMatchObject([{ what: FIELD, follows }]);
  });

  test('of another field says nothing of this one', () => {
    const all = [
      compared('twin', 'different'),
      compared('twin-managers', 'different', ['end.web']),
      compared('twin-agents', 'different'),
    ];
    expect(pinsOf(all, [])).toMatchObject([{ what: FIELD, follows: 'agent' }]);
  });

  test('is nobody’s yet while a mixed swarm was not played', () => {
    const all = [compared('twin', 'different'), compared('twin-managers', 'different')];
    expect(pinsOf(all, [])).toMatchObject([{ follows: 'unknown' }]);
  });

  test('is the managers’ where all nodes are managers, and that is said', () => {
    const pins = pinsOf([compared('twin', 'different')], [], ['twin-managers', 'twin-agents']);
    expect(pins).toMatchObject([
      { follows: 'manager', reason: expect.stringContaining('all nodes are managers') },
    ]);
  });

  test('that is explained has no pin, and where there is none there is no pin', () => {
    const twin = compared('twin', 'same');
    const known = {
      ...twin.verdict,
      differences: [{ field: FIELD, left: '', right: '', known: 'so' }],
    };
    expect(pinsOf([{ subject: 'twin', verdict: known }], [])).toEqual([]);
    expect(pinsOf([twin, compared('twin-managers', 'different')], [])).toEqual([]);
  });
});

test('a claim that the twin alone fails is pinned as well; one that real Swarm fails too is not', () => {
  const twin = compared('twin', 'same');
  const halves = [
    claim('twin', 'fails'),
    claim('twin-managers', 'holds'),
    claim('twin-agents', 'fails'),
  ];
  expect(pinsOf([twin], [claim('swarm', 'holds'), ...halves])).toMatchObject([
    { what: 'R1', follows: 'agent' },
  ]);
  expect(pinsOf([twin], [claim('swarm', 'fails'), ...halves])).toEqual([]);
});
