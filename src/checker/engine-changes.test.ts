import { describe, expect, test } from '@jest/globals';
import type { HistoryRecord } from '../model/history.ts';
import type { EngineLine } from '../model/engines.ts';
import type { ClaimVerdict, Verdict } from '../model/verdict.ts';
import { changesBetween, type EngineSide } from './engine-changes.ts';
import { judgeScenario } from './judge-scenario.ts';
import { MadeHistory } from './made-history.ts';

/** One service on one node, with an image and the error that its task ends with. */
function history(image: 'v1' | 'v2', err = '', cut = false): readonly HistoryRecord[] {
  const made = new MadeHistory({ managers: 1, workers: 0 }, [], 'swarm').at(1);
  made.service('web', { replicas: 1, image }).task('web.1').at(5);
  if (err !== '') made.task('web.1', { state: 'failed', err });
  return cut ? made.records : made.at(9).end();
}

function side(
  line: EngineLine,
  records: readonly HistoryRecord[],
  claims: readonly Verdict[] = [],
): EngineSide {
  const [header] = records;
  if (header?.type !== 'header') throw new Error('no header');
  const verdict = judgeScenario(header.scenario, [{ subject: 'swarm', records }]);
  const made = claims.map((each): ClaimVerdict => ({
    ...{ id: 'R1', subject: 'swarm', verdict: each, reason: `${each} on ${line}`, evidence: [] },
  }));
  return { line, plays: [() => records], verdict: { ...verdict, claims: made } };
}

describe('from one engine to the next', () => {
  test('nothing changed where real Swarm does the same', () => {
    expect(changesBetween(side('26.1', history('v1')), side('28.5', history('v1')))).toEqual({
      changes: [],
      unclear: '',
    });
  });

  test('a difference of real Swarm is a change, sorted by what it is', () => {
    const { changes } = changesBetween(
      side('20.10', history('v1')),
      side('26.1', history('v2', 'odd')),
    );
    expect(changes.map(({ kind, what, from, to }) => [kind, what, from, to])).toEqual([
      ['text', 'services.web.slots', '20.10', '26.1'],
      ['text', 'services.web.spec.TaskTemplate.ContainerSpec.Image', '20.10', '26.1'],
      ['end', 'end.placement.web', '20.10', '26.1'],
    ]);
  });

  test('what many answers have in common is one change', () => {
    const answered = (value: object, other: string): readonly HistoryRecord[] =>
      new MadeHistory({ managers: 1, workers: 0 }, [], 'swarm')
        .call('n1', 'POST', '/secrets/create', { value }, {}, 'create web')
        .call('n1', 'POST', '/secrets/create', { value }, {}, 'create shop')
        .call('n1', 'GET', '/info', { value: { Error: other } }, {}, 'info')
        .end();
    const { changes } = changesBetween(
      side('20.10', answered({ ID: 'a' }, '')),
      side('26.1', answered({ ID: 'a', Warnings: null }, 'odd')),
    );
    expect(changes.map(({ what, before, after }) => [what, before, after])).toEqual([
      ['answers.create web.Warnings, and 1 alike', 'not there', 'null'],
      ['answers.info.Error', '', 'odd'],
    ]);
  });

  test('what one play shows and another does not is chance', () => {
    const twice = (line: EngineLine, ...images: readonly ('v1' | 'v2')[]): EngineSide => ({
      ...side(line, history('v1')),
      plays: images.map((image) => () => history(image)),
    });
    const changed = (...images: readonly ('v1' | 'v2')[]): number =>
      changesBetween(twice('20.10', 'v1', 'v1'), twice('26.1', ...images)).changes.length;
    expect([changed('v2', 'v2'), changed('v1', 'v2'), changed('v2', 'v1')]).toEqual([1, 0, 0]);
  });

  test('a claim that holds no more is a change, one that could not be judged is none', () => {
    const judged = (before: Verdict, after: Verdict) =>
      changesBetween(side('26.1', history('v1'), [before]), side('28.5', history('v1'), [after]));
    expect(judged('holds', 'fails').changes).toEqual([
      {
        ...{ scenario: 'quorum-loss/made', kind: 'claim', what: 'R1 on swarm' },
        ...{
          from: '26.1',
          to: '28.5',
          before: 'holds: holds on 26.1',
          after: 'fails: fails on 28.5',
        },
      },
    ]);
    expect(judged('holds', 'inconclusive').changes).toEqual([]);
    expect(judged('holds', 'holds').changes).toEqual([]);
  });

  test('a history that was cut off tells nothing, and that is said', () => {
    const { changes, unclear } = changesBetween(
      side('26.1', history('v1')),
      side('28.5', history('v2', '', true)),
    );
    expect(changes).toEqual([]);
    expect(unclear).toBe('quorum-loss/made, 26.1 and 28.5: swarm: the history was cut off');
  });
});
