import { describe, expect, test } from '@jest/globals';
import type { IllegalStep, Sameness, ScenarioVerdict, Verdict } from '../model/verdict.ts';
import { exitCodeOf, summarize } from '../model/verdict.ts';
import { isOpen, settle } from './settle.ts';

const made = (claims: readonly Verdict[], sameness: Sameness = 'same'): ScenarioVerdict => ({
  ...{ suite: 'drain', scenario: 'made', title: '', engine: '26.1.5', seconds: 1, sameness },
  comparison: { sameness, reason: `it is ${sameness}`, differences: [], healed: [] },
  claims: claims.map((verdict, at) => ({
    ...{ id: at === 0 ? 'D1' : 'D2', subject: 'twin', verdict },
    ...{ reason: `${verdict} indeed`, evidence: [at] },
  })),
  ...{ steps: [], timings: [] },
});

const plays = (...verdicts: readonly ScenarioVerdict[]): ScenarioVerdict =>
  settle(verdicts.map((verdict, at) => ({ verdict, histories: historiesOf(at + 1) }))).verdict;
const historiesOf = (play: number) => [{ subject: 'twin' as const, path: `histories/${play}` }];

describe('a claim on several plays', () => {
  test.each([
    [['holds', 'holds'], 'holds'],
    [['fails', 'fails'], 'fails'],
    [['inconclusive', 'holds'], 'holds'],
    [['holds', 'inconclusive'], 'holds'],
    [['inconclusive', 'fails'], 'fails'],
    [['inconclusive', 'inconclusive'], 'inconclusive'],
    [['holds', 'fails'], 'unstable'],
    [['fails', 'inconclusive', 'holds'], 'unstable'],
  ] as const)('%j is %s', (each, settled) => {
    const verdict = plays(...each.map((one) => made([one])));
    expect(verdict.claims).toMatchObject([{ id: 'D1', verdict: settled }]);
  });

  test('that is unstable tells what each play said and where its history is, and the run is red', () => {
    const verdict = plays(made(['holds']), made(['fails']));
    expect(verdict.claims[0]).toMatchObject({
      reason: 'holds in play 1: holds indeed; fails in play 2: fails indeed',
      play: 2,
      tries: [
        { play: 1, verdict: 'holds' },
        { play: 2, verdict: 'fails' },
      ],
    });
    expect(verdict.plays?.map(({ histories }) => histories[0]?.path)).toEqual([
      'histories/1',
      'histories/2',
    ]);
    expect(summarize([verdict])).toMatchObject({ unstable: 1, holds: 0, fails: 0 });
    expect(exitCodeOf([verdict])).toBe(1);
  });

  test('that was settled by a later play still says so', () => {
    const [claim] = plays(made(['inconclusive']), made(['holds'])).claims;
    expect(claim).toMatchObject({ verdict: 'holds', play: 2, tries: [{ play: 1 }, { play: 2 }] });
    expect(plays(made(['holds']), made(['holds'])).claims[0]).not.toHaveProperty('tries');
  });

  test('is told of the play that is shown, where that one says the same', () => {
    const verdict = plays(
      made(['holds', 'holds']),
      made(['holds', 'fails']),
      made(['holds', 'holds']),
    );
    expect(verdict.shownPlay).toBe(2);
    expect(verdict.claims.map(({ play }) => play)).toEqual([2, 2]);
  });

  test('is not made good by a later play that judged something else', () => {
    const { claims } = plays(made(['holds', 'inconclusive']), made(['inconclusive', 'holds']));
    expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
  });
});

test('a comparison that comes out both ways is unstable, and the play that differs is shown', () => {
  const [same, different] = [made(['holds'], 'same'), made(['holds'], 'different')];
  const histories = historiesOf(1);
  const { verdict, shown } = settle(
    [same, different, same].map((each) => ({ verdict: each, histories })),
  );
  expect([verdict.sameness, verdict.comparison.sameness, shown]).toEqual([
    ...['unstable', 'unstable'],
    1,
  ]);
  expect(plays(made([], 'inconclusive'), same).sameness).toBe('same');
});

test('illegal steps of every play count, and a known divergence that one play shows is not healed', () => {
  const step: IllegalStep = { rule: 'moved', subject: 'twin', text: '', evidence: [] };
  const healed = (entries: readonly string[]): ScenarioVerdict => {
    const verdict = made(['holds']);
    return { ...verdict, comparison: { ...verdict.comparison, healed: entries } };
  };
  const verdict = plays({ ...healed(['a', 'b']), steps: [step] }, healed(['b']));
  expect(verdict.steps).toEqual([{ ...step, play: 1 }]);
  expect(verdict.comparison.healed).toEqual(['b']);
});

describe('played again is', () => {
  test('what could not be judged, a claim or the comparison', () => {
    expect(isOpen(made(['holds', 'inconclusive']), 2)).toBe(true);
    expect(isOpen(made(['holds'], 'inconclusive'), 2)).toBe(true);
    expect(isOpen(made(['holds'], 'inconclusive'), 1)).toBe(false);
    expect(isOpen(made(['holds']), 2)).toBe(false);
  });

  test('never what failed, whatever else could not be judged', () => {
    const open = made(['holds', 'inconclusive']);
    const step: IllegalStep = { rule: 'moved', subject: 'twin', text: '', evidence: [] };
    expect(isOpen(made(['fails', 'inconclusive']), 2)).toBe(false);
    expect(isOpen(made(['holds', 'inconclusive'], 'different'), 2)).toBe(false);
    expect(isOpen({ ...open, steps: [step] }, 2)).toBe(false);
    expect(isOpen({ ...open, steps: [{ ...step, subject: 'swarm' }] }, 2)).toBe(true);
    expect(isOpen({ ...open, comparison: { ...open.comparison, healed: ['a'] } }, 2)).toBe(false);
    expect(isOpen(plays(made(['holds', 'inconclusive']), made(['fails'])), 2)).toBe(false);
  });
});
