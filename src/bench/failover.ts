/** `failover`: the leader is killed; when another one leads, when the dead node is Down, when its task runs elsewhere. */
import type { Lab, LabNode } from '../lab/lab.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { BenchContext } from './context.ts';
import { bothAtOnce } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import {
  createService,
  isUp,
  leaderIn,
  nodesSeen,
  removeServices,
  tasksOf,
  until,
  untilRunning,
  untilWhole,
} from './swarm-calls.ts';

const EVERY_MS = 100;
/** Without a leader an engine holds a request for 20 s; another manager may know more by then. */
const PATIENCE_MS = 1500;
const LEADER_MS = 120_000;
const DOWN_MS = 180_000;
const REPLICAS = 3;

/** All from the moment the engine says that the leader's container is dead. */
export const FAILOVER: Readonly<Record<'leader' | 'down' | 'refill', Metric>> = {
  leader: { name: 'failover.new-leader', unit: 's' },
  down: { name: 'failover.node-down', unit: 's' },
  refill: { name: 'failover.refill', unit: 's' },
};

/** Kills the leaders of both swarms at the same moment and brings them back, once per sample: the waits are Swarm's timers, not work. */
export async function measureFailover(context: BenchContext): Promise<void> {
  const { progress, samples } = context;
  const pair = await context.pair();
  for (let round = 0; round < samples; round += 1) {
    await bothAtOnce(pair, (lab, subject) => failOverOnce(context, lab, subject));
    progress(`failover ${round + 1}/${samples} is over`);
  }
}

async function failOverOnce(
  { readings, progress }: BenchContext,
  lab: Lab,
  subject: BenchSubject,
): Promise<void> {
  const leader = await untilWhole(lab, anyOf(lab.nodes), 120_000);
  const service = await createService(leader, 'slots', REPLICAS);
  await untilRunning(leader, service, REPLICAS, 60_000, EVERY_MS);
  const kill = await lab.inject({ kind: 'kill', node: leader.name });
  const since = (): number => (performance.now() - kill.begun.toMs) / 1000;
  const survivors = lab.nodes.filter((node) => node !== leader);
  const next = await until(`a new leader (${subject})`, LEADER_MS, EVERY_MS, () =>
    newLeader(lab, survivors, leader),
  );
  const ledAfter = since();
  readings.add(FAILOVER.leader, subject, ledAfter);
  await until(`${leader.name} Down (${subject})`, DOWN_MS, EVERY_MS, () => downIn(next, leader));
  const downAfter = since();
  readings.add(FAILOVER.down, subject, downAfter);
  await until(`the refill (${subject})`, DOWN_MS, EVERY_MS, () => refilled(next, service, leader));
  const refillAfter = since();
  readings.add(FAILOVER.refill, subject, refillAfter);
  const said = [ledAfter, downAfter, refillAfter].map((each) => each.toFixed(1));
  progress(
    `failover ${subject}: leader ${said[0] ?? ''}, Down ${said[1] ?? ''}, refill ${said[2] ?? ''} s`,
  );
  await kill.heal();
  const by = await untilWhole(lab, next, 120_000);
  await removeServices(lab, by, [service]);
}

/** Asks all survivors at once; the first that sees a leader among them counts. */
async function newLeader(
  lab: Lab,
  survivors: readonly LabNode[],
  dead: LabNode,
): Promise<LabNode | undefined> {
  const seen = survivors.map(async (node) => {
    const found = leaderIn(lab, await nodesSeen(node, PATIENCE_MS));
    if (found === undefined || found === dead) throw new Error(`${node.name} sees no new leader`);
    return found;
  });
  return Promise.any(seen).catch(() => undefined);
}

async function downIn(by: LabNode, dead: LabNode): Promise<true | undefined> {
  const seen = await nodesSeen(by, PATIENCE_MS);
  const node = seen.find((each) => each.Description?.Hostname === dead.name);
  return node?.Status?.State === 'down' ? true : undefined;
}

async function refilled(by: LabNode, service: string, dead: LabNode): Promise<true | undefined> {
  const nodes = await nodesSeen(by, PATIENCE_MS);
  const deadId = nodes.find((each) => each.Description?.Hostname === dead.name)?.ID;
  const tasks = await tasksOf(by, service);
  const up = tasks.filter((task) => isUp(task) && task.NodeID !== deadId);
  return up.length === REPLICAS ? true : undefined;
}

function anyOf(nodes: readonly LabNode[]): LabNode {
  const [node] = nodes;
  if (node !== undefined) return node;
  throw new SwarmtwinError('lab-failed', 'a lab without a node', 'Measure again.');
}
