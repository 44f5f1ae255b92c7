import { describe, expect, test } from '@jest/globals';
import { World } from './world.ts';

const other = (name: string): string =>
  ['m1', 'm2', 'm3'].find((candidate) => candidate !== name) ?? '';

const managers = (swarm: World): readonly string[] =>
  swarm
    .control(swarm.leader(), { method: 'list-nodes', filters: {} })
    .filter((view) => view.manager !== undefined)
    .map((view) => view.node.description?.hostname ?? '')
    .sort();

describe('a worker that is promoted', () => {
  test('becomes a raft member with a new certificate within two seconds, and keeps its tasks', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const { node, engine } = swarm.machine('w1');
    const before = [...engine.running];
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('a raft member', () => managers(swarm).includes('w1'), 2000);
    swarm.until('its manager serves', () => node.managerReady(), 2000);
    expect(node.role()).toBe('manager');
    expect(swarm.control('w1', { method: 'get-cluster' }).id).not.toBe('');
    swarm.advance(10_000);
    expect([...engine.running]).toEqual(before);
    expect(swarm.tasks('web')).toHaveLength(2);
  });

  test('gets there also when no manager answers at first', () => {
    const swarm = World.of(1, 1);
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.advance(100);
    swarm.network.isolate('w1');
    swarm.advance(4000);
    swarm.network.heal();
    swarm.until('a raft member', () => managers(swarm).includes('w1'), 60_000);
  });
});

describe('a worker that is promoted and cannot become a manager', () => {
  test('goes on as an agent, with its tasks and new ones, and is not taken for a manager', () => {
    const swarm = World.of(1);
    const joinToken = swarm.token('worker');
    const { node, engine } = swarm.machine('w1');
    // The leader knocks at a promoted node's port before it takes it in, and at this address nobody answers.
    const where = { listenAddr: '0.0.0.0:2377', advertiseAddr: 'elsewhere:2377' };
    swarm.wait<null>((done) => {
      node.join({ ...where, remoteAddr: 'm1:2377', joinToken, availability: 'active' }, done);
    });
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const before = [...engine.running];
    expect(before).not.toEqual([]);
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('it has the certificate', () => node.role() === 'manager');
    swarm.advance(60_000);
    expect(managers(swarm)).toEqual(['m1']);
    expect([node.localState(), node.managerReady()]).toEqual(['active', false]);
    expect(swarm.nodeOf('w1').status.state).toBe('ready');
    expect([...engine.running]).toEqual(before);
    swarm.createService('more', 4);
    swarm.until('new tasks run', () => swarm.running('more').length === 4, 20_000);
    expect([...engine.running].length).toBeGreaterThan(before.length);
  });
});

describe('a manager that is demoted', () => {
  test('is no raft member any more, becomes a worker, and answers as one', () => {
    const swarm = World.of(3);
    const leader = swarm.leader();
    const name = other(leader);
    const { node } = swarm.machine(name);
    swarm.createService('web', 3);
    swarm.until('three run', () => swarm.running('web').length === 3);
    swarm.updateNode(name, { Role: 'worker' });
    swarm.until('a worker', () => node.role() === 'worker', 3000);
    expect(managers(swarm)).not.toContain(name);
    expect(swarm.nodeOf(name).role).toBe('worker');
    expect(node.manager).toBeNull();
    expect([node.localState(), node.managerReady()]).toEqual(['active', false]);
    const asked = swarm.asking(name, { method: 'get-cluster' });
    expect(asked.result).toMatchObject({ ok: false, error: { code: 'Unavailable' } });
    swarm.until('ready as a worker', () => swarm.nodeOf(name).status.state === 'ready', 20_000);
    swarm.advance(30_000);
    expect(swarm.nodeOf(name).status.state).toBe('ready');
    expect(swarm.running('web')).toHaveLength(3);
    expect(swarm.tasks('web')).toHaveLength(3);
  });

  test('keeps nothing of the raft log on its disk', () => {
    const swarm = World.of(3);
    const name = other(swarm.leader());
    const { disk } = swarm.machine(name);
    expect(disk.raft.entries).not.toEqual([]);
    swarm.updateNode(name, { Role: 'worker' });
    swarm.until('a worker', () => swarm.machine(name).node.role() === 'worker');
    swarm.advance(10);
    expect(disk.raft.entries).toEqual([]);
    expect(disk.load()?.raftId).toBe('');
  });

  test('may be promoted again', () => {
    const swarm = World.of(3);
    const name = other(swarm.leader());
    swarm.updateNode(name, { Role: 'worker' });
    swarm.until('a worker', () => swarm.machine(name).node.role() === 'worker');
    swarm.advance(5000);
    swarm.updateNode(name, { Role: 'manager' });
    swarm.until('a manager again', () => managers(swarm).includes(name), 30_000);
    swarm.until('ready', () => swarm.nodeOf(name).status.state === 'ready', 20_000);
  });

  test('goes on with the session that it had with another manager', () => {
    const swarm = World.of(1, 1);
    // In session since it was a worker: its own manager only serves sessions that begin later.
    swarm.updateNode('w1', { Role: 'manager' });
    swarm.until('a manager', () => swarm.machine('w1').node.managerReady());
    swarm.updateNode('w1', { Role: 'worker' });
    swarm.until('a worker', () => swarm.machine('w1').node.role() === 'worker');
    swarm.createService('web', 4);
    swarm.until('its new tasks run', () => swarm.running('web').length === 4, 10_000);
  });

  test('while its process is down is a worker when it comes back', () => {
    const swarm = World.of(3);
    const name = other(swarm.leader());
    swarm.machine(name).crash();
    swarm.until('unreachable', () => {
      const ref = swarm.machine(name).node.nodeId();
      const view = swarm.control(swarm.leader(), { method: 'get-node', ref });
      return view.manager?.reachability === 'unreachable';
    });
    swarm.updateNode(name, { Role: 'worker' });
    swarm.until('no member', () => !managers(swarm).includes(name));
    swarm.machine(name).start();
    swarm.until('a worker', () => swarm.machine(name).node.role() === 'worker', 60_000);
    swarm.until('ready', () => swarm.nodeOf(name).status.state === 'ready', 20_000);
    expect(swarm.machine(name).node.manager).toBeNull();
  });

  test('as the leader hands the lead over first, in less than a second', () => {
    const swarm = World.of(3);
    const old = swarm.leader();
    swarm.updateNode(old, { Role: 'worker' });
    expect(swarm.untilLeader(old)).toBeLessThan(1000);
    swarm.until('a worker', () => swarm.machine(old).node.role() === 'worker', 30_000);
    expect(managers(swarm)).toEqual(['m1', 'm2', 'm3'].filter((name) => name !== old));
    swarm.until('ready', () => swarm.nodeOf(old).status.state === 'ready', 20_000);
  });
});

describe('a demotion is refused', () => {
  const text = (swarm: World, name: string): string => {
    try {
      swarm.updateNode(name, { Role: 'worker' });
      return 'ok';
    } catch (caught) {
      return (caught as Error).message;
    }
  };

  test('of the last manager', () => {
    const swarm = World.of(1, 1);
    expect(text(swarm, 'm1')).toBe(
      'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm',
    );
  });

  test('that would leave no reachable quorum, and not of the manager that is lost', () => {
    const swarm = World.of(3);
    const leader = swarm.leader();
    const [lost = '', healthy = ''] = ['m1', 'm2', 'm3'].filter((name) => name !== leader);
    swarm.machine(lost).crash();
    swarm.advance(4000);
    expect(text(swarm, healthy)).toBe(
      "rpc error: code = FailedPrecondition desc = can't remove member from the raft: this would result in a loss of quorum",
    );
    expect(text(swarm, lost)).toBe('ok');
    swarm.until('removed', () => managers(swarm).length === 2, 6000);
  });

  test('of two managers with both up it is not', () => {
    const swarm = World.of(2);
    const name = swarm.leader() === 'm1' ? 'm2' : 'm1';
    expect(text(swarm, name)).toBe('ok');
    swarm.until('a worker', () => swarm.machine(name).node.role() === 'worker', 5000);
    expect(swarm.asking(swarm.leader(), { method: 'get-cluster' }).result?.ok).toBe(true);
  });
});

describe('a node that is removed', () => {
  const refusal = (swarm: World, name: string, force = false): string => {
    const { id } = swarm.nodeOf(name);
    const asked = swarm.asking(swarm.leader(), { method: 'remove-node', ref: id, force });
    swarm.advance(20);
    return asked.result?.ok === false ? asked.result.error.text : 'ok';
  };

  test('must be no raft member, and down unless it is forced', () => {
    const swarm = World.of(1, 1);
    const ids = ['m1', 'w1'].map((name) => swarm.nodeOf(name).id);
    expect(refusal(swarm, 'm1', true)).toBe(
      `rpc error: code = FailedPrecondition desc = node ${ids[0]} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
    );
    expect(refusal(swarm, 'w1')).toBe(
      `rpc error: code = FailedPrecondition desc = node ${ids[1]} is not down and can't be removed`,
    );
    expect(refusal(swarm, 'w1', true)).toBe('ok');
  });

  test('loses its session at once and gets no new one: its certificate is blacklisted', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const id = swarm.machine('w1').node.nodeId();
    swarm.until('removed', () => refusal(swarm, 'w1', true) === 'ok');
    const { blacklist } = swarm.control('m1', { method: 'get-cluster' });
    const expiry = (2160 * 3600 + 7 * 86_400) * 1000;
    expect(blacklist[id]).toBeGreaterThan(swarm.time.now + expiry - 1000);
    swarm.advance(30_000);
    const told = swarm.logged('w1').filter((line) => line.startsWith('warn agent'));
    expect(told[0]).toBe('warn agent: session failed: node not registered');
    expect(told.at(-1)).toBe(
      `warn agent: session failed: Permission denied: node ${id} was removed from swarm`,
    );
    expect(swarm.nodes()).toHaveLength(1);
    swarm.until('its task is replaced', () => swarm.running('web').length === 2);
  });

  test('loses its session also through a manager that only passes it on', () => {
    const swarm = World.of(3, 3);
    swarm.until('removed', () =>
      ['w1', 'w2', 'w3'].every((name) => refusal(swarm, name, true) === 'ok'),
    );
    swarm.advance(1000);
    for (const name of ['w1', 'w2', 'w3'])
      expect(swarm.logged(name).find((line) => line.startsWith('warn agent'))).toBe(
        'warn agent: session failed: node not registered',
      );
  });

  test('leaves no task behind: each reads orphaned', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const id = swarm.machine('w1').node.nodeId();
    refusal(swarm, 'w1', true);
    const [task] = swarm.tasks('web').filter((one) => one.nodeId === id);
    expect(task?.status).toMatchObject({
      state: 'orphaned',
      message: 'Task belonged to a node that has been deleted',
    });
  });
});

describe('a manager whose node is not listed any more', () => {
  /** As when it joined anew with its old certificate after a demotion, and its node was removed then. */
  const unlisted = (): { swarm: World; name: string } => {
    const swarm = World.of(3);
    const name = other(swarm.leader());
    const id = swarm.machine(name).node.nodeId();
    swarm.machine(swarm.leader()).node.manager?.store.update((transaction) => {
      transaction.remove('node', id);
    });
    return { swarm, name };
  };

  const members = (swarm: World): number =>
    swarm.machine(swarm.leader()).node.manager?.members().length ?? 0;

  test('is no raft member for long', () => {
    const { swarm } = unlisted();
    swarm.until('two members are left', () => members(swarm) === 2, 2000);
  });

  test('stays one while the quorum needs it, and goes when it does not', () => {
    const { swarm, name } = unlisted();
    const third = ['m1', 'm2', 'm3'].find((each) => each !== name && each !== swarm.leader())!;
    swarm.machine(third).crash();
    swarm.advance(20_000);
    expect([swarm.leader() !== '', members(swarm)]).toEqual([true, 3]);
    swarm.machine(third).start();
    swarm.until('two members are left', () => members(swarm) === 2, 20_000);
  });
});
