/** Operations of clients: what was asked of which node, and how it ended. */
import type { NodeName } from '../model/fault.ts';
import type { CompleteRecord, HistoryRecord, InvokeRecord } from '../model/history.ts';
import type { NodeAvailability, ServiceSpec } from '../model/specs.ts';

export interface Operation {
  readonly label: string;
  readonly node: NodeName;
  readonly kind:
    | 'read'
    | 'create'
    | 'update'
    | 'rollback'
    | 'remove'
    | 'set-node'
    | 'set-swarm'
    | 'container'
    | 'other';
  readonly method: string;
  readonly path: string;
  readonly write: boolean;
  /** The service, the node or '' that it is about. */
  readonly about: string;
  /** What was sent, as it is on record. */
  readonly body: unknown;
  /** The spec that a create or an update asked for. */
  readonly spec: ServiceSpec | undefined;
  readonly availability: NodeAvailability | undefined;
  readonly historyLimit: number | undefined;
  readonly invokedMs: number;
  /** Infinity when no answer is on record. */
  readonly completedMs: number;
  readonly outcome: CompleteRecord['outcome'] | 'open';
  readonly status: number;
  readonly text: string;
  readonly value: unknown;
  readonly records: readonly number[];
}

/** In the order of their invocation. */
export function readOperations(records: readonly HistoryRecord[]): readonly Operation[] {
  const completes = new Map<number, CompleteRecord>();
  const names = new Map<string, string>();
  for (const record of records) {
    if (record.type === 'complete') completes.set(record.op, record);
    if (record.type === 'observe' && (record.what === 'service' || record.what === 'node'))
      names.set(record.id, record.name);
  }
  return records
    .filter((record): record is InvokeRecord => record.type === 'invoke')
    .map((invoke) => operationOf(invoke, completes.get(invoke.op), names));
}

function operationOf(
  invoke: InvokeRecord,
  complete: CompleteRecord | undefined,
  names: ReadonlyMap<string, string>,
): Operation {
  const { label, node, method, path, write } = invoke;
  const kind = kindOf(invoke);
  const body = (invoke.body ?? {}) as Partial<ServiceSpec> & {
    readonly Availability?: NodeAvailability;
    readonly Orchestration?: { readonly TaskHistoryRetentionLimit?: number };
  };
  const target = /^\/(?:services|nodes|containers)\/([^/?]+)/.exec(path)?.[1] ?? '';
  // A service without a name was given one, which is known by its id.
  const made = (complete?.value as { readonly ID?: string } | undefined)?.ID ?? '';
  const about =
    kind === 'create' ? body.Name || (names.get(made) ?? '') : (names.get(target) ?? target);
  return {
    ...{ label, node, kind, method, path, write, about },
    body: invoke.body,
    spec: kind === 'create' || kind === 'update' ? (invoke.body as ServiceSpec) : undefined,
    availability: kind === 'set-node' ? body.Availability : undefined,
    historyLimit: body.Orchestration?.TaskHistoryRetentionLimit,
    invokedMs: invoke.atMs,
    completedMs: complete?.atMs ?? Infinity,
    outcome: complete?.outcome ?? 'open',
    status: complete?.status ?? 0,
    text: complete?.text ?? '',
    value: complete?.value,
    records: complete === undefined ? [invoke.n] : [invoke.n, complete.n],
  };
}

function kindOf({ method, path }: InvokeRecord): Operation['kind'] {
  if (/^\/(containers|exec)\//.test(path)) return 'container';
  if (method === 'GET') return 'read';
  if (path.startsWith('/services/')) {
    if (method === 'DELETE') return 'remove';
    if (path.startsWith('/services/create')) return 'create';
    return path.includes('rollback=') ? 'rollback' : 'update';
  }
  if (/^\/nodes\/[^/]+\/update/.test(path)) return 'set-node';
  return path.startsWith('/swarm/update') ? 'set-swarm' : 'other';
}

/** Whether it is about the swarm, not about containers of one engine. */
export const isSwarmOperation = (operation: Operation): boolean => operation.kind !== 'container';

/** How many replicas a spec asks for; `null` for another mode. */
export const replicasOf = (spec: ServiceSpec | undefined): number | null =>
  spec?.Mode.Replicated === undefined ? null : (spec.Mode.Replicated.Replicas ?? 1);

export const imageOf = (spec: ServiceSpec | undefined): string =>
  spec?.TaskTemplate.ContainerSpec?.Image ?? '';
