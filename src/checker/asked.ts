/** What several clients asked of their registers, and what they were told. */
import type { NodeName } from '../model/fault.ts';
import type {
  ClientAsks,
  CompleteRecord,
  HistoryRecord,
  InvokeRecord,
  RegisterKind,
  RegisterTold,
} from '../model/history.ts';
import type { Interval } from './linearizable.ts';
import { UNTOLD } from './registers.ts';
import type { RegisterOp } from './registers.ts';

/** One operation that may have had an effect, or told something. */
export interface Asked extends Interval<RegisterOp> {
  readonly register: string;
  readonly of: RegisterKind;
  readonly node: NodeName;
  readonly isRead: boolean;
  readonly beginMs: number;
  /** Infinity where no answer settled it. */
  readonly endMs: number;
}

type FromClient = InvokeRecord & { readonly client: ClientAsks };

export const isOfClient = (record: HistoryRecord): record is FromClient =>
  record.type === 'invoke' && record.client !== undefined;

/** The services that are registers. */
export const registersOf = (records: readonly HistoryRecord[]): ReadonlySet<string> =>
  new Set(records.filter(isOfClient).map(({ client }) => client.register));

/** In the order of their calls. What certainly did not take place is left out, and so is a read that was told nothing. */
export function readAsked(records: readonly HistoryRecord[]): readonly Asked[] {
  const asks = records.filter(isOfClient);
  if (asks.length === 0) return [];
  const completes = new Map<number, CompleteRecord>();
  for (const record of records) if (record.type === 'complete') completes.set(record.op, record);
  return asks.flatMap((invoke) => {
    const complete = completes.get(invoke.op);
    const op = opOf(invoke, complete);
    if (op === null) return [];
    const isSettled = complete !== undefined && complete.outcome !== 'unknown';
    const { register, of } = invoke.client;
    const isRead = invoke.method === 'GET';
    return [
      {
        ...{ op, register, of, isRead, node: invoke.node, beginN: invoke.n, beginMs: invoke.atMs },
        endN: isSettled ? complete.n : Infinity,
        endMs: isSettled ? complete.atMs : Infinity,
      },
    ];
  });
}

/** A history that was cut off lacks answers: they are as unknown as those that never came. */
function opOf(
  { method, client }: FromClient,
  complete: CompleteRecord | undefined,
): RegisterOp | null {
  const told = complete?.value as RegisterTold | undefined;
  if (method === 'GET') return readOf(client.of, complete, told);
  if (complete?.outcome === 'fail') return null;
  if (method === 'DELETE') return { kind: 'remove' };
  if (client.of === 'name')
    return { kind: 'create', id: told !== undefined && 'id' in told ? told.id : UNTOLD };
  return { kind: 'write', version: client.version ?? 0, value: client.value ?? '' };
}

function readOf(
  of: RegisterKind,
  complete: CompleteRecord | undefined,
  told: RegisterTold | undefined,
): RegisterOp | null {
  if (of === 'name' && complete?.status === 404) return { kind: 'see', id: '' };
  if (complete?.outcome !== 'ok' || told === undefined) return null;
  return 'id' in told ? { kind: 'see', id: told.id } : { kind: 'read', ...told };
}
