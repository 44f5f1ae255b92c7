/** What is known of the cluster at this moment: the last form of everything that was observed, seen through the eye. */
import type { Fault, NodeName } from '../model/fault.ts';
import { isInstant, nodesUnder } from '../model/history.ts';
import type {
  ContainerSeen,
  ControlSeen,
  NodeSeen,
  Observation,
  ServiceSeen,
  TaskSeen,
} from '../model/history.ts';
import { compareStates } from '../model/task-state.ts';

interface View {
  readonly nodes: Map<string, NodeSeen>;
  readonly services: Map<string, ServiceSeen>;
  readonly tasks: Map<string, TaskSeen>;
}

export class Sight {
  readonly #views = new Map<NodeName, View>();
  readonly #control = new Map<NodeName, ControlSeen>();
  readonly #containers = new Map<string, ContainerSeen>();
  readonly #faults = new Map<string, Fault>();
  readonly #names = new Map<string, NodeName>();
  readonly #updates = new Map<string, number>();
  readonly #all: readonly NodeName[];
  #eye: NodeName = '';

  constructor(all: readonly NodeName[]) {
    this.#all = all;
  }

  see(seen: Observation): void {
    switch (seen.what) {
      case 'eye':
        this.#eye = seen.by;
        break;
      case 'control':
        this.#control.set(seen.by, seen);
        break;
      case 'node':
        this.#view(seen.by).nodes.set(seen.id, seen);
        break;
      case 'service':
        this.#view(seen.by).services.set(seen.id, seen);
        break;
      case 'task':
        this.#view(seen.by).tasks.set(seen.id, seen);
        break;
      case 'gone':
        this.#view(seen.by)[`${seen.kind}s`].delete(seen.id);
        break;
      case 'container':
        this.#containers.set(seen.id, seen);
        break;
      case 'engine':
        break;
    }
  }

  faultBegan(name: string, fault: Fault): void {
    if (!isInstant(fault)) this.#faults.set(name, fault);
    const [first] = nodesUnder(fault, this.#all);
    if (first !== undefined) this.#names.set(name, first);
  }

  faultEnded(name: string): void {
    this.#faults.delete(name);
  }

  name(as: string, node: NodeName): void {
    this.#names.set(as, node);
  }

  named(name: string): NodeName | undefined {
    return this.#names.get(name);
  }

  /** When an update or rollback of the service was last asked for, on the run's clock. */
  updateAsked(service: string, atMs: number): void {
    this.#updates.set(service, atMs);
  }

  lastUpdate(service: string): number {
    return this.#updates.get(service) ?? 0;
  }

  get all(): readonly NodeName[] {
    return this.#all;
  }

  fault(name: string): Fault | undefined {
    return this.#faults.get(name);
  }

  /** The faults in force, oldest first. */
  get faults(): readonly string[] {
    return [...this.#faults.keys()];
  }

  isFaulted(node: NodeName): boolean {
    return [...this.#faults.values()].some((fault) => nodesUnder(fault, this.#all).includes(node));
  }

  /** Whether the manager that counts answers at this moment. */
  get answers(): boolean {
    return this.#control.get(this.#eye)?.answer === 'ok';
  }

  control(node: NodeName): ControlSeen | undefined {
    return this.#control.get(node);
  }

  nodes(): readonly NodeSeen[] {
    return [...this.#view(this.#eye).nodes.values()].sort((a, b) => compareNames(a.name, b.name));
  }

  service(name: string): ServiceSeen | undefined {
    return [...this.#view(this.#eye).services.values()].find((service) => service.name === name);
  }

  /** By slot, then by age. */
  tasks(service: string): readonly TaskSeen[] {
    return [...this.#view(this.#eye).tasks.values()]
      .filter((task) => task.service === service)
      .sort((a, b) => a.slot - b.slot || a.createdMs - b.createdMs);
  }

  /** The tasks that are meant to live: desired running or on the way there. */
  live(service: string): readonly TaskSeen[] {
    return this.tasks(service).filter((task) => compareStates(task.desired, 'running') <= 0);
  }

  /** Whether the container runs, by its own engine: without a leader the swarm's record of it is old. Unknown ones are believed. */
  containerRuns(id: string): boolean {
    const seen = this.#containers.get(id);
    return seen === undefined || seen.state === 'running';
  }

  #view(by: NodeName): View {
    const known = this.#views.get(by);
    if (known !== undefined) return known;
    const fresh: View = { nodes: new Map(), services: new Map(), tasks: new Map() };
    this.#views.set(by, fresh);
    return fresh;
  }
}

/** n2 before n10. */
export const compareNames = (a: NodeName, b: NodeName): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
