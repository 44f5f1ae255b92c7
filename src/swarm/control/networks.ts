/** What the leader does with requests about networks (behaviour.md 11.8; SwarmKit: controlapi/network.go). */
import type { ControlReply, Filters, NetworkRequest } from '../../model/control.ts';
import { SwarmError } from '../../model/errors.ts';
import { networkId } from '../../model/ids.ts';
import type { Network } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import { ok, type Done } from '../../model/result.ts';
import type { IpamConfig, NetworkSpec, ServiceSpec } from '../../model/specs.ts';
import { compareStates } from '../../model/task-state.ts';
import { needsIngress, PREDEFINED_LABEL } from '../allocator/network-needs.ts';
import { isIpv4In, parseIpv4, parseSubnet } from '../allocator/subnet.ts';
import type { Reader } from '../tables.ts';
import type { ControlContext } from './context.ts';
import { hasLabels } from './filter.ts';
import { checkName } from './validate-service.ts';

/** moby: cnmallocator's drivers on Linux. */
const DRIVERS = ['overlay', 'macvlan', 'bridge', 'ipvlan', 'host'];

export function answerNetworks(
  context: ControlContext,
  request: NetworkRequest,
  done: Done<ControlReply>,
): void {
  const { read } = context.store;
  switch (request.method) {
    case 'create-network':
      create(context, request.spec, done);
      break;
    case 'remove-network':
      remove(context, request.ref, done);
      break;
    case 'get-network':
      done(ok(resolveNetwork(read, request.ref)));
      break;
    case 'list-networks':
      done(ok(list(read, request.filters)));
      break;
  }
}

function create(
  { store, ports }: ControlContext,
  spec: NetworkSpec,
  done: Done<ControlReply>,
): void {
  checkSpec(spec);
  const id = networkId(drawId(ports.random));
  store.update((transaction) => {
    const all = transaction.all('network');
    const ingress = all.find((network) => network.spec.Ingress === true);
    if (spec.Ingress === true && ingress !== undefined)
      throw new SwarmError('AlreadyExists', `ingress network (${ingress.id}) is already present`);
    const name = spec.Name.toLowerCase();
    if (all.some((network) => network.spec.Name.toLowerCase() === name))
      throw new SwarmError('Unknown', 'name conflicts with an existing object');
    transaction.create('network', { id, spec });
    return { id };
  }, done);
}

function checkSpec(spec: NetworkSpec): void {
  if (spec.Attachable === true && spec.Ingress === true)
    throw invalid('ingress network cannot be attachable');
  checkName(spec.Name);
  if (PREDEFINED_LABEL in spec.Labels) {
    const text = `label ${PREDEFINED_LABEL} is for internally created predefined networks and cannot be applied by users`;
    throw new SwarmError('PermissionDenied', text);
  }
  checkDriver(spec);
  const driver = spec.IPAM?.Driver?.Name;
  if (driver !== undefined && driver.toLowerCase() !== 'default') throw noPlugin(driver);
  for (const config of spec.IPAM?.Configs ?? []) checkIpam(config);
}

function checkDriver({ Driver, Ingress }: NetworkSpec): void {
  if (Driver === undefined) return;
  const { Name = '' } = Driver;
  if (Ingress === true && Name !== 'overlay') {
    const text = 'only overlay driver is currently supported for ingress network';
    throw new SwarmError('Unimplemented', text);
  }
  if (Name === '') throw invalid('driver name: if driver is specified name is required');
  if (!DRIVERS.includes(Name.toLowerCase())) throw noPlugin(Name);
}

function checkIpam({ Subnet = '', Range = '', Gateway = '' }: IpamConfig): void {
  const refuse = (text: string): never => {
    throw invalid(`ipam configuration: ${text}`);
  };
  const subnet = parseSubnet(Subnet) ?? refuse(`invalid subnet ${Subnet}`);
  if (Range !== '') {
    const range = parseIpv4(Range.split('/')[0] ?? '');
    if (range === null || parseSubnet(Range) === null) refuse(`invalid range ${Range}`);
    else if (!isIpv4In(range, subnet)) refuse(`subnet ${Subnet} does not contain range ${Range}`);
  }
  if (Gateway === '') return;
  const gateway = parseIpv4(Gateway);
  if (gateway === null) refuse(`invalid gateway ${Gateway}`);
  else if (!isIpv4In(gateway, subnet))
    refuse(`subnet ${Subnet} does not contain gateway ${Gateway}`);
}

function remove({ store }: ControlContext, ref: string, done: Done<ControlReply>): void {
  store.update((transaction) => {
    const network = resolveNetwork(transaction, ref);
    const { id, spec } = network;
    const refuse = (text: string): never => {
      throw new SwarmError('FailedPrecondition', text);
    };
    if (spec.Labels[PREDEFINED_LABEL] === 'true')
      refuse(`network ${id} (${spec.Name}) is a swarm predefined network and cannot be removed`);
    const problem =
      spec.Ingress === true ? ingressProblem(transaction) : useProblem(transaction, id);
    if (problem !== null) refuse(problem);
    transaction.remove('network', id);
    return {};
  }, done);
}

function ingressProblem(read: Reader): string | null {
  const user = byId(read.all('service')).find(({ spec }) => needsIngress(spec));
  return user === undefined
    ? null
    : `ingress network cannot be removed because service ${user.id} depends on it`;
}

function useProblem(read: Reader, id: string): string | null {
  const service = byId(read.all('service')).find(({ spec }) => targetsOf(spec).includes(id));
  if (service !== undefined) return `network ${id} is in use by service ${service.id}`;
  const task = byId(read.all('task')).find(
    ({ spec, networks, desiredState, status }) =>
      compareStates(desiredState, 'running') <= 0 &&
      compareStates(status.state, 'running') <= 0 &&
      ((spec.Networks ?? []).some(({ Target }) => Target === id) ||
        (networks ?? []).some((attachment) => attachment.networkId === id)),
  );
  return task === undefined ? null : `network ${id} is in use by task ${task.id}`;
}

const targetsOf = ({ Networks = [], TaskTemplate }: ServiceSpec): readonly string[] =>
  [...(TaskTemplate.Networks ?? []), ...Networks].map(({ Target = '' }) => Target);

/** The first key that is asked for decides, and only names, prefixes of names, ids and labels can be (SwarmKit: ListNetworks). */
function list(read: Reader, { names, name, id, label }: Filters): readonly Network[] {
  const any = (values: readonly string[] | undefined, fits: (value: string) => boolean): boolean =>
    values === undefined || values.length === 0 || values.some(fits);
  return byId(read.all('network')).filter(
    (network) =>
      any(names, (value) => network.spec.Name === value) &&
      any(name, (value) => network.spec.Name.startsWith(value)) &&
      any(id, (value) => network.id.startsWith(value)) &&
      hasLabels(label, network.spec.Labels),
  );
}

/** moby: a full id, else a name, else a prefix of an id. */
export function resolveNetwork(read: Reader, ref: string): Network {
  const exact = read.get('network', ref);
  if (exact !== undefined) return exact;
  const all = read.all('network');
  const named = all.filter(({ spec }) => spec.Name === ref);
  const found = named.length > 0 ? named : all.filter(({ id }) => id.startsWith(ref));
  const [first] = found;
  if (first === undefined) throw new SwarmError('NotFound', `network ${ref} not found`, 'facade');
  if (found.length === 1) return first;
  const text = `network ${ref} is ambiguous (${found.length} matches found)`;
  throw new SwarmError('InvalidArgument', text, 'facade');
}

const byId = <T extends { readonly id: string }>(objects: readonly T[]): readonly T[] =>
  [...objects].sort((a, b) => (a.id < b.id ? -1 : 1));

const noPlugin = (name: string): SwarmError => invalid(`error during lookup of plugin ${name}`);
const invalid = (message: string): SwarmError => new SwarmError('InvalidArgument', message);
