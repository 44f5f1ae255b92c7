/** A machine on which everything takes its time. */
import type { Bite } from './bite.ts';
import type { EngineTimes } from './engine.ts';
import type { Machine } from './machine.ts';
import { slowSyncs, usualSyncMs } from './slow-syncs.ts';
import type { World } from './world.ts';

const SLOWED: readonly (keyof EngineTimes)[] = ['create', 'start', 'look', 'remove', 'end'];

/** Of the machines that are there; to one that joins later it answers in time. */
export function slowMachine(world: World, machine: Machine, factor: number): Bite {
  const { disk, engine, name } = machine;
  let undo: readonly (() => void)[] = [];
  return {
    looked: 'what a sync and a start of a container take',
    look: () => `${name}: a sync ${disk.syncMs} ms, a start ${engine.times.start} ms`,
    bite: () => {
      undo = [
        slowSyncs(disk, usualSyncMs(disk) * factor),
        slowCalls(engine.times, factor),
        ...slowAnswers(world, name, factor),
      ];
    },
    undo: () => {
      for (const each of undo) each();
      undo = [];
    },
  };
}

function slowCalls(times: EngineTimes, factor: number): () => void {
  const before = { ...times };
  for (const call of SLOWED) times[call] *= factor;
  return () => {
    for (const call of SLOWED) times[call] = before[call];
  };
}

function slowAnswers({ machines, network }: World, from: string, factor: number): (() => void)[] {
  const delayMs = network.delayMs * (factor - 1);
  const slow = { kind: 'slow', delayMs, jitterMs: delayMs, loss: 0, duplication: 0 } as const;
  return [...machines.keys()].filter((to) => to !== from).map((to) => network.add(from, to, slow));
}
