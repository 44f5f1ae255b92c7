import { expect, test } from '@jest/globals';
import { createRandom } from '../model/random.ts';
import { inject, type ActiveFault } from './faults.ts';
import type { SimFault } from './sim-fault.ts';
import { World } from './world.ts';

/** Everything that can be drawn is: a lossy, jittering network, power failures, slow pulls, clocks that drift. */
function faultsOf(swarm: World, draw: (limit: number) => number): readonly SimFault[] {
  const names = [...swarm.machines.keys()];
  const one = (): string => names[draw(names.length)] ?? 'm1';
  const away = one();
  const links = names
    .filter((name) => name !== away)
    .flatMap((name) => [
      { from: away, to: name },
      { from: name, to: away },
    ]);
  return [
    { kind: 'slow', links, delayMs: 20, jitterMs: 300, loss: 0.2, duplication: 0.2 },
    { kind: 'crash', node: one() },
    { kind: 'crash-at-write', node: one(), writes: 5 },
    { kind: 'skew', node: one(), offsetMs: 3000, driftPpm: 20_000 },
    { kind: 'slow-pulls', node: one(), pullMs: 800 },
    { kind: 'cut', links: links.slice(0, 3) },
    { kind: 'restart-engine', node: one() },
  ];
}

/** A run of some minutes, as text: every line that was logged, every object of every store, all containers and disks. */
function history(seed: string): string {
  const swarm = World.of(3, 3, seed);
  const random = createRandom(`${seed} faults`);
  swarm.createService('web', 6, {
    UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Order: 'stop-first' },
  });
  swarm.createService('batch', 2);
  const active: ActiveFault[] = [];
  for (let n = 0; n < 12; n += 1) {
    const faults = faultsOf(swarm, (limit) => random.below(limit));
    const fault = faults[n % faults.length];
    if (fault !== undefined) active.push(inject(swarm, fault));
    swarm.advance(random.between(500, 9000));
    if (n % 2 === 1) active.splice(random.below(active.length), 1)[0]?.heal();
  }
  for (const fault of active) fault.heal();
  swarm.advance(60_000);
  const state = [...swarm.machines.values()].map(({ name, node, engine, disk, time }) => ({
    ...{ name, now: time.now(), store: node.manager?.store.snapshot(), disk: disk.raft },
    tasks: disk.tasks.load(),
    containers: engine.containers.map(({ id, state, exitCode, finishedAt }) => ({
      ...{ id, state, exitCode, finishedAt },
    })),
  }));
  return [...swarm.lines.map((line) => JSON.stringify(line)), JSON.stringify(state)].join('\n');
}

test('the same seed gives the same history byte for byte, whatever ran before it or between', () => {
  const first = history('one');
  const other = history('another');
  expect(history('one') === first).toBe(true);
  expect(history('another') === other).toBe(true);
  expect(first).not.toBe(other);
  expect(first.length).toBeGreaterThan(10_000);
});
