import { describe, expect, test } from '@jest/globals';
import { exitCodeOfOne, type ScenarioVerdict } from './verdict.ts';

const verdict = (said: ScenarioVerdict['claims'][number]['verdict']): ScenarioVerdict => ({
  ...{ suite: 'drain', scenario: 'made', title: '', engine: '26.1.5', seconds: 1 },
  ...{ sameness: 'inconclusive', steps: [], timings: [] },
  comparison: { sameness: 'inconclusive', reason: 'one subject', differences: [], healed: [] },
  claims: [{ id: 'D1', subject: 'twin', verdict: said, reason: '', evidence: [] }],
});

describe('the exit code of a run with one subject', () => {
  test.each([
    ['holds', 0],
    ['known', 0],
    ['fails', 1],
    ['unstable', 1],
    ['inconclusive', 2],
  ] as const)('is that of its claims: %s gives %i', (said, code) => {
    expect(exitCodeOfOne([verdict('holds'), verdict(said)])).toBe(code);
  });

  test('is 1 for a step that is not legal, but for one of real Swarm', () => {
    const step = { rule: 'came-back', text: '', evidence: [] } as const;
    const walked = (subject: 'swarm' | 'twin'): ScenarioVerdict => ({
      ...{ ...verdict('holds'), steps: [{ ...step, subject }] },
    });
    expect([walked('twin'), walked('swarm')].map((each) => exitCodeOfOne([each]))).toEqual([1, 0]);
  });

  test('is 2 where nothing could be played', () => {
    const none: ScenarioVerdict = { ...verdict('holds'), engine: '', claims: [] };
    expect(exitCodeOfOne([{ ...none, sameness: 'not-compared' }])).toBe(2);
  });
});
