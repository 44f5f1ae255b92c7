import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../model/fault.ts';
import { inject } from './faults.ts';
import type { SimFault } from './sim-fault.ts';
import { World } from './world.ts';

/** Three managers, a worker, and a service of four that runs. */
function swarmWith(seed: string): World {
  const swarm = World.of(3, 1, seed);
  swarm.createService('web', 4);
  swarm.until('all run', () => swarm.running('web').length === 4);
  return swarm;
}

/** A write that nobody waits for. */
function write(swarm: World, through: string): void {
  swarm.asking(through, {
    method: 'create-service',
    spec: {
      Name: 'other',
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: 2 } },
    },
  });
}

const allWell = (swarm: World): boolean =>
  swarm.leader() !== '' &&
  swarm.nodes().every((node) => node.status.state === 'ready') &&
  swarm.running('web').length === 4;

const rest = (node: string): readonly string[] =>
  ['m1', 'm2', 'm3', 'w1'].filter((name) => name !== node);

type FaultOf = (node: string) => Fault | SimFault;

describe('a fault of the leader', () => {
  const faults: readonly (readonly [string, FaultOf])[] = [
    ['kill', (node) => ({ kind: 'kill', node })],
    ['crash', (node) => ({ kind: 'crash', node })],
    ['stop', (node) => ({ kind: 'stop', node })],
    ['pause', (node) => ({ kind: 'pause', node })],
    ['unplug', (node) => ({ kind: 'unplug', node })],
    ['partition', (node) => ({ kind: 'partition', groups: [[node], rest(node)], plane: 'full' })],
    ['crash-at-write', (node) => ({ kind: 'crash-at-write', node, writes: 2 })],
    ['disk-full', (node) => ({ kind: 'disk-full', node })],
    ['sync-fails', (node) => ({ kind: 'sync-fails', node })],
  ];

  test.each(faults)('%s: another leads, and healed all is well again', (kind, faultOf) => {
    const swarm = swarmWith(kind);
    const old = swarm.leader();
    const fault = inject(swarm, faultOf(old));
    write(swarm, old);
    swarm.untilLeader(old);
    swarm.until('refilled', () => swarm.running('web').length === 4, 60_000);
    fault.heal();
    swarm.until('all is well', () => allWell(swarm));
    expect(fault.heal()).toBe(fault.heal());
  });
});

describe('a fault that says what it did', () => {
  test.each<readonly [Fault | SimFault, string, string]>([
    [{ kind: 'kill', node: 'w1' }, 'w1 is up, 1 containers run', 'w1 is down, 0 containers run'],
    [{ kind: 'pause', node: 'w1' }, 'w1 is up, 1 containers run', 'w1 is frozen, 1 containers run'],
    [{ kind: 'unplug', node: 'w1' }, 'w1 is cut off from 0 of 3', 'w1 is cut off from 3 of 3'],
    [
      { kind: 'skew-clock', node: 'w1', offsetMs: -5000 },
      'the clock of w1 is 0 ms ahead',
      'the clock of w1 is -5000 ms ahead',
    ],
    [{ kind: 'restart-engine', node: 'w1' }, 'the engine of w1 is up', 'the engine of w1 is down'],
    [{ kind: 'disk-rot', node: 'm2', what: 'log' }, 'every checksum matches', 'log'],
  ])('%j', (kind, before, after) => {
    const { proof } = inject(swarmWith('proof'), kind);
    expect([proof.before, proof.after]).toEqual([before, after]);
  });

  test.each<readonly [Fault | SimFault, RegExp]>([
    [{ kind: 'starve-cpu', node: 'm1', share: 0.1 }, /a starved processor on m1 cannot be simul/],
    [
      {
        kind: 'links',
        links: [{ from: 'm1', to: 'm2' }],
        toxic: { kind: 'bandwidth', kilobytesPerSecond: 1 },
        plane: 'control',
      },
      /carries messages, not bytes/,
    ],
    [{ kind: 'kill', node: 'm9' }, /there is no node m9/],
    [{ kind: 'kill-container', node: 'm1', container: 'nobody' }, /no container nobody on m1/],
    [{ kind: 'disk-rot', node: 'w1', what: 'log' }, /there is none on that disk/],
  ])('is refused where it cannot be: %j', (kind, text) => {
    const swarm = World.of(2, 1);
    let caught: unknown = null;
    try {
      inject(swarm, kind);
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toMatchObject({ code: 'bad-scenario', message: expect.stringMatching(text) });
  });
});

describe('a full disk', () => {
  test('ends the manager at its first write, and the daemon at the next record of a task', () => {
    const swarm = swarmWith('full');
    const old = swarm.leader();
    const machine = swarm.machine(old);
    inject(swarm, { kind: 'fill-disk', node: old, freeBytes: 0 });
    write(swarm, old);
    swarm.advance(100);
    expect(machine.node.manager).toBeNull();
    expect(machine.node.facts().error).toMatch(/ENOSPC/);
    swarm.untilLeader(old);
    const [task] = swarm.tasks('web').filter((each) => each.nodeId === machine.node.nodeId());
    const { engine, node } = machine;
    inject(swarm, { kind: 'exit', node: old, container: task?.id ?? '', code: 1 });
    swarm.advance(100);
    expect([machine.isUp, machine.failure?.code, engine.running.size]).toEqual([
      false,
      'disk-full',
      0,
    ]);
    expect(node).toBe(machine.node);
  });
});

describe('a rotten disk', () => {
  test('keeps a manager from opening its log, and its node says so', () => {
    const swarm = swarmWith('rot');
    const name = ['m1', 'm2', 'm3'].find((each) => each !== swarm.leader()) ?? '';
    inject(swarm, { kind: 'disk-rot', node: name, what: 'log' });
    const crash = inject(swarm, { kind: 'crash', node: name });
    crash.heal();
    swarm.advance(100);
    expect(swarm.machine(name).node.manager).toBeNull();
    expect(swarm.logged(name).at(-1)).toMatch(/^error node: .* was whole once and is not any more/);
  });

  test('keeps the daemon from starting where its own state is rotten', () => {
    const swarm = swarmWith('rot-state');
    inject(swarm, { kind: 'disk-rot', node: 'w1', what: 'state' });
    inject(swarm, { kind: 'kill', node: 'w1' }).heal();
    const { isUp, failure } = swarm.machine('w1');
    expect([isUp, failure?.code]).toEqual([false, 'disk-corrupt']);
  });
});

describe('faults that hold one machine at once', () => {
  test('let it go only together', () => {
    const swarm = swarmWith('holds');
    const machine = swarm.machine('w1');
    const first = inject(swarm, { kind: 'kill', node: 'w1' });
    const second = inject(swarm, { kind: 'stop', node: 'w1' });
    first.heal();
    expect(machine.isUp).toBe(false);
    second.heal();
    expect(machine.isUp).toBe(true);
    const pauses = [0, 1].map(() => inject(swarm, { kind: 'pause', node: 'w1' }));
    pauses[0]?.heal();
    expect(machine.isPaused).toBe(true);
    pauses[1]?.heal();
    expect(machine.isPaused).toBe(false);
  });

  test('on one link too', () => {
    const swarm = swarmWith('links');
    const links = [{ from: 'm1', to: 'm2' }];
    const first = inject(swarm, { kind: 'cut', links });
    const second = inject(swarm, { kind: 'cut', links });
    first.heal();
    expect(swarm.network.isCut('m1', 'm2')).toBe(true);
    expect(swarm.network.isCut('m2', 'm1')).toBe(false);
    second.heal();
    expect(swarm.network.isCut('m1', 'm2')).toBe(false);
  });
});
