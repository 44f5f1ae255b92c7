/** `recorder`: what this process spends on recording a lab whose tasks come and go, at the four looks a second of every history. */
import type { Lab, LabNode } from '../lab/lab.ts';
import { SwarmtwinError } from '../model/errors.ts';
import { inTurn, pause, type BenchContext } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import {
  createService,
  firstNode,
  must,
  removeServices,
  serviceSeen,
  untilRunning,
  untilWhole,
} from './swarm-calls.ts';

const CPU: Metric = {
  name: 'recorder.cpu',
  unit: '% of a core',
  aims: { swarm: 5, twin: 5 },
};
export const RECORDING: readonly Metric[] = [CPU];

/** A history under way. */
export interface Recording {
  /** How many records it has. */
  readonly records: () => number;
  readonly stop: () => Promise<void>;
}

/** Begins to record a lab, to a file, as runs do. */
export type BeginRecording = (lab: Lab, subject: BenchSubject) => Promise<Recording>;

const FEW = 5;
const MANY = 15;
const ROUNDS = 4;
const ROUND_MS = 5000;
const DEADLINE_MS = 60_000;
const LOOK_MS = 500;

/** Records both swarms, in turn, while a service goes to and fro between five and fifteen replicas. */
export async function measureRecording(
  context: BenchContext,
  record: BeginRecording,
): Promise<void> {
  const pair = await context.pair();
  for (let round = 0; round < context.samples; round += 1)
    for (const subject of inTurn(round)) await recordOnce(context, pair[subject], subject, record);
}

async function recordOnce(
  { readings, progress }: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  record: BeginRecording,
): Promise<void> {
  const leader = await untilWhole(lab, firstNode(lab), DEADLINE_MS);
  const service = await createService(leader, 'recorded', FEW);
  await untilRunning(leader, service, FEW, DEADLINE_MS, LOOK_MS);
  const recording = await record(lab, subject);
  const [before, seenBefore, from] = [process.cpuUsage(), recording.records(), performance.now()];
  await toAndFro(leader, service);
  const { user, system } = process.cpuUsage(before);
  const percent = (user + system) / 10 / (performance.now() - from);
  const records = recording.records() - seenBefore;
  await recording.stop();
  await removeServices(lab, leader, [service]);
  if (records === 0)
    throw new SwarmtwinError(
      'internal',
      `nothing of ${subject} was recorded`,
      'This is a fault of src/target.',
    );
  readings.add(CPU, subject, percent);
  progress(`recorder ${subject}: ${percent.toFixed(1)} % of a core, ${records} records`);
}

async function toAndFro(leader: LabNode, service: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { Version, Spec } = await serviceSeen(leader, service);
    const Replicas = round % 2 === 0 ? MANY : FEW;
    await must(leader, 'POST', `/services/${service}/update?version=${Version.Index}`, {
      ...Spec,
      Mode: { Replicated: { Replicas } },
    });
    await pause(ROUND_MS);
  }
}
