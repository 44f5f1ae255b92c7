/** A scheduler on virtual time, for its tests. */
import type { Node, Task } from '../../model/objects.ts';
import type { NodeAvailability } from '../../model/specs.ts';
import { makeNode, makeService, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import { Scheduler } from './scheduler.ts';

export class ScheduledSwarm extends VirtualSwarm {
  readonly scheduler: Scheduler;

  /** Starts a scheduler over these nodes, with a service `web`. */
  constructor(nodes: readonly Node[]) {
    super();
    this.create('node', ...nodes);
    this.create('service', makeService('web'));
    this.scheduler = new Scheduler(this.ports, this.store);
    this.scheduler.start();
  }

  setAvailability(id: string, Availability: NodeAvailability): void {
    this.change('node', id, (node) => ({ ...node, spec: { ...node.spec, Availability } }));
  }

  end(id: string, state: 'failed' | 'complete'): void {
    this.change('task', id, (task: Task) => ({ ...task, status: { ...task.status, state } }));
  }
}

/** Nodes `n1`, `n2`, … that are all alike. */
export const makeNodes = (count: number, options: Parameters<typeof makeNode>[1] = {}): Node[] =>
  Array.from({ length: count }, (_, at) => makeNode(`n${at + 1}`, options));
