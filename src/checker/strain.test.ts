import { describe, expect, test } from '@jest/globals';
import type { ClaimVerdict } from '../model/verdict.ts';
import { MadeHistory } from './made-history.ts';
import { compareHistories } from './sameness.ts';

const SHAPE = { managers: 2, workers: 0 };

/** Two managers, the leader is lost and returns; a leader answers again after so many seconds. */
const afterReturn = (seconds: number, strained: number): MadeHistory =>
  new MadeHistory(SHAPE, ['Q5'])
    .at(1)
    .create('n1', 'web', { replicas: 1 })
    .service('web', { replicas: 1 })
    .at(10)
    .fault('lost', { kind: 'stop', node: 'n1' })
    .strain(strained)
    .control('n2', 'no-leader')
    .at(60)
    .heal('lost')
    .at(60 + seconds)
    .eye('n2')
    .control('n2', 'ok')
    .node('n2', { leader: true, reachability: 'reachable' })
    .node('n1', { leader: false, reachability: 'reachable', state: 'ready' })
    .service('web', { replicas: 1 });

const verdictOf = (seconds: number, strained: number): ClaimVerdict =>
  afterReturn(seconds, strained).verdict();

describe('on a machine that did not keep up', () => {
  test('what is late is not judged, and the reason says by how much the machine fell behind', () => {
    expect(verdictOf(900, 0).verdict).toBe('fails');
    const strained = verdictOf(900, 5);
    expect(strained.verdict).toBe('inconclusive');
    expect(strained.reason).toMatch(
      /^the machine was short of processor time in 5 of 9\d\d\.\d s .* otherwise it fails: /,
    );
  });

  test('single seconds excuse nothing', () => {
    expect(verdictOf(900, 4).verdict).toBe('fails');
  });

  test('two histories that differ are not told apart, but the difference is kept', () => {
    const plain = afterReturn(5, 0).end().slice();
    const other = (strained: number) =>
      compareHistories(
        plain,
        afterReturn(5, strained).read('n2', { outcome: 'fail', status: 500, text: 'odd' }).end(),
      );
    expect(other(0).sameness).toBe('different');
    expect(other(5)).toMatchObject({ sameness: 'inconclusive' });
    expect(other(5).differences).toEqual(other(0).differences);
  });
});
