/** What the leader does with requests about secrets and configs, which are alike but for their size and who may see them (behaviour.md 11.7, 13). */
import type { ControlReply, DataRequest, Filters } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { configId, secretId } from '../../model/ids.ts';
import type { Config, Secret, Tables } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import { ok, type Done } from '../../model/result.ts';
import type { ConfigSpec, SecretSpec } from '../../model/specs.ts';
import type { Reader } from '../tables.ts';
import type { ControlContext } from './context.ts';
import { hasLabels } from './filter.ts';

type DataKind = 'secret' | 'config';

/** SwarmKit: api/validation MaxSecretSize and controlapi MaxConfigSize, in bytes; neither is reached. */
const LIMIT_BYTES = { secret: 500 * 1024, config: 1000 * 1024 } as const;
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
const MAX_NAME_LENGTH = 64;

export function answerData(
  context: ControlContext,
  request: DataRequest,
  done: Done<ControlReply>,
): void {
  const { read } = context.store;
  switch (request.method) {
    case 'create-secret':
      createSecret(context, request.spec, done);
      break;
    case 'create-config':
      createConfig(context, request.spec, done);
      break;
    case 'update-secret':
      update(context, 'secret', request, done);
      break;
    case 'update-config':
      update(context, 'config', request, done);
      break;
    case 'remove-secret':
      remove(context, 'secret', request.ref, done);
      break;
    case 'remove-config':
      remove(context, 'config', request.ref, done);
      break;
    case 'get-secret':
      done(ok(withoutData(resolveData(read, 'secret', request.ref))));
      break;
    case 'get-config':
      done(ok(resolveData(read, 'config', request.ref)));
      break;
    case 'list-secrets':
      done(ok(list(read.all('secret'), request.filters).map(withoutData)));
      break;
    case 'list-configs':
      done(ok(list(read.all('config'), request.filters)));
      break;
    default:
      throw unknown(request);
  }
}

// A manager of another release may hand on what this one does not know yet; whoever asked waits for an answer.
function unknown(request: never): SwarmError {
  const { method } = request as { readonly method?: unknown };
  return new SwarmError('Unimplemented', `unknown request ${String(method)}`);
}

function createSecret(
  { store, ports }: ControlContext,
  spec: SecretSpec,
  done: Done<ControlReply>,
): void {
  checkName(spec.Name);
  if (spec.Driver === undefined) checkSize('secret', spec.Data);
  else throw driverProblem(spec.Driver.Name ?? '');
  const id = secretId(drawId(ports.random));
  store.update((transaction) => {
    checkUnique(transaction, 'secret', spec.Name);
    transaction.create('secret', { id, spec });
    return { id };
  }, done);
}

function createConfig(
  { store, ports }: ControlContext,
  spec: ConfigSpec,
  done: Done<ControlReply>,
): void {
  checkName(spec.Name);
  checkSize('config', spec.Data);
  const id = configId(drawId(ports.random));
  store.update((transaction) => {
    checkUnique(transaction, 'config', spec.Name);
    transaction.create('config', { id, spec });
    return { id };
  }, done);
}

/** Only labels may change; data that is left out is not changed. */
function update(
  { store }: ControlContext,
  kind: DataKind,
  request: Extract<DataRequest, { method: 'update-secret' | 'update-config' }>,
  done: Done<ControlReply>,
): void {
  store.update((transaction) => {
    const object = resolveData(transaction, kind, request.ref);
    const { Name, Labels, Data } = request.spec;
    if (Name !== object.spec.Name || (Data !== undefined && Data !== object.spec.Data))
      throw invalid('only updates to Labels are allowed');
    const meta = { ...object.meta, version: request.version };
    transaction.update<DataKind>(kind, { ...object, meta, spec: { ...object.spec, Labels } });
    return {};
  }, done);
}

function remove(
  { store }: ControlContext,
  kind: DataKind,
  ref: string,
  done: Done<ControlReply>,
): void {
  store.update((transaction) => {
    const { id, spec } = resolveData(transaction, kind, ref);
    const users = usersOf(transaction, kind, id);
    if (users.length > 0) {
      const services = users.length === 1 ? 'service' : 'services';
      throw invalid(
        `${kind} '${spec.Name}' is in use by the following ${services}: ${users.join(', ')}`,
      );
    }
    transaction.remove(kind, id);
    return {};
  }, done);
}

/** A secret's data is for its tasks alone. */
function withoutData(secret: Secret): Secret {
  const spec = { ...secret.spec };
  Reflect.deleteProperty(spec, 'Data');
  return { ...secret, spec };
}

/** SwarmKit: what any filter of a name or an id finds, one filter's findings after the other's, less what lacks a label. */
function list<T extends Secret | Config>(all: readonly T[], filters: Filters): readonly T[] {
  const { names = [], name = [], id = [], label } = filters;
  const byId = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  const byName = [...all].sort((a, b) => (lower(a.spec.Name) < lower(b.spec.Name) ? -1 : 1));
  const found = [
    ...names.flatMap((wanted) => all.filter(({ spec }) => lower(spec.Name) === lower(wanted))),
    ...name.flatMap((wanted) =>
      byName.filter(({ spec }) => lower(spec.Name).startsWith(lower(wanted))),
    ),
    ...id.flatMap((wanted) => byId.filter((object) => object.id.startsWith(wanted))),
  ];
  const isOpen = names.length + name.length + id.length === 0;
  return [...new Set(isOpen ? byId : found)].filter(({ spec }) => hasLabels(label, spec.Labels));
}

/** moby: a full id, else a name in any case, else a prefix of an id. */
function resolveData<K extends DataKind>(read: Reader, kind: K, ref: string): Tables[K] {
  const exact = read.get(kind, ref);
  if (exact !== undefined) return exact;
  const all = read.all(kind);
  const named = all.filter(({ spec }) => lower(spec.Name) === lower(ref));
  const found = named.length > 0 ? named : all.filter(({ id }) => id.startsWith(ref));
  const [first] = found;
  if (first === undefined) throw new SwarmError('NotFound', `${kind} ${ref} not found`, 'facade');
  if (found.length === 1) return first;
  const text = `${kind} ${ref} is ambiguous (${found.length} matches found)`;
  throw new SwarmError('InvalidArgument', text, 'facade');
}

/** The names of services whose present spec refers to it, in the order of their ids. */
function usersOf(read: Reader, kind: DataKind, id: string): readonly string[] {
  const users = read.all('service').filter(({ spec }) => {
    const { Secrets = [], Configs = [] } = spec.TaskTemplate.ContainerSpec ?? {};
    return kind === 'secret'
      ? Secrets.some(({ SecretID }) => SecretID === id)
      : Configs.some(({ ConfigID }) => ConfigID === id);
  });
  return users.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ spec }) => spec.Name);
}

function checkName(name: string): void {
  if (name === '') throw invalid('name must be provided');
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name))
    throw invalid(
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]',
    );
}

function checkSize(kind: DataKind, data: (SecretSpec | ConfigSpec)['Data'] = ''): void {
  const bytes = bytesIn(data);
  if (bytes < 1 || bytes >= LIMIT_BYTES[kind])
    throw invalid(`${kind} data must be larger than 0 and less than ${LIMIT_BYTES[kind]} bytes`);
}

/** Of a text in base 64. */
function bytesIn(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return (data.length / 4) * 3 - padding;
}

function checkUnique(read: Reader, kind: DataKind, name: string): void {
  const all: readonly (Secret | Config)[] = read.all(kind);
  if (all.some(({ spec }) => lower(spec.Name) === lower(name)))
    throw new SwarmError('AlreadyExists', `${kind} ${name} already exists`);
}

// The twin has no plugins, so every driver is one that an engine has not.
const driverProblem = (name: string): SwarmError =>
  name === ''
    ? invalid('secret driver must have a name')
    : new SwarmError('Unknown', `plugin ${JSON.stringify(name)} not found`);

const lower = (text: string): string => text.toLowerCase();
const invalid = (message: string): SwarmError => new SwarmError('InvalidArgument', message);
