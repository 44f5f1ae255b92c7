import { expect, test } from '@jest/globals';
import { VirtualTime } from '../swarm/virtual-time.ts';
import { inject } from './faults.ts';
import { MachineTime } from './machine-time.ts';
import { World } from './world.ts';

/** How much of the world's time a timer of this machine takes. */
function took(world: VirtualTime, time: MachineTime, delayMs: number): number {
  const begin = world.now;
  let rangAt = Number.NaN;
  time.after(delayMs, () => {
    rangAt = world.now;
  });
  world.advance(10 * delayMs);
  return rangAt - begin;
}

test('a skewed clock is wrong at once, and no timer notices', () => {
  const world = new VirtualTime();
  const time = new MachineTime(world);
  time.skew(-5000);
  expect(time.errorMs).toBe(-5000);
  expect(took(world, time, 1000)).toBe(1000);
});

test('with drift a second is longer, for the clock and for timers alike', () => {
  const world = new VirtualTime();
  const time = new MachineTime(world);
  time.drift(250_000);
  expect(took(world, time, 1000)).toBe(1250);
  world.advance(2500);
  expect(time.errorMs).toBeCloseTo(-0.2 * (world.now - 1_000_000), 6);
});

test('a clock that was set right is right, and stays so', () => {
  const world = new VirtualTime();
  const time = new MachineTime(world);
  time.skew(7000);
  time.drift(-20_000);
  world.advance(60_000);
  time.setRight();
  world.advance(60_000);
  expect(time.errorMs).toBe(0);
});

test('a worker whose seconds are longer reports in longer ones, and is down when they are too long', () => {
  const swarm = World.of(1, 1, 'drift');
  const bearable = inject(swarm, { kind: 'skew', node: 'w1', offsetMs: 0, driftPpm: 1_000_000 });
  swarm.advance(60_000);
  expect(swarm.nodeOf('w1').status.state).toBe('ready');
  bearable.heal();
  inject(swarm, { kind: 'skew', node: 'w1', offsetMs: 0, driftPpm: 9_000_000 });
  swarm.until('it is down', () => swarm.nodeOf('w1').status.state === 'down');
});

test('managers whose clocks are an hour apart elect and commit', () => {
  const swarm = World.of(3, 0, 'skew');
  inject(swarm, { kind: 'skew', node: 'm2', offsetMs: 3_600_000, driftPpm: 20_000 });
  inject(swarm, { kind: 'skew', node: 'm3', offsetMs: -3_600_000, driftPpm: -20_000 });
  const old = swarm.leader();
  const crash = inject(swarm, { kind: 'crash', node: old });
  swarm.untilLeader(old);
  swarm.createService('web', 4);
  swarm.until('all run', () => swarm.running('web').length === 4);
  crash.heal();
});
