/** Which file does which fault. */
import type { Fault } from '../model/fault.ts';
import { benchNode } from './bench.ts';
import type { Bench } from './bench.ts';
import type { Bite } from './bite.ts';
import { skewClock } from './fault-clock.ts';
import { breakContainer } from './fault-container.ts';
import { starveCpu } from './fault-cpu.ts';
import { fillDisk } from './fault-disk.ts';
import { takeDown } from './fault-down.ts';
import { breakLinks } from './fault-link.ts';

/** Puts a fault in force and proves it. `id` is short, lower case, and unique among the faults in force in the lab. */
export function inject(bench: Bench, id: string, fault: Fault): Promise<Bite> {
  switch (fault.kind) {
    case 'links':
    case 'partition':
      return breakLinks(bench, id, fault);
    case 'starve-cpu':
      return starveCpu(bench, fault, benchNode(bench, fault.node));
    case 'fill-disk':
      return fillDisk(bench, fault, benchNode(bench, fault.node));
    case 'skew-clock':
      return skewClock(bench, fault, benchNode(bench, fault.node));
    case 'kill':
    case 'stop':
    case 'pause':
    case 'unplug':
      return takeDown(bench, { ...fault, kind: fault.kind }, benchNode(bench, fault.node));
    case 'kill-container':
    case 'remove-container':
    case 'pause-container':
      return breakContainer(fault, benchNode(bench, fault.node));
  }
}
