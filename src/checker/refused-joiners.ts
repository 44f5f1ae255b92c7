/** Nodes that asked to be managers and were not taken in. */
import type { NodeName } from '../model/fault.ts';
import type { Operation } from './operations.ts';
import type { Story } from './story.ts';

/** What a manager is told that nobody reaches at the address it gives (SwarmKit: the check before a member is added). */
export const UNREACHED_TEXT =
  'could not connect to prospective new cluster member using its advertised address: ';

const isJoin = ({ method, path }: Operation): boolean =>
  method === 'POST' && path === '/swarm/join';

/** Those whose last word on joining was that nobody reaches them. */
export function refusedJoiners(story: Story): ReadonlySet<NodeName> {
  const last = new Map(story.operations.filter(isJoin).map((join) => [join.node, join]));
  return new Set(
    [...last.values()]
      .filter(({ outcome, text }) => outcome !== 'ok' && text.includes(UNREACHED_TEXT))
      .map(({ node }) => node),
  );
}

/** The story without what the swarm's list says of them (exclusions.ts); the answer they got stays. */
export function withoutRefusedJoiners(story: Story): Story {
  const refused = refusedJoiners(story);
  return { ...story, nodes: new Map([...story.nodes].filter(([name]) => !refused.has(name))) };
}
