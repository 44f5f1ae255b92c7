/** What is known of the cluster at this moment: the last form of everything that was observed, seen through the eye. */
import type { Fault, NodeName } from '../model/fault.ts';
import { isInstant, nodesHindered, nodesUnder } from '../model/history.ts';
import type {
  ContainerSeen,
  ControlSeen,
  NodeSeen,
  Observation,
  ServiceSeen,
  TaskSeen,
} from '../model/history.ts';
import { compareStates } from '../model/task-state.ts';

/** Nodes are seen as the eye sees them; of services and tasks, which only ever go on, the newest form counts, whoever saw it. */
export class Sight {
  readonly #nodes = new Map<NodeName, Map<string, NodeSeen>>();
  readonly #services = new Map<string, ServiceSeen>();
  readonly #tasks = new Map<string, TaskSeen>();
  readonly #gone = new Set<string>();
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
        this.#nodesOf(seen.by).set(seen.id, seen);
        break;
      case 'service':
        this.#seeService(seen);
        break;
      case 'task':
        this.#seeTask(seen);
        break;
      case 'held':
      case 'ports':
      case 'strain':
        break; // the machine's, not the swarm's: for the judge
      case 'gone':
        this.#nodesOf(seen.by).delete(seen.id);
        if (seen.by === this.#eye) this.#forget(seen.id);
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
    return [...this.#faults.values()].some((fault) =>
      nodesHindered(fault, this.#all).includes(node),
    );
  }

  /** Whether the manager that counts answers at this moment. */
  get answers(): boolean {
    return this.#control.get(this.#eye)?.answer === 'ok';
  }

  control(node: NodeName): ControlSeen | undefined {
    return this.#control.get(node);
  }

  nodes(): readonly NodeSeen[] {
    return [...this.#nodesOf(this.#eye).values()].sort((a, b) => compareNames(a.name, b.name));
  }

  service(name: string): ServiceSeen | undefined {
    return [...this.#services.values()].find((service) => service.name === name);
  }

  /** By slot, then by age. */
  tasks(service: string): readonly TaskSeen[] {
    return [...this.#tasks.values()]
      .filter((task) => task.service === service)
      .sort((a, b) => a.slot - b.slot || a.createdMs - b.createdMs);
  }

  /** The tasks that are meant to live: desired running or on the way there. */
  live(service: string): readonly TaskSeen[] {
    return this.tasks(service).filter((task) => compareStates(task.desired, 'running') <= 0);
  }

  /**
   * Whether the container of a running task runs, by its own engine too: without a leader the swarm's record of it is old. Where the engine was looked at before it
   * started, its word is the older one, and the task is believed.
   */
  containerRuns(id: string): boolean {
    const state = this.#containers.get(id)?.state;
    return state === undefined || state === 'created' || state === 'running';
  }

  #seeService(seen: ServiceSeen): void {
    const known = this.#services.get(seen.id);
    if (this.#gone.has(seen.id)) return;
    // Two writes may share a version; then only the eye's word is the newer one.
    const newest = known === undefined || known.version < seen.version;
    if (!newest && !(known.version === seen.version && seen.by === this.#eye)) return;
    this.#services.set(seen.id, seen);
  }

  #seeTask(seen: TaskSeen): void {
    const known = this.#tasks.get(seen.id);
    if (this.#gone.has(seen.id)) return;
    if (known !== undefined && compareStates(seen.desired, known.desired) < 0) return;
    if (known !== undefined && compareStates(seen.state, known.state) < 0) return;
    this.#tasks.set(seen.id, seen);
  }

  /** What is gone does not come back; a slower observer may still speak of it. */
  #forget(id: string): void {
    this.#gone.add(id);
    this.#services.delete(id);
    this.#tasks.delete(id);
  }

  #nodesOf(by: NodeName): Map<string, NodeSeen> {
    const known = this.#nodes.get(by);
    if (known !== undefined) return known;
    const fresh = new Map<string, NodeSeen>();
    this.#nodes.set(by, fresh);
    return fresh;
  }
}

/** n2 before n10. */
export const compareNames = (a: NodeName, b: NodeName): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
