import { describe, expect, test } from '@jest/globals';
import { SwarmtwinError } from '../model/errors.ts';
import { World } from './world.ts';

describe('a founder', () => {
  test('has a swarm at once, leads it, and is ready in it', () => {
    const swarm = new World();
    const begin = swarm.time.now;
    const id = swarm.init('m1');
    expect(swarm.time.now - begin).toBeLessThan(1000);
    expect(swarm.leader()).toBe('m1');
    const { node } = swarm.machine('m1');
    expect([node.localState(), node.role(), node.nodeId()]).toEqual(['active', 'manager', id]);
    swarm.until('ready', () => swarm.nodeOf('m1').status.state === 'ready', 1000);
    const view = swarm.control('m1', { method: 'get-node', ref: id });
    expect(view.manager).toMatchObject({ leader: true, reachability: 'reachable' });
    expect(view.node.status.addr).toBe('m1');
  });

  test('keeps its swarm over a crash, and alone is its leader again', () => {
    const swarm = World.of(1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const machine = swarm.machine('m1');
    machine.crash();
    swarm.advance(5000);
    machine.start();
    expect(machine.node.localState()).toBe('pending');
    swarm.untilLeader();
    swarm.until('ready', () => swarm.nodeOf('m1').status.state === 'ready');
    expect(swarm.service('web')).toBeDefined();
    const lost = (): number =>
      swarm.tasks('web').filter((task) => task.status.err === 'task: non-zero exit (255)').length;
    swarm.until('what died with it is known', () => lost() === 2);
    swarm.until('both run again', () => swarm.running('web').length === 2);
  });

  test('whose disk fails is in no swarm, and says why', () => {
    const swarm = new World();
    const machine = swarm.machine('m1');
    machine.disk.failure = new SwarmtwinError('disk-full', 'no space left', 'Make room.');
    expect(() => swarm.init('m1')).toThrow('no space left');
    expect(machine.node.localState()).toBe('inactive');
    machine.disk.failure = null;
    expect(swarm.init('m1')).not.toBe('');
  });

  test('has the settings of the request in its cluster', () => {
    const swarm = World.of(1);
    const cluster = swarm.control('m1', { method: 'get-cluster' });
    expect(cluster).toMatchObject({ subnetSize: 24, dataPathPort: 4789, blacklist: {} });
    expect(cluster.joinTokens.worker).not.toBe(cluster.joinTokens.manager);
  });
});

describe('a joiner', () => {
  test('is a worker by the token of workers, a raft member by the token of managers', () => {
    const swarm = World.of(1);
    swarm.join('m2', 'manager');
    swarm.join('w1', 'worker');
    expect(swarm.machine('m2').node.role()).toBe('manager');
    expect(swarm.machine('w1').node.role()).toBe('worker');
    expect(swarm.machine('w1').node.manager).toBeNull();
    swarm.until('the joiner has the store', () => {
      const store = swarm.machine('m2').node.manager?.store.read;
      return store?.all('node').length === 3;
    });
    const views = swarm.control('m2', { method: 'list-nodes', filters: {} });
    expect(views.map((view) => view.manager?.reachability)).toEqual(
      expect.arrayContaining(['reachable', 'reachable', undefined]),
    );
  });

  test('has the availability that it asked for', () => {
    const swarm = World.of(1);
    const token = swarm.token('worker');
    swarm.wait<null>((done) => {
      swarm.askToJoin('w1', token, 'm1', done, 'drain');
    });
    expect(swarm.nodeOf('w1').spec.Availability).toBe('drain');
  });

  test('may ask any manager; the leader takes it in', () => {
    const swarm = World.of(3);
    const follower = ['m2', 'm3'].find((name) => name !== swarm.leader()) ?? '';
    swarm.join('m4', 'manager', follower);
    swarm.join('w1', 'worker', follower);
    expect(swarm.nodeOf('m4').role).toBe('manager');
    expect(swarm.nodeOf('w1').role).toBe('worker');
  });

  test.each([
    [
      `SWMTKN-1-${'root1'.padStart(50, '0')}-${'wrong'.padStart(25, '0')}`,
      'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
    ],
    ['nonsense', 'invalid join token'],
  ])('with the token %s is refused in real words and is in no swarm', (token, text) => {
    const swarm = World.of(1);
    const asked = swarm.ask<null>((done) => {
      swarm.askToJoin('w1', token, 'm1', done);
    });
    swarm.until('refused', () => asked.result !== null);
    expect(asked.result).toMatchObject({ ok: false, error: { text } });
    expect(swarm.machine('w1').node.localState()).toBe('inactive');
    expect(swarm.nodes()).toHaveLength(1);
    swarm.join('w1', 'worker');
    expect(swarm.machine('w1').node.localState()).toBe('active');
  });

  test('that waits too long is told so after 20 s, and joins behind the scenes', () => {
    const swarm = World.of(1);
    const token = swarm.token('worker');
    swarm.machine('m1').process.authority.signingMs = 25_000;
    const asked = swarm.ask<null>((done) => {
      swarm.askToJoin('w1', token, 'm1', done);
    });
    swarm.advance(24_000);
    expect(asked.afterMs).toBe(20_000);
    const text =
      'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.';
    expect(asked.result).toMatchObject({ ok: false, error: { text, code: 'Unavailable' } });
    const { node } = swarm.machine('w1');
    expect(node.localState()).toBe('pending');
    swarm.until('active', () => node.localState() === 'active', 3000);
  });

  test('that leaves its address to the leader does so each time that it becomes a manager', () => {
    const swarm = World.of(2);
    const joinToken = swarm.token('manager');
    const { node, disk } = swarm.machine('m3');
    swarm.wait<null>((done) => {
      const where = { listenAddr: '0.0.0.0:2377', advertiseAddr: '', remoteAddr: 'm1:2377' };
      node.join({ ...where, joinToken, availability: 'active' }, done);
    });
    const addrOf = (): string | undefined =>
      swarm.control('m1', { method: 'get-node', ref: node.nodeId() }).manager?.addr;
    expect(addrOf()).toBe('m3:2377');
    swarm.updateNode('m3', { Role: 'worker' });
    swarm.until('a worker', () => node.role() === 'worker' && !node.managerReady(), 60_000);
    expect(disk.load()).toMatchObject({ joinAddr: '0.0.0.0:2377', raftId: '' });
    swarm.updateNode('m3', { Role: 'manager' });
    swarm.until('a manager', () => addrOf() === 'm3:2377', 60_000);
  });

  test('must be reached by the leader at the address that it gives before it is a manager', () => {
    const swarm = World.of(1);
    const joinToken = swarm.token('manager');
    const { node } = swarm.machine('m2');
    const asked = swarm.ask<null>((done) => {
      node.join(
        {
          listenAddr: '0.0.0.0:2377',
          advertiseAddr: 'elsewhere:2377',
          remoteAddr: 'm1:2377',
          joinToken,
          availability: 'active',
        },
        done,
      );
    });
    swarm.until('refused', () => asked.result !== null);
    expect(asked.result?.ok === false && asked.result.error.text).toMatch(
      /^manager stopped: can't initialize raft node: rpc error: code = Unavailable desc = could not connect to prospective new cluster member using its advertised address: .*connection refused/,
    );
    expect(node.localState()).toBe('inactive');
    const views = swarm.control('m1', { method: 'list-nodes', filters: {} });
    expect(views.filter((view) => view.manager !== undefined)).toHaveLength(1);
    const down = (): boolean =>
      swarm
        .nodes()
        .some(
          ({ description, status }) => description?.hostname === 'm2' && status.state === 'down',
        );
    swarm.until('it is listed as one that is down', down, 30_000);
  });
});

describe('a node that leaves', () => {
  test('has nothing of the swarm left on its disk or its engine, and is down for the others', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const worker = swarm.machine('w1');
    const id = worker.node.nodeId();
    expect(worker.engine.running.size).toBe(1);
    swarm.wait<null>((done) => {
      worker.node.leave(done);
    });
    expect(worker.disk.load()).toBeNull();
    expect(worker.disk.tasks.load().tasks).toEqual([]);
    expect(worker.engine.running.size).toBe(0);
    expect([worker.node.localState(), worker.node.role(), worker.node.nodeId()]).toEqual([
      'inactive',
      null,
      '',
    ]);
    const down = swarm.until('down', () =>
      swarm.nodes().some((node) => node.id === id && node.status.state === 'down'),
    );
    expect(down).toBeLessThan(17_000);
    swarm.until('refilled', () => swarm.running('web').length === 2);
  });

  test('is told that it is in none when it leaves twice', () => {
    const swarm = World.of(1);
    const { node } = swarm.machine('m1');
    swarm.wait<null>((done) => {
      node.leave(done);
    });
    expect(() =>
      swarm.wait<null>((done) => {
        node.leave(done);
      }),
    ).toThrow('This node is not part of a swarm');
  });

  test('may join again, as somebody new', () => {
    const swarm = World.of(1, 1);
    const { node } = swarm.machine('w1');
    const before = node.nodeId();
    swarm.wait<null>((done) => {
      node.leave(done);
    });
    swarm.join('w1', 'manager');
    expect(node.nodeId()).not.toBe(before);
    expect(swarm.nodeOf('w1').role).toBe('manager');
  });

  test('as a manager stays a raft member, unreachable, until it is demoted and removed', () => {
    const swarm = World.of(3);
    const { node } = swarm.machine('m3');
    const id = node.nodeId();
    swarm.wait<null>((done) => {
      node.leave(done);
    });
    swarm.advance(5000);
    const view = swarm.control('m1', { method: 'get-node', ref: id });
    expect(view.manager?.reachability).toBe('unreachable');
    swarm.until('down', () => swarm.nodes().some((other) => other.status.state === 'down'));
    const { meta, spec } = swarm.control('m1', { method: 'get-node', ref: id }).node;
    const update = { method: 'update-node', ref: id, version: meta.version } as const;
    swarm.control('m1', { ...update, spec: { ...spec, Role: 'worker' } });
    swarm.until('a worker', () =>
      swarm.nodes().some((other) => other.id === id && other.role === 'worker'),
    );
    swarm.control('m1', { method: 'remove-node', ref: id, force: false });
    expect(swarm.nodes()).toHaveLength(2);
  });
});

describe('a worker', () => {
  test('whose manager dies finds another, and its tasks run on', () => {
    const swarm = World.of(3, 1);
    swarm.createService('web', 8);
    swarm.until('all run', () => swarm.running('web').length === 8);
    const { engine } = swarm.machine('w1');
    const before = [...engine.running];
    swarm.machine(swarm.leader()).crash();
    swarm.untilLeader('m1');
    swarm.until('ready again', () => swarm.nodeOf('w1').status.state === 'ready', 20_000);
    expect(before.every((id) => engine.running.has(id))).toBe(true);
  });

  test('answers that it is none to whom asks its control plane', () => {
    const swarm = World.of(1, 1);
    const asked = swarm.asking('w1', { method: 'get-cluster' });
    expect(asked.result).toMatchObject({ ok: false, error: { code: 'Unavailable' } });
    expect(swarm.machine('w1').node.managerReady()).toBe(false);
  });

  test('that is stopped takes its containers along, and back in time it fails its tasks for want of them', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const worker = swarm.machine('w1');
    const [task] = [...worker.engine.running];
    worker.stop();
    swarm.advance(1000);
    expect([...worker.engine.running]).toEqual([]);
    worker.start();
    swarm.advance(9000);
    expect(worker.node.localState()).toBe('active');
    const stale = swarm.tasks('web').find(({ id }) => id === task);
    expect(stale?.status.state).toBe('failed');
    expect(stale?.status.err).toMatch(/^No such container: web\.\d\./);
    swarm.until('both run again', () => swarm.running('web').length === 2, 20_000);
  });

  test('that is stopped and comes back when it is down shuts its tasks down', () => {
    const swarm = World.of(1, 1);
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const worker = swarm.machine('w1');
    const [task] = [...worker.engine.running];
    worker.stop();
    swarm.until('down', () => swarm.nodeOf('w1').status.state === 'down', 20_000);
    swarm.advance(1000);
    worker.start();
    swarm.advance(9000);
    expect(swarm.tasks('web').find(({ id }) => id === task)?.status).toMatchObject({
      state: 'shutdown',
      message: 'shutdown',
      err: '',
    });
  });
});
