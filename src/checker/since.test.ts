import { describe, expect, test } from '@jest/globals';
import type { ClaimVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { sinceOf } from './since.ts';

type Said = ClaimVerdict['verdict'];

const verdict = (twin: Said, sameness: ScenarioVerdict['sameness']): ScenarioVerdict => ({
  ...{ suite: 'drain', scenario: 'worker', title: '', engine: '26.1.5', seconds: 9, sameness },
  comparison: { sameness, reason: '', differences: [], healed: [] },
  claims: (['swarm', 'twin'] as const).map((subject) => ({
    ...{ id: 'D1', subject, reason: '', evidence: [] },
    verdict: subject === 'twin' ? twin : 'holds',
  })),
  ...{ steps: [], timings: [] },
});

describe('what changed since the run before', () => {
  test('is each verdict that says something else', () => {
    const since = sinceOf('before', [verdict('holds', 'same')], [verdict('fails', 'different')]);
    expect(since).toEqual({
      run: 'before',
      compared: 3,
      changes: [
        { scenario: 'drain/worker', what: 'D1 on twin', before: 'holds', now: 'fails' },
        { scenario: 'drain/worker', what: 'compared', before: 'same', now: 'different' },
      ],
    });
  });
  test('is nothing where both say the same', () => {
    const same = [verdict('inconclusive', 'same')];
    expect(sinceOf('before', same, same)).toMatchObject({ changes: [], compared: 3 });
  });
  test('names what is new only where it is not as it should be', () => {
    expect(sinceOf('before', [], [verdict('holds', 'same')])).toMatchObject({
      ...{ changes: [], compared: 0 },
    });
    expect(sinceOf('before', [], [verdict('fails', 'same')]).changes).toEqual([
      { scenario: 'drain/worker', what: 'D1 on twin', before: '', now: 'fails' },
    ]);
  });
});
