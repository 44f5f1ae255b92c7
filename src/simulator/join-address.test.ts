/** A node that asks nobody but the manager that it joined through to make it a manager (moby up to 20.10; issues 34835 and 37175). */
import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../model/errors.ts';
import type { Node } from '../model/objects.ts';
import { failed, type Done } from '../model/result.ts';
import type { JoinReply } from '../swarm/manager/consensus-ports.ts';
import type { NodeInfo } from '../swarm/node/node-info.ts';
import { World } from './world.ts';

/** m1, through which all joined, is a worker by now, and m2 leads. */
function demoted(keepsJoinAddress: boolean): World {
  const swarm = World.of(2, 1, { keepsJoinAddress });
  swarm.createService('web', 0, { Mode: { Global: {} } });
  swarm.until('all run', () => swarm.running('web').length === 3);
  swarm.updateNode('m1', { Role: 'worker' });
  swarm.until('m1 is a worker', () => swarm.machine('m1').node.role() === 'worker');
  swarm.until('all are ready', () => swarm.nodes().every(({ status }) => status.state === 'ready'));
  return swarm;
}

/** By its name: a node that has ended does not tell its id. */
const listed = (swarm: World, name: string): Node => {
  const node = swarm.nodes().find(({ description }) => description?.hostname === name);
  if (node === undefined) throw new Error(`${name} is not listed`);
  return node;
};

const isManager = (swarm: World, name: string): boolean =>
  swarm
    .control('m2', { method: 'list-nodes', filters: {} })
    .some(({ node, manager }) => node.description?.hostname === name && manager !== undefined);

const infoOf = (swarm: World, name: string): NodeInfo =>
  swarm.wait<NodeInfo>((done) => {
    swarm.machine(name).node.info(done);
  });

const isDown = (swarm: World): boolean => listed(swarm, 'w1').status.state === 'down';

function broken(): World {
  const swarm = demoted(true);
  swarm.updateNode('w1', { Role: 'manager' });
  swarm.until('w1 is down', () => isDown(swarm), 17_000);
  return swarm;
}

describe('a worker that is promoted after the manager that it joined through was demoted', () => {
  test('becomes a manager at once where it asks any that it knows', () => {
    const swarm = demoted(false);
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('a manager', () => isManager(swarm, 'w1'), 2000);
    expect(swarm.running('web')).toHaveLength(3);
  });

  test('ends with its whole node, and its containers run on', () => {
    const swarm = demoted(true);
    const before = [...swarm.machine('w1').engine.running];
    const { id } = listed(swarm, 'w1');
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('the node ends', () => infoOf(swarm, 'w1').localNodeState === 'error', 2000);
    expect(infoOf(swarm, 'w1')).toMatchObject({
      ...{ nodeId: '', nodeAddr: 'w1', remoteManagers: [], controlAvailable: false },
      error: expect.stringMatching(
        /^manager stopped: can't initialize raft node: rpc error: code = Unavailable/,
      ),
    });
    swarm.until('w1 is down', () => isDown(swarm), 17_000);
    swarm.advance(120_000);
    expect(listed(swarm, 'w1')).toMatchObject({
      spec: { Role: 'manager' },
      status: { state: 'down', message: 'heartbeat failure' },
    });
    expect(isManager(swarm, 'w1')).toBe(false);
    const own = swarm.tasks('web').filter(({ nodeId }) => nodeId === id);
    expect(own).toMatchObject([{ desiredState: 'shutdown', status: { state: 'running' } }]);
    expect([...swarm.machine('w1').engine.running]).toEqual(before);
    expect(swarm.running('web')).toHaveLength(2);
  });

  test('begins anew after 0.2 s, 0.4 s and so on up to 30 s', () => {
    const swarm = broken();
    swarm.advance(180_000);
    const ends = swarm.lines
      .filter(({ machine, message }) => machine === 'w1' && message.startsWith('the node ended'))
      .map(({ at }) => at);
    const pauses = ends.slice(1).map((at, n) => (at - (ends[n] ?? 0)) / 1000);
    for (const [n, due] of [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30].entries())
      expect(pauses[n]).toBeCloseTo(due, 0);
  });

  test('becomes one once that manager is one again', () => {
    const swarm = broken();
    swarm.updateNode('m1', { Role: 'manager' });
    swarm.until('a manager', () => isManager(swarm, 'w1'), 40_000);
    swarm.until('ready', () => !isDown(swarm), 10_000);
    expect(infoOf(swarm, 'w1')).toMatchObject({ localNodeState: 'active', error: '' });
    swarm.until('all run', () => swarm.running('web').length === 3, 20_000);
  });

  test('becomes one at once where its daemon was restarted before: the address is in memory only', () => {
    const swarm = demoted(true);
    swarm.machine('w1').kill();
    swarm.machine('w1').start();
    swarm.until('ready', () => swarm.machine('w1').node.localState() === 'active');
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('a manager', () => isManager(swarm, 'w1'), 2000);
  });
});

test('a worker that managers of another kind promote goes on as an agent', () => {
  const swarm = World.of(1, 1, { keepsJoinAddress: true });
  const refusal = new SwarmError('FailedPrecondition', 'of another kind');
  Object.assign(swarm.machine('m1').node.services?.membership ?? {}, {
    join: (_id: string, _addr: string, _caller: string, done: Done<JoinReply>) => {
      done(failed(refusal));
    },
  });
  swarm.updateNode('w1', { Role: 'manager' });
  swarm.until('it was refused', () => infoOf(swarm, 'w1').error === refusal.text, 5000);
  swarm.advance(60_000);
  expect(infoOf(swarm, 'w1')).toMatchObject({ localNodeState: 'active', error: refusal.text });
  expect(isDown(swarm)).toBe(false);
});

describe('a daemon that is restarted after that', () => {
  const restarted = (): World => {
    const swarm = broken();
    swarm.machine('w1').kill();
    swarm.machine('w1').start();
    return swarm;
  };

  test('still knows no other manager, and tries but once', () => {
    const swarm = restarted();
    swarm.until('the node ends', () => infoOf(swarm, 'w1').localNodeState === 'error', 2000);
    swarm.updateNode('m1', { Role: 'manager' });
    swarm.advance(120_000);
    expect(infoOf(swarm, 'w1')).toMatchObject({ localNodeState: 'error', nodeId: '' });
    expect(isDown(swarm)).toBe(true);
  });

  test('can leave, and join as another node', () => {
    const swarm = restarted();
    swarm.advance(1000);
    swarm.wait<null>((done) => {
      swarm.machine('w1').node.leave(done);
    });
    swarm.join('w1', 'manager');
    expect(isManager(swarm, 'w1')).toBe(true);
  });
});
