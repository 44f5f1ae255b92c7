/** From symbolic names to the nodes and containers of this cluster at this moment. */
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, NodeName } from '../model/fault.ts';
import type { TaskSeen } from '../model/history.ts';
import type { FaultDraft, NodeRef, SlotRef } from '../model/scenario.ts';
import type { Sight } from './sight.ts';

/** The forms of a node reference, for messages. */
export const NODE_REF_FORMS =
  'a node (n1), leader, follower, follower-2, worker, worker-2, any-manager or @name';

export const NODE_REF = /^(n[1-9]\d*|leader|any-manager|(follower|worker)(-[1-9]\d*)?|@[\w-]+)$/;

/** @throws SwarmtwinError `bad-scenario` when the reference fits no node now */
export function resolveNode(ref: NodeRef, sight: Sight): NodeName {
  const found = candidate(ref, sight);
  if (found !== undefined && sight.all.includes(found)) return found;
  throw new SwarmtwinError(
    'bad-scenario',
    `no node is meant by '${ref}' now: the cluster has ${sight.all.join(', ')}${whoIsWho(sight)}`,
    `Write ${NODE_REF_FORMS}.`,
  );
}

function candidate(ref: NodeRef, sight: Sight): NodeName | undefined {
  if (ref.startsWith('@')) return sight.named(ref.slice(1));
  if (/^n\d+$/.test(ref)) return ref;
  const nodes = sight.nodes();
  const managers = nodes.filter((node) => node.role === 'manager');
  if (ref === 'leader') return managers.find((node) => node.leader)?.name;
  if (ref === 'any-manager') {
    const fit = managers.filter((node) => !sight.isFaulted(node.name));
    return (fit.find((node) => node.leader) ?? fit[0] ?? managers[0])?.name;
  }
  const [kind, place] = ref.split('-');
  const pool =
    kind === 'worker'
      ? nodes.filter((node) => node.role === 'worker')
      : managers.filter((node) => !node.leader);
  return pool[Number(place ?? '1') - 1]?.name;
}

const whoIsWho = (sight: Sight): string => {
  const leader = sight.nodes().find((node) => node.leader);
  return leader === undefined ? ', no leader is known' : `, its leader is ${leader.name}`;
};

/** The running task that a slot reference means. @throws SwarmtwinError `bad-scenario` when there is none */
export function resolveTask(ref: SlotRef, sight: Sight): TaskSeen {
  const on = ref.on === undefined ? undefined : resolveNode(ref.on, sight);
  const found = sight
    .live(ref.service)
    .find(
      (task) =>
        task.state === 'running' &&
        sight.containerRuns(task.container) &&
        (ref.slot === undefined || task.slot === ref.slot) &&
        (on === undefined || task.node === on),
    );
  if (found !== undefined) return found;
  const place = ref.slot === undefined ? '' : ` in slot ${ref.slot}`;
  throw new SwarmtwinError(
    'bad-scenario',
    `no task of ${ref.service}${place}${on === undefined ? '' : ` on ${on}`} runs now`,
    'Wait until the service runs before its containers are touched.',
  );
}

/** @throws SwarmtwinError `bad-scenario` when a target of the fault does not exist */
export function resolveFault(draft: FaultDraft, sight: Sight): Fault {
  switch (draft.kind) {
    case 'links':
      return {
        ...draft,
        links: draft.links.map(({ from, to }) => ({
          from: resolveNode(from, sight),
          to: resolveNode(to, sight),
        })),
      };
    case 'partition':
      return { ...draft, groups: resolveGroups(draft.groups, sight) };
    case 'kill-container':
    case 'remove-container':
    case 'pause-container': {
      const task = resolveTask(draft, sight);
      return { kind: draft.kind, node: task.node, container: task.container };
    }
    default:
      return { ...draft, node: resolveNode(draft.node, sight) };
  }
}

function resolveGroups(
  groups: readonly (readonly NodeRef[])[],
  sight: Sight,
): readonly (readonly NodeName[])[] {
  const known = groups.map((group) =>
    group.map((ref) => (ref === 'rest' ? ref : resolveNode(ref, sight))),
  );
  const named = new Set(known.flat());
  const rest = sight.all.filter((name) => !named.has(name));
  return known.map((group) => group.flatMap((name) => (name === 'rest' ? rest : [name])));
}
