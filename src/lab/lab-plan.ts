/** Who stands where in a lab: names, roles, addresses, and the port of every link's proxy. Pure, so that any process can work it out from the labels. */
import type { DirectedLink, NodeName } from '../model/fault.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { NodeKind, NodeRole, Subject } from './lab.ts';

/** Swarm's control port: raft, dispatcher, certificate authority. */
export const CONTROL_PORT = 2377;
/** The Engine API of a node. */
export const API_PORT = 2375;
/** The proxy's own control port. */
export const TOXIPROXY_PORT = 8474;
/** As many as the ports of the links leave room for below the kernel's ephemeral range. */
export const MAX_NODES = 100;

const FIRST_LINK_PORT = 10_000;
const LINK_PORT_STRIDE = 128;

export interface PlannedNode {
  readonly name: NodeName;
  /** From 1, as in the name. */
  readonly index: number;
  readonly role: NodeRole;
  readonly kind: NodeKind;
  readonly address: string;
}

export interface LabPlan {
  /** The first three numbers of the lab's /24, `198.18.7`. */
  readonly prefix: string;
  readonly proxyAddress: string;
  readonly nodes: readonly PlannedNode[];
}

export interface LabShape {
  readonly managers: number;
  readonly workers: number;
  readonly spares?: number;
}

/** @throws SwarmtwinError `bad-usage` for a shape nobody can build */
export function planLab(prefix: string, shape: LabShape, subject: Subject): LabPlan {
  const roles = rolesOf(shape);
  return {
    prefix,
    proxyAddress: `${prefix}.2`,
    nodes: roles.map((role, position) => {
      const index = position + 1;
      return {
        ...{ name: `n${index}`, index, role },
        ...{ kind: kindOf(subject, role), address: addressOf(prefix, index) },
      };
    }),
  };
}

/** Of which kind a node is. A spare is taken for a worker: managers of two kinds cannot share a raft group. */
export function kindOf(subject: Subject, role: NodeRole): NodeKind {
  switch (subject) {
    case 'swarm':
    case 'twin':
      return subject;
    case 'twin-managers':
      return role === 'manager' ? 'twin' : 'swarm';
    case 'twin-agents':
      return role === 'manager' ? 'swarm' : 'twin';
  }
}

/** Checks a shape and lists the role of each node in order. */
export function rolesOf(shape: LabShape): readonly NodeRole[] {
  const counts = [shape.managers, shape.workers, shape.spares ?? 0];
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.some((count) => !Number.isInteger(count) || count < 0) || total < 1)
    throw new SwarmtwinError(
      'bad-usage',
      `a lab of ${counts.join(' + ')} nodes`,
      'Give at least one manager and whole numbers.',
    );
  if (total > MAX_NODES)
    throw new SwarmtwinError(
      'bad-usage',
      `a lab of ${total} nodes`,
      `Ask for ${MAX_NODES} at most.`,
    );
  const times = (count: number, role: NodeRole): NodeRole[] => Array<NodeRole>(count).fill(role);
  return [
    ...times(shape.managers, 'manager'),
    ...times(shape.workers, 'worker'),
    ...times(shape.spares ?? 0, 'spare'),
  ];
}

/** Node n1 has .11: low numbers are the gateway's and the proxy's. */
export function addressOf(prefix: string, index: number): string {
  return `${prefix}.${10 + index}`;
}

/** The port on the proxy that stands for `to`'s control port, as seen by `from`. */
export function linkPort(from: PlannedNode, to: PlannedNode): number {
  return FIRST_LINK_PORT + from.index * LINK_PORT_STRIDE + to.index;
}

/** The name of a directed link's proxy. */
export function linkName(link: DirectedLink): string {
  return `${link.from}-${link.to}`;
}

/** Every ordered pair of different nodes. */
export function allLinks(names: readonly NodeName[]): readonly DirectedLink[] {
  return names.flatMap((from) =>
    names.filter((to) => to !== from).map((to): DirectedLink => ({ from, to })),
  );
}

/** What toxiproxy is told of a lab's links. */
export function linkProxies(
  plan: LabPlan,
): readonly { readonly name: string; readonly listen: string; readonly upstream: string }[] {
  return plan.nodes.flatMap((from) =>
    plan.nodes
      .filter((to) => to !== from)
      .map((to) => ({
        name: linkName({ from: from.name, to: to.name }),
        listen: `0.0.0.0:${linkPort(from, to)}`,
        upstream: `${to.address}:${CONTROL_PORT}`,
      })),
  );
}
