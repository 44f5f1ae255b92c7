/** Faults of disks. */
import type { NodeFault } from '../model/fault.ts';
import type { Timer } from '../swarm/ports.ts';
import { syncFailed } from './disk-files.ts';
import { machineOf } from './fault-machine.ts';
import { cannot, type Bite } from './bite.ts';
import type { Machine } from './machine.ts';
import type { SimFault } from './sim-fault.ts';
import { slowSyncs } from './slow-syncs.ts';
import type { World } from './world.ts';

type DiskFault =
  | Extract<NodeFault, { readonly kind: 'fill-disk' }>
  | Extract<
      SimFault,
      { readonly kind: 'disk-full' | 'sync-fails' | 'disk-slow' | 'disk-rot' | 'lost-writes' }
    >;

export function ofDisk(world: World, fault: DiskFault): Bite {
  const machine = machineOf(world, fault.node);
  const { disk } = machine;
  switch (fault.kind) {
    case 'fill-disk':
      return filled(machine, fault.freeBytes);
    case 'disk-full':
      return restarted(machine, filled(machine, 0));
    case 'sync-fails':
      return restarted(machine, {
        looked: 'the answers to a sync',
        look: () => (disk.failsSyncs ? syncFailed().message : 'syncs succeed'),
        bite: () => {
          disk.failsSyncs = true;
        },
        undo: () => {
          disk.failsSyncs = false;
        },
      });
    case 'disk-slow':
      return slowed(machine, fault.syncMs);
    case 'disk-rot':
      return rotten(machine, fault.what);
    case 'lost-writes':
      return lostWrites(world, machine, fault.afterMs);
  }
}

function filled(machine: Machine, freeBytes: number): Bite {
  const { disk } = machine;
  return {
    looked: 'the room on the disk, and its failed writes',
    look: () => `${disk.freeBytes} bytes free, ${disk.failedWrites} writes failed so far`,
    bite: () => {
      disk.fill(freeBytes);
    },
    undo: () => {
      disk.fill(Infinity);
    },
  };
}

/** What could not be written ended the daemon, or its manager; it says itself that it wants to be started again. */
function restarted(machine: Machine, { bite, undo, ...rest }: Bite): Bite {
  let failures = 0;
  return {
    ...rest,
    bite: () => {
      failures = machine.disk.failedWrites;
      bite();
    },
    undo: () => {
      undo();
      if (machine.disk.failedWrites > failures) machine.restart();
    },
  };
}

function slowed({ disk }: Machine, syncMs: number): Bite {
  let release = (): void => undefined;
  return {
    looked: 'what a sync takes',
    look: () => `${disk.syncMs} ms`,
    bite: () => {
      release = slowSyncs(disk, syncMs);
    },
    undo: () => {
      release();
    },
  };
}

/** Longer than any run. */
const NEVER_MS = 1e9;

function lostWrites({ time }: World, machine: Machine, afterMs: number): Bite {
  const { disk } = machine;
  let syncAgain = (): void => undefined;
  let start: (() => void) | null = null;
  let failing: Timer | null = null;
  const powerFails = (): void => {
    start ??= machine.holdDown('crash');
  };
  return {
    looked: 'what a sync takes, and whether the machine is on',
    look: () => `${machine.isUp ? 'on' : 'off'}, ${disk.syncMs} ms`,
    bite: () => {
      syncAgain = slowSyncs(disk, NEVER_MS);
      failing = time.after(afterMs, powerFails);
    },
    // A sync that was asked for meanwhile never comes back, so the machine has to go through it in any case.
    undo: () => {
      failing?.cancel();
      powerFails();
      syncAgain();
      start?.();
    },
  };
}

function rotten(machine: Machine, what: 'log' | 'snapshot' | 'state'): Bite {
  const { disk } = machine;
  return {
    looked: `the ${what} on the disk of ${machine.name}`,
    look: () => disk.rotten.join(', ') || 'every checksum matches',
    bite: () => {
      if (!disk.rot(what))
        throw cannot(`a rotten ${what} on ${machine.name}`, 'there is none on that disk');
    },
    // What was forgotten stays forgotten.
    undo: () => undefined,
  };
}
