/** What a history's header says of an engine and its swarm, read from a node that must answer. */
import { SwarmtwinError } from '../model/errors.ts';
import type { SwarmSettings } from '../model/history.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import type { EyesClient } from './eyes-client.ts';

/** SwarmKit's raft tick; no setting changes it. */
const TICK_MS = 1000;
const DEADLINE_MS = 30_000;

interface AskedNode {
  readonly name: string;
  readonly client: Pick<EyesClient, 'call'>;
}

export interface EngineFacts {
  readonly version: string;
  readonly host: Readonly<Record<string, string>>;
}

export async function readEngine(node: AskedNode): Promise<EngineFacts> {
  const version = await ask(node, '/version');
  const info = await ask(node, '/info');
  const text = (value: unknown): string =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const host = {
    kernel: text(version['KernelVersion']),
    arch: text(version['Arch']),
    cores: text(info['NCPU']),
    memoryBytes: text(info['MemTotal']),
    cgroup: text(info['CgroupVersion']),
    storage: text(info['Driver']),
  };
  return { version: text(version['Version']), host };
}

interface ApiSwarm {
  readonly Spec: {
    readonly Orchestration?: { readonly TaskHistoryRetentionLimit?: number };
    readonly Raft?: { readonly ElectionTick?: number; readonly HeartbeatTick?: number };
    readonly Dispatcher?: { readonly HeartbeatPeriod?: number };
  };
}

export async function readSettings(node: AskedNode): Promise<SwarmSettings> {
  const { Spec } = (await ask(node, '/swarm')) as unknown as ApiSwarm;
  return {
    tickMs: TICK_MS,
    electionTicks: Spec.Raft?.ElectionTick ?? 10,
    heartbeatTicks: Spec.Raft?.HeartbeatTick ?? 1,
    heartbeatMs: (Spec.Dispatcher?.HeartbeatPeriod ?? 5e9) / NANOSECONDS_PER_MS,
    taskHistoryLimit: Spec.Orchestration?.TaskHistoryRetentionLimit ?? 0,
  };
}

async function ask(node: AskedNode, path: string): Promise<Record<string, unknown>> {
  const answer = await node.client.call('GET', path, { deadlineMs: DEADLINE_MS });
  if (answer.kind === 'answer' && answer.status === 200)
    return JSON.parse(answer.body) as Record<string, unknown>;
  const text = answer.kind === 'answer' ? `${answer.status} ${answer.body}` : answer.message;
  throw new SwarmtwinError(
    'lab-failed',
    `GET ${path} on ${node.name} answered ${text}`,
    'Look at the log of that node: swarmtwin lab status.',
  );
}
