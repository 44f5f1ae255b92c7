import type { Task } from '../../model/objects.ts';
import type { NodeInfo } from './node-info.ts';
import { compareNodes, fillNodes, type Group } from './placement.ts';

/** Nodes that share a label's value, level by level of the placement preferences. */
interface Branch {
  /** Active tasks of the service on all nodes below, usable or not. */
  tasks: number;
  /** By the label's value; none at a leaf. */
  readonly children: Map<string, Branch>;
  /** At a leaf: the nodes that may take a task. */
  nodes: NodeInfo[];
}

type LabelOf = (info: NodeInfo) => string;

const NODE_LABELS = 'node.labels.';
const ENGINE_LABELS = 'engine.labels.';

/** The labels to spread over, in order. Descriptors that name no label are passed over without a word, as in SwarmKit. */
export function spreadLabels(task: Task): readonly LabelOf[] {
  return (task.spec.Placement?.Preferences ?? []).flatMap((preference): LabelOf[] => {
    const descriptor = preference.Spread?.SpreadDescriptor ?? '';
    const lower = descriptor.toLowerCase();
    if (lower.startsWith(NODE_LABELS) && descriptor.length > NODE_LABELS.length) {
      const label = descriptor.slice(NODE_LABELS.length);
      return [({ node }) => labelOf(node.spec.Labels, label)];
    }
    if (lower.startsWith(ENGINE_LABELS) && descriptor.length > ENGINE_LABELS.length) {
      const label = descriptor.slice(ENGINE_LABELS.length);
      return [({ node }) => labelOf(node.description?.engine.labels ?? {}, label)];
    }
    return [];
  });
}

// Own properties only: a label may be called `constructor`.
const labelOf = (labels: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';

/** Places up to `count` tasks evenly over the values of the labels; answers how many found a place. */
export function spreadOver(group: Group, labels: readonly LabelOf[], count: number): number {
  const root = emptyBranch();
  for (const info of group.nodes.all()) addNode(group, root, labels, info);
  return fillBranch(group, root, count);
}

const emptyBranch = (): Branch => ({ tasks: 0, children: new Map(), nodes: [] });

function addNode(group: Group, root: Branch, labels: readonly LabelOf[], info: NodeInfo): void {
  const count = info.activeOf(group.task.serviceId);
  let branch = root;
  branch.tasks += count;
  for (const label of labels) {
    const value = label(info);
    const child = branch.children.get(value) ?? emptyBranch();
    branch.children.set(value, child);
    branch = child;
    branch.tasks += count;
  }
  if (group.pipeline.passes(info)) branch.nodes.push(info);
}

/**
 * Rounds over the children that still have room: each is brought up to an equal share of what they hold and what is left to place. One that takes less
 * than it was offered is full and leaves the sharing (SwarmKit: scheduleNTasksOnSubtree, its arithmetic included).
 */
function fillBranch(group: Group, branch: Branch, count: number): number {
  if (branch.children.size === 0) return fillLeaf(group, branch, count);
  const open = new Set(branch.children.values());
  let placed = 0;
  for (let offered = true; offered && placed < count && open.size > 0;) {
    const held = [...open].reduce((sum, child) => sum + child.tasks, 0);
    const share = Math.floor((held + count - placed) / open.size);
    let remainder = (held + count - placed) % open.size;
    offered = false;
    for (const child of [...open]) {
      const offer = share - child.tasks + (remainder > 0 ? 1 : 0);
      if (offer <= 0) continue;
      offered = true;
      const taken = fillBranch(group, child, offer);
      placed += taken;
      if (taken < offer) open.delete(child);
      else if (remainder > 0) remainder -= 1;
    }
  }
  return placed;
}

// A leaf may be filled more than once, so its nodes are checked and ordered each time.
function fillLeaf(group: Group, leaf: Branch, count: number): number {
  leaf.nodes = leaf.nodes
    .filter((info) => group.pipeline.passes(info))
    .sort((one, other) => compareNodes(group, one, other));
  return fillNodes(group, leaf.nodes, Math.min(count, group.waiting()));
}
