import { describe, expect, test } from '@jest/globals';
import type { Subject } from '../model/history.ts';
import type { ClaimVerdict, KnownDivergence, Verdict } from '../model/verdict.ts';
import { withKnown } from './known-claims.ts';

const SCENARIO = { suite: 'membership', name: 'ports' } as const;
const ENTRY: KnownDivergence = {
  ...{ scenario: 'membership/ports', field: 'claims.M8', reason: 'no gossip' },
};
const claim = (
  subject: Subject,
  verdict: Verdict,
  id: ClaimVerdict['id'] = 'M8',
): ClaimVerdict => ({ ...{ id, subject, verdict, reason: 'n1 does not listen', evidence: [4] } });
const known = (claims: readonly ClaimVerdict[], entry = ENTRY): ReturnType<typeof withKnown> =>
  withKnown(SCENARIO, claims, [entry], '26.1.5');

describe('a claim that the twin is known to fail', () => {
  test('is a known difference there, with the reason and what was seen', () => {
    const { claims, healed } = known([claim('swarm', 'holds'), claim('twin', 'fails')]);
    expect(claims).toEqual([
      claim('swarm', 'holds'),
      { ...claim('twin', 'fails'), verdict: 'known', reason: 'no gossip (n1 does not listen)' },
    ]);
    expect(healed).toEqual([]);
  });

  test('excuses real Swarm from nothing', () => {
    expect(known([claim('swarm', 'fails')]).claims[0]?.verdict).toBe('fails');
  });

  test('makes its declaration wrong where the twin holds it', () => {
    expect(known([claim('swarm', 'holds'), claim('twin', 'holds')])).toMatchObject({
      claims: [{ verdict: 'holds' }, { verdict: 'holds' }],
      healed: ['M8 holds on twin: no gossip'],
    });
  });

  test('is neither where nothing could be said', () => {
    expect(known([claim('twin', 'inconclusive')])).toMatchObject({
      claims: [{ verdict: 'inconclusive' }],
      healed: [],
    });
  });
});

test.each<[string, Partial<KnownDivergence>]>([
  ['another claim', { field: 'claims.M7' }],
  ['another scenario', { scenario: 'membership/others' }],
  ['another engine', { engine: '20.10' }],
  ['a difference of the two histories', { field: 'end.leaders' }],
])('a declaration about %s excuses nothing', (_, change) => {
  const { claims, healed } = known([claim('twin', 'fails')], { ...ENTRY, ...change });
  expect(claims[0]?.verdict).toBe('fails');
  expect(healed).toEqual([]);
});
