/** What a client does to the swarm: each call is recorded before it is made and when it has ended, with what came of it. */
import type { ClientAsks, CompleteRecord, NodeSeen, ServiceSeen } from '../model/history.ts';
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { NodeName } from '../model/fault.ts';
import type { ServiceChange, Step } from '../model/scenario.ts';
import type { NodeRole, ServiceSpec } from '../model/specs.ts';
import type { ApiAnswer, ApiCall, Target } from '../target/target.ts';
import type { Recorder } from './recorder.ts';
import { changed } from './service-spec.ts';
import type { Sight } from './sight.ts';

/** A stale version is answered with an error, and a client reads again; so often. */
const STALE_TRIES = 5;
const STALE_TEXT = 'update out of sequence';

/** What an operation needs; one per run. */
export interface Client {
  readonly target: Target;
  readonly recorder: Recorder;
  readonly sight: Sight;
  /** The step that is being played. */
  step: number;
  /** Operations so far. */
  operations: number;
  /** The join tokens that were kept, by the names that the steps gave them. */
  readonly tokens: Map<string, Readonly<Record<NodeRole, string>>>;
  /** The secrets and configs that were made, by their names. */
  readonly data: Map<string, { readonly id: string; readonly data: string }>;
  /** Clients at work beside the steps; null while there are none. */
  crowd: Crowd | null;
}

/** Clients that are at work. */
export interface Crowd {
  /** Resolves when each has had its last answer. */
  stop(): Promise<void>;
}

/** Who makes the call, to which node, and under which name. */
export interface Caller {
  readonly client: Client;
  readonly node: NodeName;
  readonly label: string;
  readonly deadlineMs?: number;
  /** What goes on record in place of the body where one of several clients asks. */
  readonly asks?: ClientAsks;
  /** What goes on record in place of a body with a secret. */
  readonly shown?: unknown;
}

export interface Outcome {
  readonly outcome: CompleteRecord['outcome'];
  readonly status: number;
  readonly text: string;
  readonly value: unknown;
}

/** One call on record. `keep` says what of the answer goes into the history. */
export async function operate(
  { client, node, label, deadlineMs, asks, shown }: Caller,
  call: Omit<ApiCall, 'node'>,
  keep: (value: unknown) => unknown = () => undefined,
): Promise<Outcome> {
  const { target, recorder, step } = client;
  client.operations += 1;
  const op = client.operations;
  const write = call.method !== 'GET';
  const { method, path, body } = call;
  const what = asks === undefined ? { body: shown ?? body } : { client: asks };
  recorder.append({ type: 'invoke', op, step, label, node, method, path, write, ...what });
  const answer = await target.call({
    ...call,
    node,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  const outcome = outcomeOf(answer, write);
  const value = outcome.outcome === 'ok' ? keep(outcome.value) : undefined;
  const { status, text } = outcome;
  recorder.append({ type: 'complete', op, outcome: outcome.outcome, status, text, value });
  return outcome;
}

/** Answers that leave open whether a write took place: the leader was lost, or nobody answered in time (measured.md, points 2 and 4). */
const AMBIGUOUS =
  /lost leader status|DeadlineExceeded|context deadline exceeded|code = (Unavailable|Canceled)|node is stopped|AlreadyExists/;

function outcomeOf(answer: ApiAnswer, write: boolean): Outcome {
  if (answer.kind === 'no-answer') {
    const outcome = write && answer.sent ? 'unknown' : 'fail';
    return { outcome, status: 0, text: answer.text, value: null };
  }
  const { status, value } = answer;
  if (status >= 200 && status < 300) return { outcome: 'ok', status, text: '', value };
  const text = textOf(value);
  const open = write && AMBIGUOUS.test(text) && !text.includes(NO_LEADER_TEXT);
  return { outcome: open ? 'unknown' : 'fail', status, text, value };
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'message' in value
    ? String(value.message)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

export const createService = (caller: Caller, spec: ServiceSpec): Promise<Outcome> =>
  operate(caller, { method: 'POST', path: '/services/create', body: spec }, (value) => value);

/** Changes a service on top of what it is now. Without a leader the last form that was seen stands in for the read. */
export async function updateService(
  caller: Caller,
  name: string,
  change: ServiceChange,
): Promise<Outcome> {
  return writeService(caller, name, (service) => ({
    path: `/services/${service.id}/update?version=${service.version}`,
    body: changed(service.spec, change),
  }));
}

/** `docker service rollback`: the body is the present spec, which the engine checks and sets aside. */
export async function rollbackService(caller: Caller, name: string): Promise<Outcome> {
  return writeService(caller, name, (service) => ({
    path: `/services/${service.id}/update?version=${service.version}&rollback=previous`,
    body: service.spec,
  }));
}

async function writeService(
  caller: Caller,
  name: string,
  request: (service: ServiceSeen) => { readonly path: string; readonly body: unknown },
): Promise<Outcome> {
  const { sight, target } = caller.client;
  let last: Outcome | undefined;
  for (let attempt = 0; attempt < STALE_TRIES; attempt += 1) {
    await target.look();
    const service = sight.service(name);
    if (service === undefined) return operateOnUnknown(caller, name);
    sight.updateAsked(name, target.now());
    last = await operate(caller, { method: 'POST', ...request(service) });
    if (!last.text.includes(STALE_TEXT)) return last;
  }
  return last ?? operateOnUnknown(caller, name);
}

/** The service was never seen: the read itself is what a client would do, and gives the engine's own words. */
const operateOnUnknown = (caller: Caller, name: string): Promise<Outcome> =>
  operate(caller, { method: 'GET', path: `/services/${name}` });

export const removeService = (caller: Caller, name: string): Promise<Outcome> =>
  operate(caller, { method: 'DELETE', path: `/services/${name}` });

/** Spec, previous spec and update status with the engine's defaults filled in. */
export const inspectService = (caller: Caller, name: string): Promise<Outcome> =>
  operate(
    caller,
    { method: 'GET', path: `/services/${name}?insertDefaults=true` },
    (value) => value,
  );

export const list = (
  caller: Caller,
  kind: 'nodes' | 'services' | 'tasks' | 'networks',
): Promise<Outcome> =>
  operate(caller, { method: 'GET', path: `/${kind}` }, (value) => ({
    count: Array.isArray(value) ? value.length : 0,
  }));

interface ApiContainer {
  readonly Id: string;
  readonly Names?: readonly string[];
  readonly State?: string;
}

/** The node's running containers, by the plain container API. */
export const listContainers = (caller: Caller): Promise<Outcome> =>
  operate(caller, { method: 'GET', path: '/containers/json' }, (value) =>
    (value as ApiContainer[]).map(({ Id, Names, State }) => ({
      id: Id,
      name: (Names?.[0] ?? '').replace(/^\//, ''),
      state: State ?? '',
    })),
  );

export const stopContainer = (caller: Caller, container: string): Promise<Outcome> =>
  operate(caller, { method: 'POST', path: `/containers/${container}/stop` });

interface Versioned {
  readonly Version: { readonly Index: number };
  readonly Spec: Readonly<Record<string, unknown>>;
}

export const setNode = (
  caller: Caller,
  node: NodeSeen,
  availability: Extract<Step, { do: 'set-node' }>['availability'],
): Promise<Outcome> =>
  rewrite(caller, `/nodes/${node.id}`, `/nodes/${node.id}/update`, (spec) => ({
    ...spec,
    Availability: availability,
  }));

/** Puts labels on a node, beside those it has. */
export const setLabels = (
  caller: Caller,
  id: string,
  labels: Readonly<Record<string, string>>,
): Promise<Outcome> =>
  rewrite(caller, `/nodes/${id}`, `/nodes/${id}/update`, (spec) => ({
    ...spec,
    Labels: { ...(spec['Labels'] as object | undefined), ...labels },
  }));

export const setHistoryLimit = (caller: Caller, limit: number): Promise<Outcome> =>
  rewrite(caller, '/swarm', '/swarm/update', (spec) => ({
    ...spec,
    Orchestration: { TaskHistoryRetentionLimit: limit },
  }));

/** Reads an object and writes it back changed, again when somebody was quicker. */
export async function rewrite(
  caller: Caller,
  readPath: string,
  writePath: string,
  change: (spec: Readonly<Record<string, unknown>>) => unknown,
): Promise<Outcome> {
  let last: Outcome | undefined;
  for (let attempt = 0; attempt < STALE_TRIES; attempt += 1) {
    const read = await operate(caller, { method: 'GET', path: readPath });
    if (read.outcome !== 'ok') return read;
    const { Version, Spec } = read.value as Versioned;
    const path = `${writePath}${writePath.includes('?') ? '&' : '?'}version=${Version.Index}`;
    last = await operate(caller, { method: 'POST', path, body: change(Spec) });
    if (!last.text.includes(STALE_TEXT)) return last;
  }
  return last ?? { outcome: 'fail', status: 0, text: 'never tried', value: null };
}
