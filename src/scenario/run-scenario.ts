/** Plays one scenario to one target and records what happens. Whatever goes wrong, faults are healed and the history gets its end. */
import { SwarmtwinError, isToolError, messageOf } from '../model/errors.ts';
import { HISTORY_SCHEMA } from '../model/history.ts';
import type { HistoryRecord, StepEndRecord } from '../model/history.ts';
import type { NodeRef, Scenario, Step } from '../model/scenario.ts';
import type { Target } from '../target/target.ts';
import { startClients } from './clients.ts';
import { missing } from './conditions.ts';
import type { Client } from './operations.ts';
import { playOperation } from './play-operation.ts';
import { Recorder } from './recorder.ts';
import type { HistorySink } from './recorder.ts';
import { resolveFault, resolveNode } from './resolve.ts';
import { findData } from './secret-operations.ts';
import { Sight } from './sight.ts';
import { stepTitle } from './step-title.ts';

/** How often a wait looks whether its condition is met; observations arrive by themselves. */
const LOOK_MS = 100;

export interface RunPorts {
  readonly sink: HistorySink;
  /** Told of each record as it is made. */
  readonly watchers?: readonly ((record: HistoryRecord) => void)[];
  /** Asked before each step; a text ends the run with it as the reason (Ctrl-C, say). */
  readonly interrupted?: () => string | undefined;
}

/** The scenario's own claims and steps come back in the header, so that the history can be judged by itself. Does not stop the target. */
export async function runScenario(
  scenario: Scenario,
  target: Target,
  ports: RunPorts,
): Promise<readonly HistoryRecord[]> {
  const recorder = new Recorder(() => target.now(), ports.sink, ports.watchers ?? []);
  const sight = new Sight(target.nodes.map((node) => node.name));
  const client: Client = {
    ...{ target, recorder, sight, step: 0, operations: 0, crowd: null },
    ...{ tokens: new Map(), data: new Map() },
  };
  const { subject, engine, host, settings, nodes, startedAt } = target;
  const cluster = { subject, engine, host, settings, nodes, startedAt };
  const { seed } = scenario;
  recorder.append({ type: 'header', schema: HISTORY_SCHEMA, scenario, seed, ...cluster });
  target.watch((seen) => {
    sight.see(seen);
    recorder.append({ type: 'observe', ...seen });
  });
  await target.look();
  const broken = await playSteps(scenario.steps, client, ports);
  await client.crowd?.stop();
  const unhealed = await healAll(client);
  await target.look();
  const text = [broken, unhealed].filter((part) => part !== '').join('; ');
  recorder.append({ type: 'end', outcome: text === '' ? 'complete' : 'aborted', text });
  return recorder.records;
}

/** Why the steps could not be played to the end; '' when they were. */
async function playSteps(steps: readonly Step[], client: Client, ports: RunPorts): Promise<string> {
  const { recorder } = client;
  for (const [index, step] of steps.entries()) {
    const interrupted = ports.interrupted?.();
    if (interrupted !== undefined) return interrupted;
    client.step = index;
    recorder.append({ type: 'step', step: index, title: stepTitle(step) });
    const end = await playStep(step, client, ports).catch((caught: unknown): Ending => ({
      outcome: 'broken',
      text: explain(caught),
    }));
    recorder.append({ type: 'step-end', step: index, ...end });
    if (end.outcome === 'broken') return `step ${index + 1} (${stepTitle(step)}): ${end.text}`;
  }
  return '';
}

const explain = (caught: unknown): string =>
  isToolError(caught) ? `${caught.message} ${caught.next}` : messageOf(caught);

type Ending = Pick<StepEndRecord, 'outcome' | 'text'>;
const DONE: Ending = { outcome: 'done', text: '' };

/** One step, without a word of its own in the history. Throws what the target throws. */
export async function playStep(step: Step, client: Client, ports: RunPorts): Promise<Ending> {
  const { target, recorder, sight } = client;
  switch (step.do) {
    case 'wait':
      return waitUntil(step, client, ports);
    case 'hold':
      await hold(step.seconds, client, ports);
      return DONE;
    case 'mark':
      recorder.append({ type: 'mark', name: step.name });
      return DONE;
    case 'name':
      sight.name(step.as, resolveNode(step.node, sight));
      return { outcome: 'done', text: `${step.as} is ${sight.named(step.as) ?? ''}` };
    case 'inject':
      return inject(step, client);
    case 'heal':
      await heal(step.fault, client);
      return DONE;
    case 'start-clients':
      client.crowd = await startClients(step, client);
      return DONE;
    case 'stop-clients':
      await client.crowd?.stop();
      client.crowd = null;
      return DONE;
    case 'find-data':
      return { outcome: 'done', text: await findData(client, step) };
    case 'look-at-ports':
      return { outcome: 'done', text: await lookAtPorts(step.node, client) };
    case 'join':
      await target.join(resolveNode(step.node, sight), step.role);
      return DONE;
    default:
      return { outcome: 'done', text: await playOperation(step, client) };
  }
}

async function waitUntil(
  step: Extract<Step, { do: 'wait' }>,
  client: Client,
  ports: RunPorts,
): Promise<Ending> {
  const { target, sight } = client;
  const began = target.now();
  await target.look();
  for (;;) {
    const lack = missing(step, sight);
    const waitedMs = target.now() - began;
    if (lack === '') return { outcome: 'done', text: `after ${seconds(waitedMs)} s` };
    if (waitedMs > step.withinS * 1000) return { outcome: 'late', text: lack };
    const interrupted = ports.interrupted?.();
    if (interrupted !== undefined) return { outcome: 'broken', text: interrupted };
    await target.advance(LOOK_MS);
  }
}

async function lookAtPorts(ref: NodeRef, { target, recorder, sight }: Client): Promise<string> {
  const node = resolveNode(ref, sight);
  const found = await target.ports(node);
  recorder.append({ type: 'observe', what: 'ports', node, ...found });
  return found.listens.join(', ');
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

async function hold(holdS: number, { target }: Client, ports: RunPorts): Promise<void> {
  const until = target.now() + holdS * 1000;
  while (target.now() < until && ports.interrupted?.() === undefined)
    await target.advance(Math.min(LOOK_MS, until - target.now()));
}

async function inject(step: Extract<Step, { do: 'inject' }>, client: Client): Promise<Ending> {
  const { target, recorder, sight } = client;
  const fault = resolveFault(step.fault, sight);
  const name = step.as;
  recorder.append({ type: 'fault', phase: 'begin', name, fault });
  sight.faultBegan(name, fault);
  const proof = await target.inject(name, fault).catch((caught: unknown) => {
    sight.faultEnded(name);
    throw caught;
  });
  recorder.append({ type: 'fault', phase: 'bitten', name, fault, proof });
  return { outcome: 'done', text: proof.after };
}

export async function heal(name: string, client: Client): Promise<void> {
  const { target, recorder, sight } = client;
  const fault = sight.fault(name);
  if (fault === undefined)
    throw new SwarmtwinError(
      'bad-scenario',
      `no fault named ${name} is in force`,
      'Heal a fault that an earlier inject step named.',
    );
  recorder.append({ type: 'fault', phase: 'heal-begin', name, fault });
  const proof = await target.heal(name);
  recorder.append({ type: 'fault', phase: 'healed', name, fault, proof });
  sight.faultEnded(name);
}

/** Heals what the scenario left in force, youngest first. Faults that could not be healed are named. */
async function healAll(client: Client): Promise<string> {
  const problems: string[] = [];
  for (const name of [...client.sight.faults].reverse()) {
    try {
      await heal(name, client);
    } catch (caught) {
      problems.push(`${name} was not healed: ${explain(caught)}`);
      client.sight.faultEnded(name);
    }
  }
  return problems.join('; ');
}
