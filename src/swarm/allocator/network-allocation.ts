/** What services, tasks and nodes get on the networks that they are on (SwarmKit: allocator/network.go; moby: cnmallocator). Nothing is written here. */
import type {
  Endpoint,
  Network,
  NetworkAttachment,
  Node,
  Service,
  Task,
} from '../../model/objects.ts';
import { isTerminal } from '../../model/task-state.ts';
import type { Reader } from '../tables.ts';
import { isNodeLocal, needsIngress, networksOf } from './network-needs.ts';
import type { NetworkSpace } from './network-space.ts';

type VirtualIp = Endpoint['virtualIps'][number];

export const ingressOf = (read: Reader): Network | undefined =>
  read.all('network').find(({ spec }) => spec.Ingress === true);

/** Where the service has to have a virtual address: the ingress network first, and nowhere where its clients resolve the tasks. */
function wantedBy(read: Reader, { spec }: Service): readonly Network['id'][] {
  if (spec.EndpointSpec?.Mode === 'dnsrr') return [];
  const ingress = needsIngress(spec) ? ingressOf(read) : undefined;
  const targets = networksOf(spec).map(({ Target = '' }) => Target as Network['id']);
  return [...new Set([...(ingress === undefined ? [] : [ingress.id]), ...targets])];
}

const vipsOf = (service: Service): readonly VirtualIp[] => service.endpoint?.virtualIps ?? [];

/** Whether the service has an address wherever it wants one, and none elsewhere. */
export function hasItsAddresses(read: Reader, service: Service): boolean {
  const wanted = wantedBy(read, service);
  const had = vipsOf(service).map(({ networkId }) => networkId);
  return wanted.length === had.length && wanted.every((id) => had.includes(id));
}

/** Takes the addresses that the service lacks and frees those it does not want; null where one cannot be had, and nothing is taken then. */
export function giveAddresses(
  read: Reader,
  space: NetworkSpace,
  service: Service,
): readonly VirtualIp[] | null {
  const wanted = wantedBy(read, service);
  const kept = vipsOf(service).filter(({ networkId }) => wanted.includes(networkId));
  const taken: VirtualIp[] = [];
  for (const networkId of wanted) {
    if (kept.some((vip) => vip.networkId === networkId)) continue;
    const addr = space.takeAddress(networkId);
    if (addr === null) {
      freeAddresses(space, taken);
      return null;
    }
    taken.push({ networkId, addr });
  }
  freeAddresses(
    space,
    vipsOf(service).filter((vip) => !kept.includes(vip)),
  );
  return [...kept, ...taken];
}

export function freeAddresses(space: NetworkSpace, vips: readonly VirtualIp[]): void {
  for (const { networkId, addr } of vips) space.freeAddress(networkId, addr);
}

/** The task's place on each of its networks, the ingress network first; null where an address cannot be had. None at all is undefined. */
export function attach(
  read: Reader,
  space: NetworkSpace,
  task: Task,
  service: Service | undefined,
): readonly NetworkAttachment[] | null | undefined {
  if (task.networks !== undefined) return task.networks;
  const ingress = service !== undefined && needsIngress(service.spec) ? ingressOf(read) : undefined;
  const configs = task.spec.Networks ?? service?.spec.Networks ?? [];
  const wanted = [
    ...(ingress === undefined ? [] : [{ networkId: ingress.id }]),
    ...configs.flatMap(({ Target = '', Aliases, DriverOpts }) => {
      const network = read.get('network', Target);
      if (network === undefined) return [];
      return [
        {
          networkId: network.id,
          ...(Aliases === undefined ? {} : { aliases: Aliases }),
          ...(DriverOpts === undefined ? {} : { driverOpts: DriverOpts }),
        },
      ];
    }),
  ];
  if (wanted.length === 0) return undefined;
  const attachments: NetworkAttachment[] = [];
  for (const place of wanted) {
    const address = space.takeAddress(place.networkId);
    if (address === null) {
      detach(space, attachments);
      return null;
    }
    attachments.push({ ...place, addresses: address === '' ? [] : [address] });
  }
  return attachments;
}

export function detach(space: NetworkSpace, attachments: readonly NetworkAttachment[]): void {
  for (const { networkId, addresses } of attachments)
    for (const address of addresses) space.freeAddress(networkId, address);
}

/**
 * The places of a node's load balancers: on the ingress network always, on an overlay network while a task on the node uses it. The same list where nothing
 * is to be changed. What cannot be had now is tried again when the node changes.
 */
export function balance(
  read: Reader,
  space: NetworkSpace,
  node: Node,
): readonly NetworkAttachment[] | undefined {
  const wanted = balancersOf(read, node.id).filter((id) => space.has(id));
  const had = node.attachments ?? [];
  const kept = had.filter(({ networkId }) => wanted.includes(networkId));
  const taken = wanted.flatMap((networkId): NetworkAttachment[] => {
    if (kept.some((place) => place.networkId === networkId)) return [];
    const address = space.takeAddress(networkId);
    return address === null ? [] : [{ networkId, addresses: [address] }];
  });
  if (taken.length === 0 && kept.length === had.length) return node.attachments;
  detach(
    space,
    had.filter((place) => !kept.includes(place)),
  );
  return [...kept, ...taken];
}

function balancersOf(read: Reader, nodeId: Node['id']): readonly Network['id'][] {
  const ids = new Set<Network['id']>();
  for (const task of read.tasksOfNode(nodeId)) {
    if (task.networks === undefined || isTerminal(task.status.state)) continue;
    for (const { networkId } of task.networks) {
      const network = read.get('network', networkId);
      if (network !== undefined && !isNodeLocal(network)) ids.add(networkId);
    }
  }
  const ingress = ingressOf(read);
  if (ingress !== undefined) ids.add(ingress.id);
  return [...ids];
}
