/** `api`: how long a list of ten services and a change of a service's label take, through the leader and through a follower. */
import type { Lab, LabNode } from '../lab/lab.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { quantile } from './statistics.ts';
import {
  createService,
  must,
  removeServices,
  serviceSeen,
  untilRunning,
  untilWhole,
} from './swarm-calls.ts';

const SERVICES = 10;
const CALLS = 200;

const WAYS = ['leader', 'follower'] as const;
type Way = (typeof WAYS)[number];
type What = 'list' | 'update';

const metric = (what: What, way: Way, of: 'p50' | 'p99'): Metric => ({
  name: `api.${what}-${way}-${of}`,
  unit: 'ms',
});

export const API_LATENCY: readonly Metric[] = (['list', 'update'] as const).flatMap((what) =>
  WAYS.flatMap((way) => (['p50', 'p99'] as const).map((of) => metric(what, way, of))),
);

/** Each sample is a quantile of 200 calls, one after another. */
export async function measureApi(context: BenchContext): Promise<void> {
  const pair = await context.pair();
  const services = {
    swarm: await tenServices(pair.swarm),
    twin: await tenServices(pair.twin),
  };
  for (let round = 0; round < context.samples; round += 1) {
    for (const subject of inTurn(round))
      await callOnce(context, pair[subject], subject, services[subject]);
    context.progress(`api ${round + 1}/${context.samples}`);
  }
  for (const subject of inTurn(0))
    await removeServices(pair[subject], first(pair[subject]), services[subject]);
}

async function tenServices(lab: Lab): Promise<readonly string[]> {
  const by = first(lab);
  const ids: string[] = [];
  for (let at = 1; at <= SERVICES; at += 1) ids.push(await createService(by, `listed-${at}`, 1));
  for (const id of ids) await untilRunning(by, id, 1, 60_000, 100);
  return ids;
}

async function callOnce(
  context: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  services: readonly string[],
): Promise<void> {
  const leader = await untilWhole(lab, first(lab), 60_000);
  const follower = lab.nodes.find((node) => node !== leader) ?? leader;
  for (const [way, node] of [
    ['leader', leader],
    ['follower', follower],
  ] as const) {
    keep(context, subject, 'list', way, await timeLists(node));
    keep(context, subject, 'update', way, await timeUpdates(node, services[0] ?? ''));
  }
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

async function timeLists(node: LabNode): Promise<readonly number[]> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const began = performance.now();
    const services = (await must(node, 'GET', '/services')) as readonly unknown[];
    times.push(performance.now() - began);
    if (services.length !== SERVICES) throw new RangeError(`a list of ${services.length} services`);
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

function first(lab: Lab): LabNode {
  const [node] = lab.nodes;
  if (node === undefined) throw new RangeError('a lab without a node');
  return node;
}
