/** `create`: `service create` of 1, 10 and 50 replicas on three nodes, until the leader says that all of them run. */
import type { Lab } from '../lab/lab.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { createService, removeServices, untilRunning, untilWhole } from './swarm-calls.ts';

const DEADLINE_MS = 180_000;
/** A look at many tasks is work for the leader, so it is taken as seldom as the figure allows: a fiftieth of it or so. */
const EVERY_MS = { 1: 10, 10: 40, 50: 200 } as const;

const SIZES = [1, 10, 50] as const;
type Size = (typeof SIZES)[number];

export const creationMetric = (replicas: number): Metric => ({
  name: `create.${replicas}`,
  unit: 's',
});
export const CREATION: readonly Metric[] = SIZES.map(creationMetric);

export async function measureCreation(context: BenchContext): Promise<void> {
  const pair = await context.pair();
  for (const replicas of SIZES)
    for (let round = 0; round < context.samples; round += 1) {
      for (const subject of inTurn(round))
        await createOnce(context, pair[subject], subject, replicas);
      context.progress(`create ${replicas}: ${round + 1}/${context.samples}`);
    }
}

async function createOnce(
  { readings }: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  replicas: Size,
): Promise<void> {
  const [first] = lab.nodes;
  if (first === undefined) return;
  const leader = await untilWhole(lab, first, 60_000);
  const began = performance.now();
  const service = await createService(leader, 'created', replicas);
  await untilRunning(leader, service, replicas, DEADLINE_MS, EVERY_MS[replicas]);
  readings.add(creationMetric(replicas), subject, (performance.now() - began) / 1000);
  await removeServices(lab, leader, [service]);
}
