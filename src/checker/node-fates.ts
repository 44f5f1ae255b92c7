/** Nodes of two runs of one scenario, paired by what became of them: `the leader that was killed` may be n1 in one and n2 in the other. */
import type { NodeName } from '../model/fault.ts';
import { lossesOf, type Story } from './story.ts';

/** What became of a node: the role it came with, the faults on it by their names, and the availabilities it was given. */
export function fateOf(story: Story, name: NodeName): string {
  const role = story.header.nodes.find((node) => node.name === name)?.role ?? 'spare';
  const faults = lossesOf(story)
    .filter((loss) => loss.nodes.includes(name))
    .map((loss) => loss.name);
  const seen = (story.nodes.get(name) ?? []).map(({ availability }) => availability);
  const set = seen.filter((each, index) => each !== (seen[index - 1] ?? 'active'));
  const parts = [
    role,
    ...faults.map((fault) => `under ${fault}`),
    ...set.map((each) => `then ${each}`),
  ];
  return parts.join(', ');
}

function nodesByFate(story: Story): ReadonlyMap<string, readonly NodeName[]> {
  return Map.groupBy(story.all, (name) => fateOf(story, name));
}

/**
 * From the names of `theirs` to those of `mine`. Within a fate nodes are interchangeable and are paired in order; those whose fate has no
 * counterpart take what names are left, and differ for that reason.
 */
export function pairNodes(mine: Story, theirs: Story): ReadonlyMap<NodeName, NodeName> {
  const pairs = new Map<NodeName, NodeName>();
  const ours = nodesByFate(mine);
  for (const [fate, names] of nodesByFate(theirs))
    for (const [at, name] of names.entries()) {
      const partner = ours.get(fate)?.[at];
      if (partner !== undefined) pairs.set(name, partner);
    }
  const taken = new Set(pairs.values());
  const free = mine.all.filter((name) => !taken.has(name));
  for (const name of theirs.all) if (!pairs.has(name)) pairs.set(name, free.shift() ?? name);
  return pairs;
}
