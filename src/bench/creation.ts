/**
 * `create`: `service create` of 1, 10, 50 and 100 replicas on three nodes, until the leader says that all of them run; and the way from 50 to none, until
 * the leader lists no task any more.
 */
import type { Lab, LabNode } from '../lab/lab.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import {
  createService,
  firstNode,
  must,
  removeServices,
  serviceSeen,
  tasksOf,
  until,
  untilRunning,
  untilWhole,
} from './swarm-calls.ts';

const DEADLINE_MS = 180_000;

/** A look at many tasks is work for the leader, so it is taken as seldom as the figure allows: a fiftieth of it or so. */
const SIZES = [
  { replicas: 1, everyMs: 10, samples: Infinity },
  { replicas: 10, everyMs: 40, samples: Infinity },
  { replicas: 50, everyMs: 200, samples: 3 },
  { replicas: 100, everyMs: 400, samples: 2 },
] as const;
type Size = (typeof SIZES)[number];

const SCALED = 50;
const SCALED_EVERY_MS = 100;

/** The twin should be no slower than real Swarm. */
const EVEN = { aims: { ratio: 1 } };

export const creationMetric = (replicas: number): Metric => ({
  name: `create.${replicas}`,
  unit: 's',
  ...EVEN,
});
const SCALE_TO_NONE: Metric = { name: `create.${SCALED}-to-0`, unit: 's', ...EVEN };
export const CREATION: readonly Metric[] = [
  ...SIZES.map(({ replicas }) => creationMetric(replicas)),
  SCALE_TO_NONE,
];

export async function measureCreation(context: BenchContext): Promise<void> {
  const pair = await context.pair();
  for (const size of SIZES) {
    const samples = Math.min(context.samples, size.samples);
    for (let round = 0; round < samples; round += 1) {
      for (const subject of inTurn(round)) await createOnce(context, pair[subject], subject, size);
      context.progress(`create ${size.replicas}: ${round + 1}/${samples}`);
    }
  }
}

async function createOnce(
  { readings }: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  { replicas, everyMs }: Size,
): Promise<void> {
  const leader = await untilWhole(lab, firstNode(lab), 60_000);
  const began = performance.now();
  const service = await createService(leader, 'created', replicas);
  await untilRunning(leader, service, replicas, DEADLINE_MS, everyMs);
  readings.add(creationMetric(replicas), subject, (performance.now() - began) / 1000);
  if (replicas === SCALED)
    readings.add(SCALE_TO_NONE, subject, (await timeToNone(leader, service)) / 1000);
  await removeServices(lab, leader, [service]);
}

async function timeToNone(leader: LabNode, service: string): Promise<number> {
  const { Version, Spec } = await serviceSeen(leader, service);
  const body = { ...Spec, Mode: { Replicated: { Replicas: 0 } } };
  const began = performance.now();
  await must(leader, 'POST', `/services/${service}/update?version=${Version.Index}`, body);
  await until(`no task on ${leader.name}`, DEADLINE_MS, SCALED_EVERY_MS, async () => {
    const left = await tasksOf(leader, service);
    return left.length === 0 ? true : undefined;
  });
  return performance.now() - began;
}
