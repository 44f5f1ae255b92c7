/** A lab that runs: the face of `Lab`, over the bench. */
import type { Fault, NodeName, Proof } from '../model/fault.ts';
import { benchNode } from './bench.ts';
import type { Bench, BenchNode } from './bench.ts';
import { bringBack } from './fault-down.ts';
import { formSwarm, joinNode } from './form-swarm.ts';
import { releaseLab } from './guard.ts';
import { healAll } from './heal-all.ts';
import { InForce } from './in-force.ts';
import { inject } from './inject.ts';
import { linkName, allLinks } from './lab-plan.ts';
import type { ActiveFault, FormOptions, Lab, LinkState, NodeStatus, Subject } from './lab.ts';
import { untilApiAnswers } from './node-ready.ts';
import { statusOf } from './node-status.ts';
import { removeLab } from './remove-lab.ts';

/** Of the whole process: a lab can be taken up twice. */
let faultCount = 0;

export class RunningLab implements Lab {
  readonly #bench: Bench;
  readonly #active = new Map<string, InForce>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  get id(): string {
    return this.#bench.identity.id;
  }

  get name(): string {
    return this.#bench.identity.name;
  }

  get subject(): Subject {
    return this.#bench.identity.subject;
  }

  get engine(): string {
    return this.#bench.identity.engine;
  }

  get kept(): boolean {
    return this.#bench.identity.kept;
  }

  get nodes(): readonly BenchNode[] {
    return this.#bench.nodes;
  }

  node(name: NodeName): BenchNode {
    return benchNode(this.#bench, name);
  }

  async ready(deadlineMs = 30_000): Promise<void> {
    await Promise.all(
      this.nodes.map((node) => untilApiAnswers(node.name, node.client, deadlineMs)),
    );
  }

  async formSwarm(options: FormOptions = {}): Promise<void> {
    await formSwarm(this.#bench, options);
  }

  async join(name: NodeName, as: 'manager' | 'worker', through: NodeName = 'n1'): Promise<void> {
    await joinNode(this.node(name), as, this.node(through));
  }

  async inject(fault: Fault): Promise<ActiveFault> {
    faultCount += 1;
    // The pid tells apart the faults of two processes that work on one lab.
    const id = `f${faultCount}-${process.pid.toString(36)}`;
    const active = new InForce(id, fault, await inject(this.#bench, id, fault), () =>
      this.#active.delete(id),
    );
    this.#active.set(id, active);
    return active;
  }

  active(): readonly ActiveFault[] {
    return [...this.#active.values()];
  }

  async healAll(): Promise<readonly Proof[]> {
    const proofs = await healAll(this.#bench);
    for (const active of this.#active.values()) active.overtaken(proofs);
    this.#active.clear();
    return proofs;
  }

  /** Starts, unpauses or plugs in a node, whoever took it down; its other faults stay. */
  async bringBack(name: NodeName): Promise<Proof> {
    return (await bringBack(this.#bench, this.node(name), `${name} down`)).proof;
  }

  async links(): Promise<readonly LinkState[]> {
    const toxics = await this.#bench.proxies.toxics();
    return allLinks(this.nodes.map((node) => node.name)).map((link) => ({
      ...link,
      toxics: toxics
        .filter((toxic) => toxic.proxy === linkName(link))
        .map((toxic) => `${toxic.name}/${toxic.stream}`),
    }));
  }

  async status(): Promise<readonly NodeStatus[]> {
    return Promise.all(
      this.nodes.map(async (node) => ({ node, ...(await statusOf(this.#bench, node)) })),
    );
  }

  async down(): Promise<void> {
    for (const node of this.nodes) node.client.close();
    await removeLab(this.id);
    releaseLab(this.id);
  }
}
