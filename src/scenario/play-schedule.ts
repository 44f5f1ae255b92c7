/** Plays services and a schedule of faults to a target, on time, and records it as a history. Nothing is healed but what the schedule heals. */
import { ZERO_MARK } from '../model/outage.ts';
import { HISTORY_SCHEMA, nodesHindered, type HistoryRecord } from '../model/history.ts';
import { isToolError } from '../model/errors.ts';
import type { Scenario, Step } from '../model/scenario.ts';
import type { Labels, ServiceSpec } from '../model/specs.ts';
import type { Target } from '../target/target.ts';
import { missing } from './conditions.ts';
import { operate, setLabels, type Client } from './operations.ts';
import type { Action, Scheduled } from './parse-schedule.ts';
import { Recorder, type HistorySink } from './recorder.ts';
import { resolveNode } from './resolve.ts';
import { heal, playStep } from './run-scenario.ts';
import { Sight } from './sight.ts';
import { stepTitle } from './step-title.ts';

export interface SchedulePlan {
  /** What the history's header says; its steps are not played. */
  readonly scenario: Scenario;
  readonly services: readonly ServiceSpec[];
  /** By node. */
  readonly labels: ReadonlyMap<string, Labels>;
  readonly schedule: readonly Scheduled[];
  /** From when all is up. */
  readonly forS: number;
}

/** What does not run by then is part of the answer. */
const START_LIMIT_MS = 60_000;
const LOOK_MS = 100;
/** A swarm that has just come up is left alone for a moment. */
const SETTLE_MS = 5000;

export async function playSchedule(
  plan: SchedulePlan,
  target: Target,
  sink: HistorySink = () => undefined,
): Promise<readonly HistoryRecord[]> {
  const recorder = new Recorder(() => target.now(), sink, []);
  const sight = new Sight(target.nodes.map((node) => node.name));
  const client: Client = {
    ...{ target, recorder, sight, step: 0, operations: 0, crowd: null },
    ...{ tokens: new Map(), data: new Map() },
  };
  const { subject, engine, host, settings, nodes, startedAt } = target;
  const { scenario } = plan;
  const cluster = { subject, engine, host, settings, nodes, startedAt };
  recorder.append({
    type: 'header',
    schema: HISTORY_SCHEMA,
    scenario,
    seed: scenario.seed,
    ...cluster,
  });
  target.watch((seen) => {
    sight.see(seen);
    recorder.append({ type: 'observe', ...seen });
  });
  await target.look();
  await prepare(plan, client);
  const zero = target.now();
  recorder.append({ type: 'mark', name: ZERO_MARK });
  const broken: unknown[] = [];
  for (const { atS, action } of plan.schedule) {
    await target.advance(Math.max(0, zero + atS * 1000 - target.now()));
    const played = play(action, client).catch((caught: unknown) => broken.push(caught));
    // A request may hang for want of a leader; what comes next does not wait for it.
    if (isFault(action)) await played;
    if (broken.length > 0) throw broken[0];
  }
  await target.advance(Math.max(0, zero + plan.forS * 1000 - target.now()));
  if (broken.length > 0) throw broken[0];
  await target.look();
  recorder.append({ type: 'end', outcome: 'complete', text: '' });
  return recorder.records;
}

/** Labels and services, until every service runs or has had its time. */
async function prepare({ services, labels }: SchedulePlan, client: Client): Promise<void> {
  const { target, sight } = client;
  const caller = { client, node: resolveNode('any-manager', sight) };
  for (const [name, pairs] of labels) {
    const id = sight.nodes().find((node) => node.name === name)?.id ?? name;
    await setLabels({ ...caller, label: `label ${name}` }, id, pairs);
  }
  for (const spec of services)
    await operate(
      { ...caller, label: `create ${spec.Name}` },
      { method: 'POST', path: '/services/create', body: spec },
    );
  const limit = target.now() + START_LIMIT_MS;
  const lacking = (): boolean =>
    services.some(({ Name }) => missing({ until: 'running', service: Name }, sight) !== '');
  while (lacking() && target.now() < limit) await target.advance(LOOK_MS);
  await target.advance(SETTLE_MS);
}

const isFault = (action: Action): boolean => action.do === 'heal' || action.step.do === 'inject';

/** What cannot be done at its moment (nobody leads, the slot is empty) is on record as such, and the schedule goes on. */
async function play(action: Action, client: Client): Promise<void> {
  const { recorder } = client;
  if (action.do === 'heal') {
    for (const name of healed(action, client)) await heal(name, client);
    return;
  }
  const { step: number } = client;
  client.step += 1;
  recorder.append({ type: 'step', step: number, title: stepTitle(action.step) });
  const end = await playNow(action.step, client).catch((caught: unknown) => {
    if (!isToolError(caught) || caught.code !== 'bad-scenario') throw caught;
    return { outcome: 'broken' as const, text: caught.message };
  });
  recorder.append({ type: 'step-end', step: number, ...end });
}

/** With the node that is meant now, so that whoever reads of it knows which. */
async function playNow(step: Step, client: Client): ReturnType<typeof playStep> {
  const known =
    step.do === 'set-node' ? { ...step, node: resolveNode(step.node, client.sight) } : step;
  return playStep(known, client, { sink: () => undefined });
}

/** The faults that a heal is about, youngest first. */
function healed({ node }: Extract<Action, { do: 'heal' }>, { sight }: Client): readonly string[] {
  const all = [...sight.faults].reverse();
  if (node === undefined) return all;
  const name = resolveNode(node, sight);
  return all.filter((each) => {
    const fault = sight.fault(each);
    return fault !== undefined && nodesHindered(fault, sight.all).includes(name);
  });
}
