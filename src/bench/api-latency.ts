/**
 * `api`: how long lists and a change of a service's label take with 100 services and 1,000 tasks, through the leader and through a follower, and what
 * the managers hold in memory then. The tasks wait for a node that there is not: both subjects hold the same records, and no container takes part.
 */
import type { Lab, LabNode } from '../lab/lab.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import { usageOf } from './footprint.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { quantile } from './statistics.ts';
import {
  createService,
  firstNode,
  must,
  NOWHERE,
  removeServices,
  serviceSeen,
  untilTasks,
  untilWhole,
} from './swarm-calls.ts';

const SERVICES = 100;
const TASKS_EACH = 10;
const TASKS = SERVICES * TASKS_EACH;
const CALLS = 200;

const WAYS = ['leader', 'follower'] as const;
type Way = (typeof WAYS)[number];
/** What is listed, and how many of it there are. */
const LISTS = { services: SERVICES, tasks: TASKS } as const;
type List = keyof typeof LISTS;
type What = List | 'update';

/** The twin should be no slower than real Swarm. */
const EVEN = { aims: { ratio: 1 } };

const metric = (what: What, way: Way, of: 'p50' | 'p99'): Metric => ({
  name: `api.${what}-${way}-${of}`,
  unit: 'ms',
  ...EVEN,
});

const memory = (way: Way): Metric => ({ name: `api.rss-${way}`, unit: 'MiB', ...EVEN });

export const API_LATENCY: readonly Metric[] = [
  ...(['services', 'tasks', 'update'] as const).flatMap((what) =>
    WAYS.flatMap((way) => (['p50', 'p99'] as const).map((of) => metric(what, way, of))),
  ),
  ...WAYS.map(memory),
];

/** Each sample is a quantile of 200 calls, one after another; the memory is that at the end of the sample. */
export async function measureApi(context: BenchContext): Promise<void> {
  const pair = await context.pair();
  const services = {
    swarm: await fill(pair.swarm),
    twin: await fill(pair.twin),
  };
  context.progress(`api: both swarms hold ${SERVICES} services and ${TASKS} tasks`);
  for (let round = 0; round < context.samples; round += 1) {
    for (const subject of inTurn(round))
      await callOnce(context, pair[subject], subject, services[subject]);
    context.progress(`api ${round + 1}/${context.samples}`);
  }
  for (const subject of inTurn(0))
    await removeServices(pair[subject], firstNode(pair[subject]), services[subject]);
}

async function fill(lab: Lab): Promise<readonly string[]> {
  const leader = await untilWhole(lab, firstNode(lab), 60_000);
  const ids: string[] = [];
  for (let at = 1; at <= SERVICES; at += 1)
    ids.push(await createService(leader, `listed-${at}`, TASKS_EACH, [NOWHERE]));
  await untilTasks(leader, TASKS, 60_000);
  return ids;
}

async function callOnce(
  context: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  services: readonly string[],
): Promise<void> {
  const leader = await untilWhole(lab, firstNode(lab), 60_000);
  const follower = lab.nodes.find((node) => node !== leader) ?? leader;
  for (const [way, node] of [
    ['leader', leader],
    ['follower', follower],
  ] as const) {
    for (const what of ['services', 'tasks'] as const)
      keep(context, subject, what, way, await timeLists(node, what));
    keep(context, subject, 'update', way, await timeUpdates(node, services[0] ?? ''));
  }
  for (const [way, node] of [
    ['leader', leader],
    ['follower', follower],
  ] as const)
    context.readings.add(memory(way), subject, (await usageOf(node, subject)).rssMiB);
}

function keep(
  { readings }: BenchContext,
  subject: BenchSubject,
  what: What,
  way: Way,
  timesMs: readonly number[],
): void {
  readings.add(metric(what, way, 'p50'), subject, quantile(timesMs, 0.5));
  readings.add(metric(what, way, 'p99'), subject, quantile(timesMs, 0.99));
}

async function timeLists(node: LabNode, what: List): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const began = performance.now();
    const answer = await node.client.call('GET', `/${what}`);
    times.push(performance.now() - began);
    const listed: unknown = answer.kind === 'answer' ? JSON.parse(answer.body) : answer.message;
    if (!Array.isArray(listed) || listed.length !== LISTS[what])
      throw new RangeError(`not a list of ${LISTS[what]} ${what}`);
  }
  return times;
}

/** Only the update itself is timed, not the reading of the version it needs. */
async function timeUpdates(node: LabNode, id: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const { Version, Spec } = await serviceSeen(node, id);
    const body = { ...Spec, Labels: { call: String(call) } };
    const began = performance.now();
    await must(node, 'POST', `/services/${id}/update?version=${Version.Index}`, body);
    times.push(performance.now() - began);
  }
  return times;
}
