/**
 * The lab as its users see it: Docker-in-Docker nodes on a network of their own, a proxy on every directed link, faults that are
 * proved to have bitten, heals that are proved to have taken. `createLab` (create-lab.ts) makes one, `attachLab` (attach-lab.ts) finds one by its labels.
 */
import type { DirectedLink, Fault, NodeName, Proof } from '../model/fault.ts';
import type { NodeRights } from './images/node-rights.ts';
import type { NodeClient } from './node-client.ts';

/** Who answers the Engine API of a node: a real dockerd, or the twin's daemon in front of one. */
export type NodeKind = 'swarm' | 'twin';

/** Whose nodes a lab has: all of one kind, or twin managers with real workers, or real managers with twin workers. */
export const LAB_SUBJECTS = ['swarm', 'twin', 'twin-managers', 'twin-agents'] as const;
export type Subject = (typeof LAB_SUBJECTS)[number];

/** What a node is to be in the swarm. A spare runs, and joins only when asked. */
export type NodeRole = 'manager' | 'worker' | 'spare';

export interface LabOptions {
  /** A name for people; the lab's id unless given. Letters, digits, dot, dash. */
  readonly name?: string;
  readonly subject: Subject;
  /** Nodes n1 … are managers first, then workers, then spares. At least one manager. */
  readonly managers: number;
  readonly workers: number;
  readonly spares?: number;
  /** The engine the images were made for, `26.1` say. Recorded in the labels; the running engine tells its own version. */
  readonly engine: string;
  readonly images: { readonly node: string; readonly toxiproxy: string };
  /** Files on the engine's host, bound read-only to /opt/swarmtwin/node and /opt/swarmtwin/twin.mjs. Needed for the twin. */
  readonly twin?: { readonly nodeBinary: string; readonly bundle: string };
  /** What nodes may do on this host; asked of `nodeRights` (images room) unless given. */
  readonly rights?: NodeRights;
  /** More environment for every node: DOCKERD_ARGS, SWARMTWIN_ARGS, SWARMTWIN_HEAP_MB. */
  readonly nodeEnvironment?: Readonly<Record<string, string>>;
  /** Each engine gets the label `swarmtwin.node` with its node's name, for constraints on engine labels. */
  readonly engineLabels?: boolean;
  /**
   * Gives every node a data disk of its own of this size, in memory, kept across kill and start. Needed for `fill-disk`:
   * without it nodes share the host's disk, and filling that would hurt everybody.
   */
  readonly diskBytes?: number;
  /** True for labs of people: stays after this process ends, until `lab down` or `lab gc --all`. */
  readonly kept?: boolean;
  /** Called at the end of each step. */
  readonly onProgress?: (step: LabStep) => void;
}

/** A finished step, and how long after the start of the lab it was finished. */
export interface LabStep {
  readonly step: string;
  readonly atMs: number;
}

export interface LabNode {
  readonly name: NodeName;
  readonly role: NodeRole;
  readonly kind: NodeKind;
  /** The node's address in the lab's network. Control port 2377, Engine API 2375. */
  readonly address: string;
  /** `tcp://ADDRESS:2375`, for the docker CLI and dockerode. */
  readonly dockerHost: string;
  readonly containerId: string;
  /** Arbitrary Engine API calls with deadlines. */
  readonly client: NodeClient;
}

export interface FormOptions {
  /** Sent as `Spec` of `POST /swarm/init`, in the Engine API's own words. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** More words of the init request: DefaultAddrPool, SubnetSize, DataPathPort, … */
  readonly init?: Readonly<Record<string, unknown>>;
  readonly deadlineMs?: number;
}

/** When a change was made: before it began and after it was done, in `performance.now()` milliseconds of this process. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault that is in force. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** Why it is believed to have bitten. */
  readonly proof: Proof;
  /** When the fault was put in force, without the time its proofs took. */
  readonly begun: Span;
  /** When it was undone; undefined while it is in force. */
  readonly ended: Span | undefined;
  /**
   * Undoes the fault and proves it; a second call gives the first one's answer.
   * A killed, removed or finished container is Swarm's to replace, so those heals only look.
   * @throws SwarmtwinError `heal-not-taken`
   */
  heal(): Promise<Proof>;
}

export interface Lab {
  readonly id: string;
  readonly name: string;
  readonly subject: Subject;
  /** As asked for; the running engine's own word is in `GET /version` of a node. */
  readonly engine: string;
  /** Whether it outlives its process. */
  readonly kept: boolean;
  readonly nodes: readonly LabNode[];
  /** @throws SwarmtwinError `bad-usage` for a name the lab has not. */
  node(name: NodeName): LabNode;
  /** Every node answers `/_ping`. @throws SwarmtwinError `lab-failed` */
  ready(deadlineMs?: number): Promise<void>;
  /** Init on n1, the other managers in order, workers together; returns when all are Ready and all managers Reachable. */
  formSwarm(options?: FormOptions): Promise<void>;
  /** Joins one node (a spare, say) by way of a manager that answers. Returns when that manager sees it Ready. */
  join(node: NodeName, as: 'manager' | 'worker', through?: NodeName): Promise<void>;
  /** @throws SwarmtwinError `fault-not-bitten`, or `bad-usage` where the fault makes no sense here */
  inject(fault: Fault): Promise<ActiveFault>;
  /** The faults of this process that are in force. */
  active(): readonly ActiveFault[];
  /** Undoes whatever is wrong with the lab, whoever did it, read from the world itself and not from memory. */
  healAll(): Promise<readonly Proof[]>;
  /** The links and their toxics, as the proxy tells them. */
  links(): Promise<readonly LinkState[]>;
  /** Each node's container in words: running, paused, exited, unplugged, its CPU quota, whether its API answers. */
  status(): Promise<readonly NodeStatus[]>;
  /** Removes containers, volumes and network. Safe at any moment, and twice. */
  down(): Promise<void>;
}

export interface NodeStatus {
  readonly node: LabNode;
  readonly state: string;
  /** Other nodes whose gossip and overlay traffic it drops. */
  readonly cutOff: readonly NodeName[];
}

/** One directed link's proxy as it is now. */
export interface LinkState extends DirectedLink {
  /** Names of toxics with their stream, `f1-drop/upstream` say; empty when healthy. */
  readonly toxics: readonly string[];
}
