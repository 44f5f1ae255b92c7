/** Proofs for the control plane: the proxy's list of toxics, greetings through the links, and the rules that lead into them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DirectedLink } from '../model/fault.ts';
import { benchNode } from './bench.ts';
import type { Bench, BenchNode } from './bench.ts';
import { LINK_CHAIN } from './boot-rules.ts';
import { CONTROL_PORT, linkName, linkPort } from './lab-plan.ts';
import type { LinkFaultPlan, PlannedToxic } from './link-fault-plan.ts';
import { closeTime, greet, probeText } from './link-probe.ts';
import type { Probe } from './link-probe.ts';
import type { ByteCounters, SeenToxic } from './link-proxies.ts';
import { runIn } from './node-exec.ts';
import { expectationOf } from './toxic-proof.ts';

const DIRECT_WAIT_MS = 1500;

/** The connections a fault touches, opener first, with what their target says when it is greeted past the proxy. */
export interface TouchedConnection {
  readonly opener: BenchNode;
  readonly target: BenchNode;
  readonly direct: Probe;
}

/** Each link is touched on the connections of either end. Greets every target past the proxies: the control of the experiment. */
export async function touchedConnections(
  bench: Bench,
  links: readonly DirectedLink[],
): Promise<readonly TouchedConnection[]> {
  const pairs = new Map<string, DirectedLink>();
  for (const { from, to } of links)
    for (const pair of [
      { from, to },
      { from: to, to: from },
    ])
      pairs.set(linkName(pair), pair);
  const targets = new Set([...pairs.values()].map((pair) => pair.to));
  const direct = new Map(
    await Promise.all(
      [...targets].map(
        async (name) =>
          [
            name,
            await greet(benchNode(bench, name).address, CONTROL_PORT, DIRECT_WAIT_MS),
          ] as const,
      ),
    ),
  );
  return [...pairs.values()].flatMap(({ from, to }) => {
    const probe = direct.get(to);
    return probe === undefined
      ? []
      : [{ opener: benchNode(bench, from), target: benchNode(bench, to), direct: probe }];
  });
}

/** A node's way into the proxies is whole: one rule per other node, and the jump to them first in OUTPUT. Throws with what is wrong. */
export async function proveLinksInPlace(bench: Bench, node: BenchNode): Promise<void> {
  const rules = await runIn(
    node.containerId,
    `iptables --wait 10 -t nat -S OUTPUT 1; iptables --wait 10 -t nat -S ${LINK_CHAIN}`,
  );
  const wanted = bench.plan.nodes.filter((other) => other.name !== node.name);
  const missing = wanted.filter(
    (to) => !rules.includes(`--to-destination ${bench.plan.proxyAddress}:${linkPort(node, to)}`),
  );
  if (missing.length > 0 || !rules.includes(`-j ${LINK_CHAIN}`))
    throw new Error(`${node.name} reaches others past the proxies: ${rules.trim()}`);
}

/** Looks at every toxic and greets every link whose target answers. Gives the proof's words, or throws with what is wrong. */
export async function proveToxics(
  bench: Bench,
  plan: LinkFaultPlan,
  connections: readonly TouchedConnection[],
): Promise<string> {
  const seen = await bench.proxies.toxics();
  const missing = plan.toxics.filter((toxic) => !isThere(seen, toxic));
  if (missing.length > 0)
    throw new Error(
      `the proxy does not list ${missing.map((toxic) => `${toxic.name} on ${toxic.proxy}`).join(', ')}`,
    );
  const answering = connections.filter(({ direct }) => direct.outcome === 'answered');
  const words =
    plan.toxic.kind === 'drop'
      ? await proveDrop(bench, plan, answering)
      : await Promise.all(answering.map((connection) => proveOne(bench, plan, connection)));
  const greeted = words.filter((word) => word !== undefined);
  const unseen =
    greeted.length === 0 ? '; no greeting can show it here, the list is the proof' : '';
  return [`${plan.toxics.length} toxics listed${unseen}`, ...greeted].join('; ');
}

/**
 * A drop has to be silent, and in the right direction: of the greetings, the proxy has delivered nothing on the dropped streams and something on the others.
 * The proxy counts a connection's bytes when it ends, so an old connection that ends meanwhile spoils a look; then it looks again.
 */
async function proveDrop(
  bench: Bench,
  plan: LinkFaultPlan,
  connections: readonly TouchedConnection[],
): Promise<readonly (string | undefined)[]> {
  let wrong = '';
  for (let look = 0; look < COUNTER_LOOKS; look++) {
    const before = await bench.proxies.deliveredBytes();
    const words = await Promise.all(connections.map((each) => proveOne(bench, plan, each)));
    await sleep(COUNTER_SETTLE_MS);
    const after = await bench.proxies.deliveredBytes();
    const flows = connections.flatMap((each) => flowsOf(plan, each, before, after));
    const bad = flows.filter((flow) => flow.isDropped === flow.bytes > 0);
    if (bad.length === 0) return [...words, flows.map(flowText).join(', ')];
    wrong = bad.map(flowText).join(', ');
  }
  throw new Error(`delivered bytes say otherwise: ${wrong}`);
}

const COUNTER_LOOKS = 3;
const COUNTER_SETTLE_MS = 30;

interface Flow {
  readonly key: string;
  readonly isDropped: boolean;
  readonly bytes: number;
}

/**
 * The two streams of one proxy. A stream behind a dropped one says nothing: an answer that was never asked for.
 */
function flowsOf(
  plan: LinkFaultPlan,
  { opener, target }: TouchedConnection,
  before: ByteCounters,
  after: ByteCounters,
): readonly Flow[] {
  const name = linkName({ from: opener.name, to: target.name });
  const flow = (stream: PlannedToxic['stream']): Flow => {
    const key = `${name}/${stream}`;
    return {
      key,
      isDropped: plan.toxics.some((toxic) => toxic.proxy === name && toxic.stream === stream),
      bytes: (after.get(key) ?? 0) - (before.get(key) ?? 0),
    };
  };
  const up = flow('upstream');
  const down = flow('downstream');
  return up.isDropped && !down.isDropped ? [up] : [up, down];
}

const flowText = (flow: Flow): string => `${flow.key} delivered ${flow.bytes} bytes`;

async function proveOne(
  bench: Bench,
  plan: LinkFaultPlan,
  connection: TouchedConnection,
): Promise<string | undefined> {
  const { opener, target, direct } = connection;
  const expected = expectationOf(plan.toxic, direct.tookMs);
  if (expected === undefined) return undefined;
  const ask = expected.probe === 'greet' ? greet : closeTime;
  const port = linkPort(opener, target);
  const seen = await ask(bench.plan.proxyAddress, port, expected.waitMs);
  const text = typeof seen === 'object' ? probeText(seen) : `closed in ${seen ?? '∞'} ms`;
  const wrong = expected.wrongWith(seen);
  if (wrong !== undefined)
    throw new Error(`link ${opener.name}-${target.name} with ${plan.toxic.kind}: ${wrong}`);
  return `${opener.name}-${target.name} ${text}`;
}

/** The fault's toxics are gone, and every link that is clean again and whose target answers is answered through. */
export async function proveClean(
  bench: Bench,
  toxics: readonly PlannedToxic[],
  links: readonly DirectedLink[],
): Promise<string> {
  const [seen, connections] = await Promise.all([
    bench.proxies.toxics(),
    touchedConnections(bench, links),
  ]);
  const left = toxics.filter((toxic) => isThere(seen, toxic));
  if (left.length > 0)
    throw new Error(
      `still there: ${left.map((toxic) => `${toxic.name} on ${toxic.proxy}`).join(', ')}`,
    );
  const clean = connections.filter(
    ({ opener, target, direct }) =>
      direct.outcome === 'answered' &&
      !seen.some((toxic) => toxic.proxy === linkName({ from: opener.name, to: target.name })),
  );
  const words = await Promise.all(
    clean.map(async ({ opener, target }) => {
      const port = linkPort(opener, target);
      const probe = await greet(bench.plan.proxyAddress, port, DIRECT_WAIT_MS);
      if (!probe.isComplete)
        throw new Error(`link ${opener.name}-${target.name} is ${probeText(probe)}`);
      return `${opener.name}-${target.name} ${probeText(probe)}`;
    }),
  );
  return ['no toxic of the fault left', ...words].join('; ');
}

function isThere(seen: readonly SeenToxic[], toxic: PlannedToxic): boolean {
  return seen.some(
    (each) =>
      each.proxy === toxic.proxy &&
      each.name === toxic.name &&
      each.stream === toxic.stream &&
      each.type === toxic.type,
  );
}

/** What a greeting past the proxies said, for proofs. */
export function directText(connections: readonly TouchedConnection[]): string {
  const targets = new Map(connections.map(({ target, direct }) => [target.name, direct]));
  return [...targets]
    .map(([name, direct]) => `${name} past the proxy: ${probeText(direct)}`)
    .join('; ');
}
