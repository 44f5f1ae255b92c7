/**
 * A cluster on real engines as a target: real Swarm and the live twin alike, since both answer the same Engine API on the same nodes.
 * The maker gets a lab that has formed its swarm and owns it from then on.
 */
import { filesWith } from '../lab/files-with.ts';
import type { ActiveFault, Lab } from '../lab/lab.ts';
import { portsOf } from '../lab/ports-of.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, NodeName, Proof } from '../model/fault.ts';
import { isInstant, nodesHindered } from '../model/history.ts';
import { apiAnswer } from './api-answer.ts';
import { readEngine, readSettings } from './engine-facts.ts';
import { openEngineEyes } from './engine-eyes.ts';
import type { EngineEyes } from './engine-eyes.ts';
import { realClock } from './eyes-clock.ts';
import { openSwarmEyes } from './swarm-eyes.ts';
import type { SwarmEyes } from './swarm-eyes.ts';
import type { ApiAnswer, ApiCall, Target } from './target.ts';

const DEADLINE_MS = 30_000;

/** What the target keeps while it runs. */
interface Running {
  readonly faults: Map<string, ActiveFault>;
  readonly engines: Map<NodeName, EngineEyes>;
  eyes: SwarmEyes | undefined;
}

/**
 * Makes a target of a lab whose swarm is formed. Reads the engine's version and the cluster's settings from the engine. `end` is what its stop does to the lab:
 * takes it down unless given.
 */
export async function labTarget(
  lab: Lab,
  end: () => Promise<void> = () => lab.down(),
): Promise<Target> {
  const startedAt = Date.now();
  const zero = performance.now();
  const first = lab.nodes[0];
  if (first === undefined)
    throw new SwarmtwinError('lab-failed', 'the lab has no node', 'Start a lab with a manager.');
  const engine = await readEngine(first);
  const settings = await readSettings(first);
  const running: Running = { faults: new Map(), engines: new Map(), eyes: undefined };
  const names = lab.nodes.map((node) => node.name);
  const faulted = (name: string): boolean =>
    [...running.faults.values()].some(
      ({ fault }) => !isInstant(fault) && nodesHindered(fault, names).includes(name),
    );
  return {
    subject: lab.subject,
    engine: engine.version,
    host: engine.host,
    settings,
    nodes: lab.nodes.map(({ name, role, address }) => ({ name, role, address })),
    startedAt,
    now: () => Math.round(performance.now() - zero),
    advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    call: (call) => callNode(lab, call),
    watch: (seen) => {
      const managers = lab.nodes.filter((node) => node.role === 'manager');
      running.eyes = openSwarmEyes({ clock: realClock, startedAt, managers, faulted, seen });
      for (const { name, client } of lab.nodes)
        running.engines.set(name, openEngineEyes(name, client, realClock, seen));
    },
    look: async () => {
      const engines = [...running.engines].filter(([name]) => !faulted(name));
      await Promise.all([running.eyes?.look(), ...engines.map(([, eyes]) => eyes.look())]);
    },
    inject: (name, fault) => inject(lab, running, name, fault),
    heal: (name) => heal(running, name),
    join: (node, role) => lab.join(node, role),
    holding: (node, text) => filesWith(lab.node(node), text),
    ports: (node) => portsOf(lab.node(node)),
    stop: async () => {
      running.eyes?.stop();
      for (const eyes of running.engines.values()) eyes.close();
      await end();
    },
  };
}

async function inject(lab: Lab, running: Running, name: string, fault: Fault): Promise<Proof> {
  const active = await lab.inject(fault);
  if (!isInstant(fault)) running.faults.set(name, active);
  running.eyes?.refocus();
  return active.proof;
}

async function heal(running: Running, name: string): Promise<Proof> {
  const active = running.faults.get(name);
  if (active === undefined)
    throw new SwarmtwinError(
      'bad-usage',
      `no fault named ${name} is in force`,
      'Heal a fault that an earlier inject step named.',
    );
  const proof = await active.heal();
  running.faults.delete(name);
  running.eyes?.refocus();
  return proof;
}

async function callNode(lab: Lab, call: ApiCall): Promise<ApiAnswer> {
  const answer = await lab.node(call.node).client.call(call.method, call.path, {
    deadlineMs: call.deadlineMs ?? DEADLINE_MS,
    ...(call.body === undefined ? {} : { body: call.body }),
  });
  return apiAnswer(answer);
}
