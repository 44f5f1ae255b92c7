import { describe, expect, test } from '@jest/globals';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { exitCodeOf, type ScenarioVerdict } from '../model/verdict.ts';
import { judgeScenario } from './judge-scenario.ts';
import { MadeHistory } from './made-history.ts';

/** One service on one node, which ends with the error, or stays. */
function history(subject: Subject, err = '', cut = false): readonly HistoryRecord[] {
  const made = new MadeHistory({ managers: 1, workers: 0 }, [], subject).at(1);
  made.service('web', { replicas: 1 }).task('web.1').at(5);
  if (err !== '') made.task('web.1', { state: 'failed', err });
  return cut ? made.records : made.at(9).end();
}

const scenarioOf = (records: readonly HistoryRecord[]): Scenario => {
  const [header] = records;
  if (header?.type !== 'header') throw new Error('no header');
  return header.scenario;
};

function judge(...histories: readonly (readonly HistoryRecord[])[]): ScenarioVerdict {
  const sides = histories.map((records) => {
    const [header] = records;
    if (header?.type !== 'header') throw new Error('no header');
    return { subject: header.subject, records };
  });
  const [first = []] = histories;
  return judgeScenario(scenarioOf(first), sides, [
    { scenario: 'quorum-loss/made', field: 'services.web.slots', reason: 'known' },
  ]);
}

const IMAGE = 'services.web.spec.TaskTemplate.ContainerSpec.Image';

describe('of three subjects', () => {
  test('each is compared with the first', () => {
    const { comparison } = judge(history('swarm'), otherImage('twin'), otherImage('sim'));
    expect(comparison.differences).toMatchObject([
      { field: IMAGE, subject: 'twin' },
      { field: IMAGE, subject: 'sim' },
    ]);
    expect(judge(history('swarm'), history('twin'), history('sim')).sameness).toBe('same');
  });

  test('the third decides where it alone differs, and the reason names it', () => {
    const { comparison, sameness } = judge(history('swarm'), history('twin'), otherImage('sim'));
    expect(sameness).toBe('different');
    expect(comparison.reason).toContain(`sim: ${IMAGE}: `);
    expect(comparison.differences.every(({ subject }) => subject === 'sim')).toBe(true);
  });

  test('the second decides just as well', () => {
    const { comparison } = judge(history('swarm'), otherImage('twin'), history('sim'));
    expect(comparison).toMatchObject({ sameness: 'different', differences: [{ subject: 'twin' }] });
  });

  test('a difference weighs more than what could not be judged', () => {
    const { sameness } = judge(history('swarm'), history('twin', '', true), otherImage('sim'));
    expect(sameness).toBe('different');
    expect(judge(history('swarm'), history('twin', '', true), history('sim')).sameness).toBe(
      'inconclusive',
    );
  });

  test('a known divergence that any of them shows is not healed', () => {
    const seen = judge(history('swarm'), history('twin'), history('sim', 'odd'));
    expect(seen.comparison.healed).toEqual([]);
    const gone = judge(history('swarm'), history('twin'), history('sim'));
    expect(gone.comparison.healed).toEqual(['services.web.slots: known']);
  });
});

describe('a scenario that cannot be played on all subjects', () => {
  const notPlayed = { 'twin-agents': 'it promotes a worker' } as const;
  const judgeOf = (...subjects: readonly Subject[]): ScenarioVerdict =>
    judgeScenario(
      scenarioOf(history('swarm')),
      subjects.map((subject) => ({ subject, records: history(subject) })),
      [],
      { notPlayed },
    );

  test('is compared on those that are left, and says on which it was not played', () => {
    expect(judgeOf('swarm', 'twin')).toMatchObject({ sameness: 'same', notPlayed });
  });

  test('is not compared where one is left, and that is nothing inconclusive', () => {
    const alone = judgeOf('swarm');
    expect(alone.sameness).toBe('not-compared');
    expect(exitCodeOf([alone])).toBe(0);
  });

  test('turns a run of itself alone red where none is left', () => {
    const none = judgeOf();
    expect(none).toMatchObject({ sameness: 'not-compared', claims: [], notPlayed });
    expect(exitCodeOf([none])).toBe(2);
  });
});

test('of two subjects the reason needs no name, and of one there is nothing to compare', () => {
  expect(judge(history('swarm'), otherImage('sim')).comparison.reason).toContain(`${IMAGE}: `);
  expect(judge(history('swarm'))).toMatchObject({
    sameness: 'inconclusive',
    comparison: { reason: 'only one subject was played', differences: [] },
  });
});

function otherImage(subject: Subject): readonly HistoryRecord[] {
  const made = new MadeHistory({ managers: 1, workers: 0 }, [], subject).at(1);
  return made.service('web', { replicas: 1, image: 'v2' }).task('web.1').at(9).end();
}
