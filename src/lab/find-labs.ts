/** Which labs there are on this engine, whoever made them. */
import { ask, hostDocker } from './docker.ts';
import { LAB_LABEL, labOf } from './labels.ts';
import type { LabIdentity } from './labels.ts';

/** A lab as its labels tell it. */
export interface FoundLab {
  readonly identity: LabIdentity;
  /** Container ids by node name; the proxy is not among them. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly hasProxy: boolean;
}

/** Every lab of which anything is left: a container, a network or a volume. */
export async function findLabs(): Promise<readonly FoundLab[]> {
  const docker = hostDocker();
  const filters = { label: [LAB_LABEL] };
  const [containers, networks, volumes] = await Promise.all([
    ask('listing containers', docker.listContainers({ all: true, filters })),
    ask('listing networks', docker.listNetworks({ filters })),
    ask('listing volumes', docker.listVolumes({ filters })),
  ]);
  return groupLabs([
    ...containers.map((container) => ({ labels: container.Labels, containerId: container.Id })),
    ...networks.map((network) => ({ labels: network.Labels ?? {} })),
    ...volumes.Volumes.map((volume) => ({ labels: volume.Labels })),
  ]);
}

export interface LabelledThing {
  readonly labels: Readonly<Record<string, string>>;
  readonly containerId?: string;
}

/** Puts together what carries the same lab's label. Pure. */
export function groupLabs(things: readonly LabelledThing[]): readonly FoundLab[] {
  const labs = new Map<
    string,
    { identity: LabIdentity; nodes: Map<string, string>; hasProxy: boolean }
  >();
  for (const { labels, containerId } of things) {
    const identity = labOf(labels);
    if (identity === undefined) continue;
    const lab = labs.get(identity.id) ?? { identity, nodes: new Map(), hasProxy: false };
    labs.set(identity.id, lab);
    const node = labels['swarmtwin.node'];
    if (containerId !== undefined && node !== undefined) lab.nodes.set(node, containerId);
    if (labels['swarmtwin.role'] === 'proxy') lab.hasProxy = true;
  }
  return [...labs.values()];
}

/** All nodes and the proxy exist; a lab that never came so far is nobody's to keep. */
export function isWhole(lab: FoundLab): boolean {
  const { managers, workers, spares } = lab.identity.shape;
  return lab.hasProxy && lab.nodes.size === managers + workers + spares;
}
