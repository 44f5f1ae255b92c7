/** What a history tells of a swarm's membership: who asked for what, and what nodes said of themselves. */
import type { NodeName } from '../model/fault.ts';
import type { NodeRole } from '../model/specs.ts';
import type { Operation } from './operations.ts';
import { nodeAt } from './story.ts';
import type { Story } from './story.ts';

/** `GET /swarm`; the tokens are marks. */
export interface SwarmTold {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  readonly [field: string]: unknown;
}

/** The swarm block of `GET /info`. */
export interface InfoTold {
  readonly NodeID?: string;
  readonly NodeAddr?: string;
  readonly LocalNodeState?: string;
  readonly ControlAvailable?: boolean;
  readonly RemoteManagers?: readonly { readonly NodeID: string; readonly Addr: string }[] | null;
  readonly Nodes?: number;
  readonly Managers?: number;
  readonly Cluster?: Readonly<Record<string, unknown>>;
}

/** `GET /nodes/ID` of the node itself. */
export interface MemberTold {
  readonly ID: string;
  readonly Spec: { readonly Role?: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: string;
    readonly Addr?: string;
  };
}

/** The mark of a token of the right form. */
export const TOKEN_MARK = /^SWMTKN-1-([0-9a-z]{50})-\(25 characters, digest [0-9a-f]{16}\)$/;

/** Answers to a question that were recorded with what they said. */
export const answersTo = (
  story: Story,
  path: '/swarm' | '/info' | '/nodes/',
): readonly Operation[] =>
  story.operations.filter(
    (operation) =>
      operation.method === 'GET' &&
      (path === '/nodes/' ? operation.path.startsWith(path) : operation.path === path) &&
      operation.outcome === 'ok' &&
      operation.value !== undefined,
  );

/** Whether a node had founded a swarm of its own and not left it when the operation was asked for. */
export function isFounder(story: Story, { node, invokedMs }: Operation): boolean {
  const last = story.operations.findLast(
    (other) =>
      other.node === node &&
      other.outcome === 'ok' &&
      other.completedMs <= invokedMs &&
      /^\/swarm\/(init|leave)/.test(other.path),
  );
  return last?.path === '/swarm/init';
}

/** The managers as the swarm lists them at a moment. */
export const managersAt = (story: Story, atMs: number): readonly NodeName[] =>
  listedAt(story, atMs).filter((name) => nodeAt(story, name, atMs)?.role === 'manager');

/** The nodes that the swarm lists at a moment. */
export const listedAt = (story: Story, atMs: number): readonly NodeName[] =>
  [...story.nodes.keys()].filter((name) => {
    const seen = nodeAt(story, name, atMs);
    return seen !== undefined && (story.unlisted.get(seen.id)?.atMs ?? Infinity) > atMs;
  });

/** A promotion or demotion: what was asked, and until when nothing else was asked of that node's role. */
export interface RoleChange {
  readonly operation: Operation;
  readonly node: NodeName;
  readonly from: NodeRole;
  readonly to: NodeRole;
  readonly untilMs: number;
}

export function roleChangesOf(story: Story): readonly RoleChange[] {
  const asked = story.operations.flatMap((operation): Omit<RoleChange, 'untilMs'>[] => {
    const { Role: to } = (operation.body ?? {}) as { readonly Role?: NodeRole };
    const from = nodeAt(story, operation.about, operation.invokedMs)?.role;
    if (operation.kind !== 'set-node' || to === undefined || from === undefined) return [];
    return from === to ? [] : [{ operation, node: operation.about, from, to }];
  });
  return asked.map((change, index) => {
    const next = asked.slice(index + 1).find(({ node }) => node === change.node);
    return { ...change, untilMs: next?.operation.invokedMs ?? story.endMs };
  });
}
