import { describe, expect, test } from '@jest/globals';
import type { Aspect, FidelityRun } from '../model/fidelity.ts';
import type { HistoryRecord } from '../model/history.ts';
import { judgeFidelity } from './fidelity.ts';
import { isMiss, phasesSeen, ratesOf } from './fidelity-rates.ts';
import { MadeHistory } from './made-history.ts';

interface Outage {
  readonly leader?: string;
  readonly downS?: number;
  /** Where slots 2 and 3 run at first; slot 1 runs on the leader. */
  readonly on?: readonly [string, string];
  readonly refilledOn?: string;
  readonly err?: string;
  readonly strain?: number;
  readonly refused?: boolean;
}

/** The leader of three managers is killed at 10 s and comes back at 70 s; its slot is refilled. */
function outage(change: Outage = {}, subject: 'swarm' | 'sim' = 'sim'): readonly HistoryRecord[] {
  const { leader = 'n1', downS = 52, refilledOn = 'n2', err = '', strain = 0 } = change;
  const others = ['n1', 'n2', 'n3'].filter((name) => name !== leader);
  const [second = 'n2', third = 'n3'] = change.on ?? others;
  const history = new MadeHistory({ managers: 3, workers: 0 }, [], subject);
  const survivor = others[0] ?? '';
  history.eye(survivor);
  if (leader !== 'n1') history.node('n1', { leader: false }).node(leader, { leader: true });
  history.at(1).create(survivor, 'web', { replicas: 3 }).service('web', { replicas: 3 });
  history.at(2).task('web.1', { node: leader }).task('web.2', { node: second });
  history.task('web.3', { node: third }).strain(strain);
  history.at(10).fault('lost', { kind: 'kill', node: leader });
  history.at(22).node(leader, { leader: false }).node(survivor, { leader: true });
  history.at(downS).node(leader, { state: 'down', reachability: 'unreachable' });
  history.task('web.1', { desired: 'shutdown' }).replace('web.1.b', refilledOn);
  history.at(70).heal('lost');
  history.at(75).node(leader, { state: 'ready', reachability: 'reachable' });
  history.task('web.1', { state: 'failed', err, exitCode: 255 });
  history.call(
    survivor,
    'GET',
    '/nodes',
    change.refused === true ? { outcome: 'fail', status: 500 } : {},
  );
  return history.at(90).end();
}

const SCENARIO = { name: 'made', title: 'made by hand', seed: 's' };
const judged = (real: Outage, ...draws: readonly Outage[]): FidelityRun =>
  judgeFidelity(
    SCENARIO,
    outage(real, 'swarm'),
    draws.map((each) => outage(each)),
  );

const wrongIn = ({ aspects }: FidelityRun): readonly Aspect[] =>
  aspects.filter(({ right }) => !right).map(({ aspect }) => aspect);

describe('a prediction', () => {
  test('that real Swarm bears out is right in every respect', () => {
    const run = judged({}, {});
    expect(run).toMatchObject({ doubt: '', scenario: 'made', seed: 's' });
    expect(wrongIn(run)).toEqual([]);
    expect(run.aspects.map(({ text }) => text)).toEqual(['', '', '', '', '']);
  });

  test('is right although another node led: what was lost is the leader, whatever its name', () => {
    expect(wrongIn(judged({ leader: 'n2', refilledOn: 'n1' }, {}))).toEqual([]);
  });

  test('is right although a tie was decided otherwise', () => {
    expect(wrongIn(judged({ refilledOn: 'n3' }, { refilledOn: 'n2' }))).toEqual([]);
  });

  test('is right although two causes met in one slot instead of two: which, is a tie of ties', () => {
    const twice = (
      slots: readonly [string, string],
      subject: 'swarm' | 'sim',
    ): readonly HistoryRecord[] => {
      const made = new MadeHistory({ managers: 1, workers: 0 }, [], subject).at(1);
      made.service('web', { replicas: 2 }).task('web.1.a').task('web.2.a');
      const [first, second] = slots;
      made.at(5).task(`web.${first}.a`, { desired: 'shutdown', state: 'failed', err: 'one' });
      made.at(6).task(`web.${first}.b`);
      const next = first === second ? 'b' : 'a';
      made
        .at(15)
        .task(`web.${second}.${next}`, { desired: 'shutdown', state: 'failed', err: 'two' });
      return made.at(16).task(`web.${second}.c`).at(30).end();
    };
    const run = judgeFidelity(SCENARIO, twice(['1', '2'], 'swarm'), [twice(['1', '1'], 'sim')]);
    expect(wrongIn(run)).toEqual([]);
    const none = judgeFidelity(SCENARIO, twice(['1', '2'], 'swarm'), [outage()]);
    expect(wrongIn(none)).toContain('order');
  });

  test('that has two tasks too many on one node is wrong in the placement alone', () => {
    const run = judged({ on: ['n2', 'n2'] }, {});
    expect(wrongIn(run)).toEqual(['placement']);
    expect(run.aspects.find(({ aspect }) => aspect === 'placement')?.text).toBe(
      'web on nodes (any): real 0 3 | simulated 1 2',
    );
  });

  test('that ends a task with another text is wrong in the order of states', () => {
    const run = judged({ err: 'task: non-zero exit (255)' }, {});
    expect(wrongIn(run)).toEqual(['order']);
    expect(run.aspects[2]?.text).toMatch(/^services\.web\.slots: real .*non-zero.* \| simulated /);
  });

  test('of an answer that was refused is wrong in the answers', () => {
    expect(wrongIn(judged({}, { refused: true }))).toEqual(['answers']);
  });

  test('of a node that is Down too late for the settings is wrong in the times, and says both', () => {
    const run = judged({}, { downS: 60 });
    expect(wrongIn(run)).toEqual(['times']);
    expect(run.aspects[4]?.text).toMatch(
      /^lost, leader to down: real 30\.0 s \| simulated 38\.0 s; 25\.75 to 34\.25 s: six heartbeat/,
    );
  });

  test('that only another draw makes good is possible, and no miss', () => {
    const run = judged({}, { downS: 60, err: 'odd' }, { downS: 51 });
    expect(wrongIn(run)).toEqual(['order', 'times']);
    expect(run.aspects.every(({ possible }) => possible)).toBe(true);
    expect(isMiss(run)).toBe(false);
  });

  test('that no draw makes good is a miss', () => {
    expect(isMiss(judged({ err: 'odd' }, {}, { downS: 51 }))).toBe(true);
  });

  test('is held against one more draw of its own too', () => {
    const run = judged({}, {}, { err: 'odd' });
    expect(run.itself.filter(({ right }) => !right).map(({ aspect }) => aspect)).toEqual(['order']);
    expect(judged({}, {}).itself).toEqual([]);
  });

  test('that was not played to its end is right in nothing', () => {
    const cut = outage().slice(0, -1);
    const run = judgeFidelity(SCENARIO, outage({}, 'swarm'), [cut]);
    expect(wrongIn(run)).toHaveLength(5);
    expect(run.aspects[0]?.text).toMatch(/not played to its end: the history was cut off/);
  });
});

describe('nothing is said of a run of real Swarm', () => {
  test('that was cut off, or never began', () => {
    const draws = [outage()];
    expect(judgeFidelity(SCENARIO, outage({}, 'swarm').slice(0, -1), draws).doubt).toMatch(
      /cut off/,
    );
    expect(judgeFidelity(SCENARIO, [], draws).doubt).toBe('real Swarm has no history');
  });
});

test('a run during which the machine did not keep up is marked, even where all was as predicted', () => {
  const run = judged({ strain: 5 }, {});
  expect(run.strain).toMatch(/short of processor time/);
  expect(wrongIn(run)).toEqual([]);
  expect(judged({ strain: 4 }, {}).strain).toBe('');
});

describe('the rates', () => {
  const runs = [judged({}, {}), judged({}, { err: 'odd' }, {}), judged({ err: 'odd' }, {}, {})];
  const doubted = { ...judged({}, {}), doubt: 'cut off', aspects: [] };

  test('count what was predicted and what was possible, apart', () => {
    const order = ratesOf(runs).find(({ aspect }) => aspect === 'order');
    expect(order?.predicted).toMatchObject({ right: 1, of: 3 });
    expect(order?.possible).toMatchObject({ right: 2, of: 3 });
  });

  test('leave out what could not be judged', () => {
    expect(ratesOf([...runs, doubted])[0]?.predicted.of).toBe(3);
  });

  test('call a run right altogether only where every aspect is', () => {
    expect(ratesOf(runs).at(-1)).toMatchObject({ aspect: 'all', predicted: { right: 1, of: 3 } });
  });

  test('have the simulator against itself beside them, over the runs with draws to spare', () => {
    expect(ratesOf(runs).at(-1)?.itself.predicted).toMatchObject({ right: 1, of: 2 });
  });
});

test('the phases of all runs are summed up with their range', () => {
  const runs = [judged({}, { downS: 60 }), judged({ downS: 50 }, { downS: 51 })];
  expect(phasesSeen(runs).find(({ name }) => name === 'leader to down')).toMatchObject({
    real: { leastMs: 28_000, medianMs: 29_000, mostMs: 30_000 },
    realInRange: { right: 2, of: 2 },
    simulatedInRange: { right: 1, of: 2 },
  });
});
