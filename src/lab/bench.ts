/** What the files of this room share about one lab: its plan, its containers, its proxy. Not for users of the lab. */
import type { NodeName } from '../model/fault.ts';
import type { LabNode } from './lab.ts';
import type { LabPlan, PlannedNode } from './lab-plan.ts';
import type { LabIdentity } from './labels.ts';
import { unknownNode } from './link-fault-plan.ts';
import type { LinkProxies } from './link-proxies.ts';

export interface Bench {
  readonly identity: LabIdentity;
  readonly plan: LabPlan;
  readonly networkName: string;
  readonly proxies: LinkProxies;
  readonly nodes: readonly BenchNode[];
  /** What is to be done on a node as soon as scripts run on it again: it was down or frozen when it was due. */
  readonly owed: Map<NodeName, (() => Promise<void>)[]>;
}

export interface BenchNode extends LabNode, PlannedNode {}

/** @throws SwarmtwinError `bad-usage` */
export function benchNode(bench: Bench, name: NodeName): BenchNode {
  const node = bench.nodes.find((each) => each.name === name);
  if (node === undefined)
    throw unknownNode(
      name,
      bench.nodes.map((each) => each.name),
    );
  return node;
}

/** Names of the engine's things that belong to a lab. */
export const thingName = {
  network: (id: string): string => `swarmtwin-${id}`,
  proxy: (id: string): string => `swarmtwin-${id}-toxiproxy`,
  node: (id: string, node: NodeName): string => `swarmtwin-${id}-${node}`,
  disk: (id: string, node: NodeName): string => `swarmtwin-${id}-${node}-data`,
};
