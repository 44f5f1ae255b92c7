/** Faults of disks. */
import type { NodeFault } from '../model/fault.ts';
import { syncFailed } from './disk-files.ts';
import { machineOf } from './fault-machine.ts';
import { cannot, type Bite } from './bite.ts';
import type { Machine } from './machine.ts';
import type { SimFault } from './sim-fault.ts';
import type { World } from './world.ts';

type DiskFault =
  | Extract<NodeFault, { readonly kind: 'fill-disk' }>
  | Extract<SimFault, { readonly kind: 'disk-full' | 'sync-fails' | 'disk-slow' | 'disk-rot' }>;

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

function slowed(machine: Machine, syncMs: number): Bite {
  const { disk } = machine;
  const before = disk.syncMs;
  return {
    looked: 'what a sync takes',
    look: () => `${disk.syncMs} ms`,
    bite: () => {
      disk.syncMs = syncMs;
    },
    undo: () => {
      disk.syncMs = before;
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
