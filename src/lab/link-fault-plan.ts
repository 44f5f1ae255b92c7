/** What a link fault comes to: directed links, toxics on proxies, cuts in packet filters. Pure. */
import { SwarmtwinError } from '../model/errors.ts';
import type { DirectedLink, LinkFault, LinkToxic, NodeName } from '../model/fault.ts';
import { allLinks, linkName } from './lab-plan.ts';

/** One toxic on one proxy, in toxiproxy's words. */
export interface PlannedToxic {
  readonly proxy: string;
  readonly name: string;
  readonly type: 'timeout' | 'reset_peer' | 'latency' | 'bandwidth' | 'slow_close' | 'limit_data';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

export interface LinkFaultPlan {
  readonly links: readonly DirectedLink[];
  readonly toxic: LinkToxic;
  /** Empty unless the control plane is touched. */
  readonly toxics: readonly PlannedToxic[];
  /** Links to cut in packet filters; empty unless the data plane is touched. */
  readonly cuts: readonly DirectedLink[];
}

/**
 * Plans a fault among the nodes of a lab. `id` begins the names of its toxics.
 * @throws SwarmtwinError `bad-usage` for unknown nodes, a link to oneself, a node in two groups, nothing to cut,
 *   or anything but a drop on the data plane (this kernel cannot delay UDP, and toxiproxy is TCP only)
 */
export function planLinkFault(
  id: string,
  fault: LinkFault,
  nodes: readonly NodeName[],
): LinkFaultPlan {
  const links = fault.kind === 'links' ? fault.links : partitionLinks(fault.groups, nodes);
  const toxic: LinkToxic = fault.kind === 'links' ? fault.toxic : { kind: 'drop' };
  refuseNonsense(links, nodes);
  if (fault.plane !== 'control' && toxic.kind !== 'drop')
    throw new SwarmtwinError(
      'bad-usage',
      `a ${toxic.kind} on the ${fault.plane} plane`,
      "Gossip and overlay traffic can only be dropped; use plane 'control' for the other toxics.",
    );
  const touches = { control: fault.plane !== 'data', data: fault.plane !== 'control' };
  return {
    links,
    toxic,
    toxics: touches.control ? links.flatMap((link) => toxicsOf(id, link, toxic)) : [],
    cuts: touches.data ? links : [],
  };
}

/** The directed links between different groups; a node in no group is a group of its own. */
export function partitionLinks(
  groups: readonly (readonly NodeName[])[],
  nodes: readonly NodeName[],
): readonly DirectedLink[] {
  const listed = groups.flat();
  for (const name of listed) {
    if (!nodes.includes(name)) throw unknownNode(name, nodes);
    if (listed.indexOf(name) !== listed.lastIndexOf(name))
      throw new SwarmtwinError(
        'bad-usage',
        `${name} is in two groups of a partition`,
        'Name every node once.',
      );
  }
  const groupOf = (name: NodeName): number | string => {
    const index = groups.findIndex((group) => group.includes(name));
    return index < 0 ? name : index;
  };
  return allLinks(nodes).filter(({ from, to }) => groupOf(from) !== groupOf(to));
}

/**
 * What `from` sends to `to` runs upstream on connections that `from` opened, and downstream on those that `to` opened,
 * so one direction is a toxic on each of the two proxies.
 */
export function toxicsOf(
  id: string,
  link: DirectedLink,
  toxic: LinkToxic,
): readonly [PlannedToxic, PlannedToxic] {
  const words = toxicWords(toxic);
  return [
    {
      proxy: linkName(link),
      name: `${id}-${toxic.kind}-up`,
      stream: 'upstream',
      ...words,
    },
    {
      proxy: linkName({ from: link.to, to: link.from }),
      name: `${id}-${toxic.kind}-down`,
      stream: 'downstream',
      ...words,
    },
  ];
}

function toxicWords(toxic: LinkToxic): Pick<PlannedToxic, 'type' | 'attributes'> {
  switch (toxic.kind) {
    case 'drop':
      return { type: 'timeout', attributes: { timeout: 0 } };
    case 'reset':
      return { type: 'reset_peer', attributes: { timeout: 0 } };
    case 'latency':
      return {
        type: 'latency',
        attributes: { latency: toxic.latencyMs, jitter: toxic.jitterMs },
      };
    case 'bandwidth':
      return { type: 'bandwidth', attributes: { rate: toxic.kilobytesPerSecond } };
    case 'slow-close':
      return { type: 'slow_close', attributes: { delay: toxic.delayMs } };
    case 'cut-after':
      return { type: 'limit_data', attributes: { bytes: toxic.bytes } };
  }
}

function refuseNonsense(links: readonly DirectedLink[], nodes: readonly NodeName[]): void {
  if (links.length === 0)
    throw new SwarmtwinError(
      'bad-usage',
      'a link fault without a link',
      'Name two nodes that are to be kept apart.',
    );
  for (const { from, to } of links) {
    for (const name of [from, to]) if (!nodes.includes(name)) throw unknownNode(name, nodes);
    if (from === to)
      throw new SwarmtwinError(
        'bad-usage',
        `a link from ${from} to itself`,
        'Name two different nodes.',
      );
  }
}

/** The one answer for a name that the lab has not. */
export function unknownNode(name: NodeName, nodes: readonly NodeName[]): SwarmtwinError {
  return new SwarmtwinError(
    'bad-usage',
    `there is no node ${name} in this lab`,
    `Its nodes are ${nodes.join(', ')}.`,
  );
}
