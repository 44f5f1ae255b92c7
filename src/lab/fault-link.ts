/** Faults on links: toxics for the control plane, cuts for the data plane. */
import { messageOf } from '../model/errors.ts';
import type { LinkFault } from '../model/fault.ts';
import { benchNode } from './bench.ts';
import type { Bench, BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import {
  directText,
  proveClean,
  proveLinksInPlace,
  proveToxics,
  touchedConnections,
} from './control-proof.ts';
import { addCuts, bySide, removeCuts } from './data-cuts.ts';
import { cutText, proveCuts, proveUncut } from './data-proof.ts';
import { eventually } from './eventually.ts';
import { planLinkFault } from './link-fault-plan.ts';
import type { LinkFaultPlan } from './link-fault-plan.ts';
import { stateOf } from './node-state.ts';

const HEAL_DEADLINE_MS = 10_000;

/** Names of nodes on which scripts run now, and of those that can send and hear a probe. */
interface Able {
  readonly scripts: ReadonlySet<string>;
  readonly probes: ReadonlySet<string>;
}

/** Puts a link fault in force on both planes at once, and proves it on each. What was begun is undone when the proof fails. */
export async function breakLinks(bench: Bench, id: string, fault: LinkFault): Promise<Bite> {
  const plan = planLinkFault(
    id,
    fault,
    bench.nodes.map((node) => node.name),
  );
  const what = `${plan.toxic.kind} on ${describe(plan)} (${fault.plane})`;
  const able = await ableNodes(bench);
  try {
    const connections = plan.toxics.length > 0 ? await touchedConnections(bench, plan.links) : [];
    if (plan.toxics.length > 0)
      await Promise.all(openers(bench, plan, able).map((node) => proveLinksInPlace(bench, node)));
    const span = await spanOf(() =>
      Promise.all([bench.proxies.add(plan.toxics), addAllCuts(bench, id, plan, able)]),
    );
    const words = await Promise.all([
      plan.toxics.length > 0 ? proveToxics(bench, plan, connections) : '',
      plan.cuts.length > 0 ? proveCuts(bench, id, plan.cuts, able.probes) : '',
    ]);
    const proof = {
      looked: `${describe(plan)}: ${lookedAt(plan)}`,
      before: [directText(connections), plan.cuts.length > 0 ? cutText : '']
        .filter(Boolean)
        .join('; '),
      after: words.filter(Boolean).join('; '),
    };
    return { proof, span, undo: () => mendLinks(bench, id, plan, what) };
  } catch (error) {
    await mendLinks(bench, id, plan, what);
    throw notBitten(what, messageOf(error), error);
  }
}

async function mendLinks(
  bench: Bench,
  id: string,
  plan: LinkFaultPlan,
  what: string,
): Promise<Proved> {
  try {
    const able = await ableNodes(bench);
    const span = await spanOf(() =>
      Promise.all([bench.proxies.remove(plan.toxics), removeAllCuts(bench, id, plan, able)]),
    );
    const waiting = {
      what,
      deadlineMs: HEAL_DEADLINE_MS,
      everyMs: 100,
      code: 'heal-not-taken',
      next: 'Try `swarmtwin lab heal`.',
    } as const;
    const after = await eventually(waiting, async () => {
      const words = await Promise.all([
        plan.toxics.length > 0 ? proveClean(bench, plan.toxics, plan.links) : '',
        plan.cuts.length > 0 ? proveUncut(bench, id, plan.cuts, able.probes) : '',
      ]);
      return words.filter(Boolean).join('; ');
    });
    const proof = { looked: `${describe(plan)}: ${lookedAt(plan)}`, before: what, after };
    return { proof, span };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

/** A killed or paused node runs no scripts and takes its cuts when it is back; an unplugged one hears no probe. */
async function ableNodes(bench: Bench): Promise<Able> {
  const states = await Promise.all(
    bench.nodes.map(async (node) => ({ name: node.name, ...(await stateOf(bench, node)) })),
  );
  const running = states.filter((state) => state.isRunning && !state.isPaused);
  return {
    scripts: new Set(running.map((state) => state.name)),
    probes: new Set(running.filter((state) => state.isPlugged).map((state) => state.name)),
  };
}

async function addAllCuts(
  bench: Bench,
  id: string,
  plan: LinkFaultPlan,
  able: Able,
): Promise<void> {
  await onHearers(bench, plan, able, (hearer, senders) =>
    addCuts(
      hearer,
      id,
      senders.map((sender) => sender.address),
    ),
  );
}

async function removeAllCuts(
  bench: Bench,
  id: string,
  plan: LinkFaultPlan,
  able: Able,
): Promise<void> {
  await onHearers(bench, plan, able, (hearer) => removeCuts(hearer, id));
}

async function onHearers(
  bench: Bench,
  plan: LinkFaultPlan,
  able: Able,
  work: (hearer: BenchNode, senders: readonly BenchNode[]) => Promise<void>,
): Promise<void> {
  await Promise.all(
    [...bySide(plan.cuts, 'to')].map(async ([name, senders]) => {
      const hearer = benchNode(bench, name);
      const todo = (): Promise<void> =>
        work(
          hearer,
          senders.map((sender) => benchNode(bench, sender)),
        );
      if (able.scripts.has(name)) await todo();
      else bench.owed.set(name, [...(bench.owed.get(name) ?? []), todo]);
    }),
  );
}

function openers(bench: Bench, plan: LinkFaultPlan, able: Able): readonly BenchNode[] {
  const names = new Set(plan.links.flatMap(({ from, to }) => [from, to]));
  return bench.nodes.filter((node) => names.has(node.name) && able.scripts.has(node.name));
}

function describe(plan: LinkFaultPlan): string {
  return plan.links.map(({ from, to }) => `${from}→${to}`).join(' ');
}

function lookedAt(plan: LinkFaultPlan): string {
  return [
    ...(plan.toxics.length > 0
      ? ["the proxy's toxics, TLS greetings through the proxies and past them"]
      : []),
    ...(plan.cuts.length > 0 ? ['packet counters of the hearers after a probe packet'] : []),
  ].join('; ');
}
