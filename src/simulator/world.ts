/** Whole nodes of the twin, on virtual time, network, disks and container engines. The same seed gives the same history, byte for byte. */
import type { ControlReplies, ControlRequest } from '../model/control.ts';
import type { Node, Service, Task } from '../model/objects.ts';
import type { Result } from '../model/result.ts';
import {
  DEFAULT_SWARM_SPEC,
  type NodeAvailability,
  type ServiceSpec,
  type SwarmSpec,
} from '../model/specs.ts';
import type { LogLine } from '../swarm/ports.ts';
import { VirtualTime } from '../swarm/virtual-time.ts';
import { Machine, type Stage } from './machine.ts';
import { SimulatedNetwork } from './network.ts';
import type { Network } from './process.ts';
import { Touched } from './touched.ts';

/** An answer that may still be awaited. `afterMs` is counted from the question. */
export interface Asked<T> {
  result: Result<T> | null;
  afterMs: number;
}

export interface WorldOptions {
  /** All chance of the world comes from it, forked by the names of machines and links. */
  readonly seed?: string;
  /** Whether log lines are kept. The latest only, since a long run has no end of them. Default true. */
  readonly keepsLines?: boolean;
  /** Whether agents tell managers what their containers write; it costs each of them a stream. Default false. */
  readonly carriesLogs?: boolean;
  /** What `NodePorts` says of it. Default false. */
  readonly keepsJoinAddress?: boolean;
}

export interface WorldLine extends LogLine {
  readonly machine: string;
  /** The world's time. */
  readonly at: number;
}

const DEFAULT_SEED = 'world';
/** How often `until` looks. */
const STEP_MS = 10;
/** Twice so many lines, and the older half goes. */
const LINES_KEPT = 10_000;

export class World {
  readonly time = new VirtualTime();
  readonly network: Network;
  readonly lines: WorldLine[] = [];
  readonly machines = new Map<string, Machine>();
  readonly #stage: Stage;
  readonly #touched: Touched[] = [];

  constructor(options: string | WorldOptions = {}) {
    const {
      seed = DEFAULT_SEED,
      keepsLines = true,
      carriesLogs = false,
      keepsJoinAddress = false,
    }: WorldOptions = typeof options === 'string' ? { seed: options } : options;
    this.network = new SimulatedNetwork(this.time, seed);
    this.network.carriesLogs = carriesLogs;
    const { time, network } = this;
    const log: Stage['log'] = keepsLines
      ? (machine, line) => {
          this.#keep(machine, line);
        }
      : () => undefined;
    const touched: Stage['touched'] = (machine) => {
      for (const each of this.#touched) each.note(machine);
    };
    this.#stage = { time, network, seed, keepsJoinAddress, touched, log };
  }

  /** A swarm of so many managers and workers, m1 its founder and leader; every node is ready. */
  static of(managers: number, workers = 0, options: string | WorldOptions = {}): World {
    const swarm = new World(options);
    swarm.init('m1');
    for (let n = 2; n <= managers; n += 1) swarm.join(`m${n}`, 'manager');
    for (let n = 1; n <= workers; n += 1) swarm.join(`w${n}`, 'worker');
    swarm.until('every node is ready', () =>
      swarm.nodes().every((node) => node.status.state === 'ready'),
    );
    return swarm;
  }

  machine(name: string): Machine {
    let machine = this.machines.get(name);
    if (machine === undefined) {
      machine = new Machine(name, this.machines.size, this.#stage);
      this.machines.set(name, machine);
    }
    return machine;
  }

  /** Collects, from now on, the machines on which anything happens; those that are there count as touched. */
  touched(): Touched {
    const touched = new Touched();
    for (const machine of this.machines.values()) touched.note(machine);
    this.#touched.push(touched);
    return touched;
  }

  advance(ms: number): void {
    this.time.advance(ms);
  }

  /** Advances until the condition holds; answers the time it took, or throws after `limitMs`. */
  until(what: string, condition: () => boolean, limitMs = 120_000): number {
    const begin = this.time.now;
    while (!condition()) {
      if (this.time.now - begin > limitMs)
        throw new Error(`not within ${limitMs} ms: ${what}\n${this.#lastLines()}`);
      this.#skip(begin + limitMs);
      this.advance(STEP_MS);
    }
    return this.time.now - begin;
  }

  /** Asks and goes on; the answer comes into what is returned. */
  ask<T>(question: (done: (result: Result<T>) => void) => void): Asked<T> {
    const begin = this.time.now;
    const asked: Asked<T> = { result: null, afterMs: -1 };
    question((result) => {
      if (asked.result !== null) throw new Error('answered twice');
      asked.result = result;
      asked.afterMs = this.time.now - begin;
    });
    return asked;
  }

  /** Asks and waits for the answer; the text of an error is thrown. */
  wait<T>(question: (done: (result: Result<T>) => void) => void, limitMs = 60_000): T {
    const asked = this.ask(question);
    this.until('an answer', () => asked.result !== null, limitMs);
    const { result } = asked;
    if (result?.ok === true) return result.value;
    throw new Error(result?.error.text ?? 'no answer');
  }

  init(name: string, spec: SwarmSpec = DEFAULT_SWARM_SPEC): string {
    const machine = this.machine(name);
    const { nodeId } = this.wait<{ readonly nodeId: string }>((done) => {
      machine.node.init(
        {
          listenAddr: '0.0.0.0:2377',
          advertiseAddr: machine.addr,
          availability: 'active',
          spec,
          defaultAddressPool: [],
          subnetSize: 24,
          dataPathPort: 4789,
        },
        done,
      );
    });
    return nodeId;
  }

  token(role: 'manager' | 'worker'): string {
    return this.control(this.leader(), { method: 'get-cluster' }).joinTokens[role];
  }

  join(name: string, role: 'manager' | 'worker', through = this.leader()): void {
    const token = this.token(role);
    this.wait<null>((done) => {
      this.askToJoin(name, token, through, done);
    });
  }

  askToJoin(
    name: string,
    joinToken: string,
    through: string,
    done: (result: Result<null>) => void,
    availability: NodeAvailability = 'active',
  ): void {
    const machine = this.machine(name);
    const remoteAddr = this.machine(through).addr;
    const listenAddr = '0.0.0.0:2377';
    machine.node.join(
      { listenAddr, advertiseAddr: machine.addr, remoteAddr, joinToken, availability },
      done,
    );
  }

  /** What a client of that node gets, sooner or later. */
  asking<R extends ControlRequest>(
    name: string,
    request: R,
    budgetMs?: number,
  ): Asked<ControlReplies[R['method']]> {
    return this.ask((done) => {
      this.machine(name).node.control(request, done, budgetMs);
    });
  }

  control<R extends ControlRequest>(name: string, request: R): ControlReplies[R['method']] {
    return this.wait((done) => {
      this.machine(name).node.control(request, done);
    });
  }

  /** The machine whose manager leads and serves, or `''`. Of two that think so, the one of the newer term. */
  leader(): string {
    let leader = '';
    let newest = -1;
    for (const { name, process } of this.machines.values()) {
      const { manager } = process.node;
      if (!process.isAlive() || manager?.leader?.started !== true) continue;
      const { term } = manager.raftStatus();
      if (term <= newest) continue;
      leader = name;
      newest = term;
    }
    return leader;
  }

  term(name: string): number {
    return this.machine(name).node.manager?.raftStatus().term ?? 0;
  }

  /** How long until there is a leader other than the machines named. */
  untilLeader(...except: readonly string[]): number {
    return this.until('a new leader', () => !['', ...except].includes(this.leader()));
  }

  /** The nodes as the leader has them. */
  nodes(): readonly Node[] {
    return this.#read()?.all('node') ?? [];
  }

  /** The node of that machine as the leader has it. */
  nodeOf(name: string): Node {
    const id = this.machine(name).node.nodeId();
    const node = this.nodes().find((other) => other.id === id);
    if (node === undefined) throw new Error(`the leader has no node for ${name}`);
    return node;
  }

  updateNode(name: string, change: Partial<Node['spec']>, through = this.leader()): void {
    const { id, meta, spec } = this.nodeOf(name);
    const request = { method: 'update-node', ref: id, version: meta.version } as const;
    this.control(through, { ...request, spec: { ...spec, ...change } });
  }

  createService(name: string, replicas: number, patch: Partial<ServiceSpec> = {}): string {
    const spec: ServiceSpec = {
      Name: name,
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      Mode: { Replicated: { Replicas: replicas } },
      ...patch,
    };
    return this.control(this.leader(), { method: 'create-service', spec }).id;
  }

  service(name: string): Service | undefined {
    return this.#read()
      ?.all('service')
      .find((service) => service.spec.Name === name);
  }

  tasks(service: string): readonly Task[] {
    const tasks = this.#read()?.all('task') ?? [];
    return tasks.filter((task) => task.serviceName === service);
  }

  running(service: string): readonly Task[] {
    return this.tasks(service).filter(
      (task) => task.desiredState === 'running' && task.status.state === 'running',
    );
  }

  /** All lines that were logged, as text. */
  logged(machine?: string): readonly string[] {
    return this.lines
      .filter((line) => machine === undefined || line.machine === machine)
      .map((line) => `${line.level} ${line.part}: ${line.message}`);
  }

  /** Steps in which nothing happens change no condition. */
  #skip(endMs: number): void {
    const quietMs = Math.min(this.time.nextAt, endMs + STEP_MS) - this.time.now;
    const steps = Math.ceil(quietMs / STEP_MS) - 1;
    if (steps > 0) this.advance(steps * STEP_MS);
  }

  #keep(machine: string, { level, part, message }: LogLine): void {
    this.lines.push({ level, part, message, machine, at: this.time.now });
    if (this.lines.length >= 2 * LINES_KEPT) this.lines.splice(0, LINES_KEPT);
  }

  #read(): NonNullable<Machine['node']['manager']>['store']['read'] | undefined {
    const name = this.leader();
    return name === '' ? undefined : this.machine(name).node.manager?.store.read;
  }

  #lastLines(): string {
    return this.lines
      .slice(-15)
      .map(({ at, machine, message }) => `${at} ${machine}: ${message}`)
      .join('\n');
  }
}
