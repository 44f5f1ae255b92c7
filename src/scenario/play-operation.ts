/** Client operations of a step: which node is called, under which label, and what came of it in words. */
import type { ServiceDraft, Step } from '../model/scenario.ts';
import { playMembership } from './membership-operations.ts';
import { nodeOf } from './node-of.ts';
import {
  createService,
  inspectService,
  list,
  listContainers,
  removeService,
  rollbackService,
  setHistoryLimit,
  setLabels,
  setNode,
  stopContainer,
  updateService,
} from './operations.ts';
import type { Caller, Client, Outcome } from './operations.ts';
import { resolveNode, resolveTask } from './resolve.ts';
import type { Sight } from './sight.ts';
import { lookInside, playData, withData } from './secret-operations.ts';
import { inspectContainer, listOfStack, readLogs, watchCounts } from './service-operations.ts';
import { specOf } from './service-spec.ts';
import { deployStack, removeStack } from './stack-operations.ts';
import { stepTitle } from './step-title.ts';

export type OperationStep = Exclude<
  Step,
  {
    do:
      | 'wait'
      | 'hold'
      | 'mark'
      | 'name'
      | 'inject'
      | 'heal'
      | 'join'
      | 'find-data'
      | 'look-at-ports'
      | 'start-clients'
      | 'stop-clients';
  }
>;

/** Returns the outcome in words. An operation that fails is no failure of the run: the claims judge it. */
export async function playOperation(step: OperationStep, client: Client): Promise<string> {
  const { outcome, status, text } = await perform(step, client);
  return outcome === 'ok' ? `ok ${status}` : `${outcome} ${status} ${text}`;
}

async function perform(step: OperationStep, client: Client): Promise<Outcome> {
  const caller = callerOf(step, client);
  switch (step.do) {
    case 'create':
      return createService(caller, withData(specOf(withIds(step, client.sight)), step, client));
    case 'update':
      return updateService(caller, step.service, step);
    case 'rollback':
      return rollbackService(caller, step.service);
    case 'remove':
      return removeService(caller, step.service);
    case 'inspect':
      return inspectService(caller, step.service);
    case 'list':
      return step.stack === undefined
        ? list(caller, step.kind)
        : listOfStack(caller, step.kind, step.stack);
    case 'watch-counts':
      return watchCounts(caller, step.service, step.withinS);
    case 'read-logs':
      return readLogs(caller, step.service);
    case 'inspect-container': {
      const task = resolveTask(step, client.sight);
      return inspectContainer({ ...caller, node: task.node }, task.container);
    }
    case 'deploy-stack':
      return deployStack(caller, step.stack, step.file);
    case 'remove-stack':
      return removeStack(caller, step.stack);
    case 'set-node':
      return setNode(caller, nodeOf(step.node, client.sight), step.availability);
    case 'label-node':
      return setLabels(caller, nodeOf(step.node, client.sight).id, step.labels);
    case 'init':
    case 'join-with':
    case 'leave':
    case 'set-role':
    case 'remove-node':
    case 'inspect-node':
    case 'inspect-swarm':
    case 'rotate-token':
    case 'swarm-info':
      return playMembership(caller, step);
    case 'create-data':
    case 'list-data':
    case 'inspect-data':
    case 'remove-data':
      return playData(caller, step);
    case 'look-inside': {
      const task = resolveTask(step, client.sight);
      return lookInside({ ...caller, node: task.node }, task.container, step.paths);
    }
    case 'set-swarm':
      return setHistoryLimit(caller, step.taskHistoryLimit);
    case 'containers':
      return listContainers(caller);
    case 'stop-container': {
      // A container that an earlier step killed must be known to be dead, or it is chosen again.
      await client.target.look();
      const task = resolveTask(step, client.sight);
      return stopContainer({ ...caller, node: task.node }, task.container);
    }
  }
}

/** The draft with a node's id for each `id(n2)` in its constraints. */
function withIds(draft: ServiceDraft, sight: Sight): ServiceDraft {
  if (draft.constraints === undefined) return draft;
  const constraints = draft.constraints.map((text) =>
    text.replace(/\bid\(([^)]+)\)/g, (_, ref: string) => nodeOf(ref, sight).id),
  );
  return { ...draft, constraints };
}

/** Steps that ask the very node that they are about. */
const ON_ITS_NODE: ReadonlySet<Step['do']> = new Set([
  ...(['containers', 'init', 'join-with', 'leave', 'inspect-node', 'swarm-info'] as const),
]);

function callerOf(step: OperationStep, client: Client): Caller {
  const label = ('label' in step ? step.label : undefined) ?? stepTitle(step);
  const ref =
    ON_ITS_NODE.has(step.do) && 'node' in step
      ? step.node
      : (('through' in step ? step.through : undefined) ?? 'any-manager');
  const deadlineS = 'deadlineS' in step ? step.deadlineS : undefined;
  return {
    client,
    label,
    node: resolveNode(ref, client.sight),
    ...(deadlineS === undefined ? {} : { deadlineMs: deadlineS * 1000 }),
  };
}
