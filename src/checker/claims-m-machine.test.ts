import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../model/fault.ts';
import { MadeHistory } from './made-history.ts';

describe('M8: the ports of nodes', () => {
  const ALL = ['2377/tcp', '4789/udp', '7946/tcp', '7946/udp'];
  const made = (
    manager: readonly string[],
    worker: readonly string[],
    connected: readonly string[] = ['2377/tcp'],
  ): MadeHistory => {
    const looked = { looked: 'made' };
    return new MadeHistory({ managers: 1, workers: 1 }, ['M8'])
      .at(5)
      .ports({ ...looked, node: 'n1', listens: manager, connected: [] })
      .ports({ ...looked, node: 'n2', listens: worker, connected });
  };

  test('hold where managers listen for control and everybody for gossip and data', () => {
    expect(made(ALL, ALL.slice(1)).verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['a manager without control', made(ALL.slice(1), ALL.slice(1)), 'n1, a manager, does not'],
    ['a node without gossip', made(ALL, ['4789/udp', '7946/tcp']), 'listen on 7946/udp'],
    ['a node without overlay data', made(ALL, ['7946/tcp', '7946/udp']), 'listen on 4789/udp'],
    ['a worker that offers control', made(ALL, ALL), 'n2, a worker, listens on 2377/tcp'],
    ['a worker without a manager', made(ALL, ALL.slice(1), []), 'is connected to no 2377/tcp'],
  ])('fail on %s', (_, history, reason) => {
    expect(history.verdict()).toMatchObject({
      verdict: 'fails',
      reason: expect.stringContaining(reason),
    });
  });

  test('are open where not both roles were looked at', () => {
    const history = new MadeHistory({ managers: 1, workers: 1 }, ['M8']);
    const seen = { node: 'n1', looked: 'made', listens: ALL, connected: [] };
    expect(history.ports(seen).verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M10: clocks apart', () => {
  const skew: Fault = { kind: 'skew-clock', node: 'n2', offsetMs: 300_000 };
  const lost: Fault = { kind: 'kill', node: 'n1' };

  /** A service is made under skewed clocks, the leader is killed, and its slot is refilled `refillS` after, by the new one's clock five minutes in the time to come. */
  function made({ isPlaced = true, isElected = true, refillS = 50 } = {}): MadeHistory {
    const history = new MadeHistory({ managers: 3, workers: 0 }, ['M10'])
      .at(1)
      .service('web', { replicas: 1 })
      .task('web.1.a', { node: 'n1' })
      .at(5)
      .fault('ahead', skew)
      .at(6)
      .create('n1', 'right', { replicas: 1 })
      .service('right', { replicas: 1 });
    if (isPlaced) history.at(7).task('right.1.a', { node: 'n2', changedMs: 307_000 });
    history.at(10).fault('lost', lost).at(22).eye('n2');
    if (isElected)
      history
        .node('n1', { leader: false, reachability: 'unreachable', state: 'unknown' })
        .node('n2', { leader: true });
    history.read('n2').later().read('n2');
    history.at(50).node('n1', { state: 'down' });
    history.at(10 + refillS);
    history.task('web.1.a', { desired: 'shutdown' });
    history.task('web.1.b', { node: 'n3', createdMs: 360_000, changedMs: 360_000 });
    return history.at(200).heal('lost').at(210).heal('ahead').at(220);
  }

  test('hold where services are placed, a leader elected and slots refilled all the same', () => {
    expect(made().verdict()).toMatchObject({
      verdict: 'holds',
      reason: expect.stringContaining('with clocks apart (n2 by 300.0 s): '),
    });
  });

  test.each([
    ['what is not placed', made({ isPlaced: false }), 'of 1 tasks of right 0 ran'],
    ['a swarm that has no leader any more', made({ isElected: false }), 'leader'],
    ['a slot that is filled late', made({ refillS: 150 }), 'was not refilled within'],
  ])('fail on %s', (_, history, reason) => {
    expect(history.verdict()).toMatchObject({
      verdict: 'fails',
      reason: expect.stringContaining(reason),
    });
  });

  test('are open where no clock was set off, and where nothing was lost', () => {
    const calm = new MadeHistory({ managers: 3, workers: 0 }, ['M10']).at(1);
    expect(calm.create('n1', 'web', { replicas: 1 }).at(30).verdict()).toMatchObject({
      verdict: 'inconclusive',
      reason: 'no clock was set off',
    });
    const idle = new MadeHistory({ managers: 3, workers: 0 }, ['M10']).at(1).fault('ahead', skew);
    idle.create('n1', 'web', { replicas: 1 }).service('web', { replicas: 1 });
    idle.at(2).task('web.1.a', { node: 'n1' }).at(30).heal('ahead');
    expect(idle.verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});
