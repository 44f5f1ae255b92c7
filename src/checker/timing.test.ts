import { describe, expect, test } from '@jest/globals';
import type { Timing } from '../model/verdict.ts';
import { isOutside } from '../model/verdict.ts';
import { MadeHistory } from './made-history.ts';
import { timingsOf } from './timing.ts';

const begun = (managers: number, workers: number): MadeHistory =>
  new MadeHistory({ managers, workers }, [])
    .at(1)
    .service('web', { replicas: 2 })
    .at(2)
    .task('web.1', { node: `n${managers + workers}` })
    .task('web.2', { node: 'n1' });

const lost = (): MadeHistory =>
  begun(1, 1)
    .at(10)
    .fault('lost', { kind: 'kill', node: 'n2' })
    .at(22)
    .node('n2', { state: 'down' })
    .task('web.1', { desired: 'shutdown' })
    .replace('web.1.b', 'n1', 5.5)
    .at(40)
    .heal('lost')
    .at(46)
    .node('n2', { state: 'ready' });

function timeOf(made: MadeHistory, name: string): Timing | undefined {
  return timingsOf(made.end()).find((timing) => timing.name === name);
}

describe('a time', () => {
  test('carries the range that the settings allow, the phases one after the other', () => {
    const ranges = Object.fromEntries(
      timingsOf(lost().at(60).end()).map(({ name, ms, range }) => [
        name,
        [ms, range?.lowMs, range?.highMs],
      ]),
    );
    expect(ranges).toMatchObject({
      'to down': [12_000, 8000, 17_750],
      'to refill': [12_000, 6750, 19_000],
      'to running': [17_500, 11_500, 26_500],
      'heal to ready': [6000, 0, 33_250],
    });
  });

  test('to the error has a range where the loss takes the majority, none where a later one does', () => {
    const begin = (): MadeHistory =>
      begun(5, 0).at(10).fault('first', { kind: 'kill', node: 'n4' }).at(20);
    const made = begin().fault('second', { kind: 'kill', node: 'n3' }).at(30);
    made.fault('third', { kind: 'kill', node: 'n2' }).at(54).control('n1', 'no-leader').at(60);
    const errors = timingsOf(made.end()).filter(({ name }) => name === 'to error');
    expect(errors.map(({ ms, range }) => [ms, range?.highMs])).toEqual([
      [44_000, undefined],
      [34_000, undefined],
      [24_000, 32_250],
    ]);
  });

  test('to the leader may be that of an election whose first campaign a lease defeats, and the formula says how often that is', () => {
    const leaderAt = (second: number, managers = 3): Timing | undefined => {
      const made = begun(managers, 0).eye('n2').at(10).fault('lost', { kind: 'kill', node: 'n1' });
      made.at(second).node('n1', { leader: false }).node('n2', { leader: true }).at(60);
      return timeOf(made, 'to leader');
    };
    const seen = leaderAt(37.8);
    expect(seen).toMatchObject({ ms: 27_800, range: { lowMs: 8000, highMs: 30_250 } });
    expect(seen?.range?.formula).toMatch(/at most 10 % of elections among 3 managers/);
    expect(leaderAt(20, 5)?.range?.formula).toMatch(/at most 19 % .* among 5 managers/);
    expect([17.9, 37.8, 40.3].map((second) => isOutside(leaderAt(second) as Timing))).toEqual([
      ...[true, false, true],
    ]);
  });

  test('outside of it is told from one inside, and one that was never seen is neither', () => {
    const down = timeOf(lost().at(60), 'to down');
    if (down === undefined) throw new Error('no time to down');
    expect(isOutside(down)).toBe(false);
    expect(isOutside({ ...down, ms: 17_751 })).toBe(true);
    expect(isOutside({ ...down, ms: 7999 })).toBe(true);
    expect(isOutside({ ...down, ms: null })).toBe(false);
  });

  test('has more room where the machine did not keep up, and the formula says so', () => {
    const { range } = timeOf(lost().strain(6).at(60), 'to down') ?? {};
    expect(range).toMatchObject({ lowMs: 8000, highMs: 27_750 });
    expect(range?.formula).toMatch(/^8 to 27\.75 s: .* short of processor time$/);
  });
});

describe('convergence', () => {
  test('is there when the last node is ready and the last old task has ended', () => {
    const old = lost().at(47.5).task('web.1', { state: 'shutdown' });
    expect(timeOf(old.at(60), 'heal to converged')?.ms).toBe(7500);
  });

  test('is not there where a node did not come back before the next thing was done', () => {
    const away = begun(1, 1)
      .at(10)
      .fault('lost', { kind: 'kill', node: 'n2' })
      .at(22)
      .node('n2', { state: 'down' })
      .at(40)
      .heal('lost');
    expect(timeOf(away.at(60), 'heal to converged')).toBeUndefined();
  });
});
