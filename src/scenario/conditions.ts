/** Conditions of `wait` steps: each answers what is still missing, or nothing when it is met. */
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { TaskSeen } from '../model/history.ts';
import type { Condition } from '../model/scenario.ts';
import { isTerminal } from '../model/task-state.ts';
import { resolveNode } from './resolve.ts';
import type { Sight } from './sight.ts';

/** What is still missing, in words for a person; '' when the condition is met. */
export function missing(condition: Condition, sight: Sight): string {
  switch (condition.until) {
    case 'no-leader':
      return missingRefusal(resolveNode(condition.node, sight), sight);
    case 'leader':
      return missingLeader(sight);
    case 'healthy':
      return missingLeader(sight) || missingHealth(sight);
    case 'node-state':
      return missingNodeState(resolveNode(condition.node, sight), condition.state, sight);
    case 'role':
      return missingRole(resolveNode(condition.node, sight), condition.role, sight);
    case 'unlisted':
      return missingDeparture(resolveNode(condition.node, sight), sight);
    case 'removed':
      return missingRemoval(condition.service, sight);
    default:
      return missingLeader(sight) || missingOfService(condition, sight);
  }
}

type ServiceCondition = Extract<Condition, { readonly service: string }>;

function missingOfService(condition: ServiceCondition, sight: Sight): string {
  const { service } = condition;
  if (sight.service(service) === undefined) return `no service ${service} is seen`;
  switch (condition.until) {
    case 'running':
      return missingRunning(service, condition.count, sight);
    case 'settled':
      return missingRunning(service, undefined, sight) || missingEnds(service, sight);
    case 'renewed':
      return missingRunning(service, undefined, sight) || missingRenewal(service, sight);
    case 'update-state': {
      const state = sight.service(service)?.updateState ?? '';
      return state === condition.state ? '' : `the update of ${service} is '${state}'`;
    }
    case 'pending': {
      const waiting = sight
        .live(service)
        .filter((task) => task.state === 'pending' && task.err !== '');
      const lack = condition.count - waiting.length;
      return lack > 0 ? `${lack} more tasks of ${service} have to be pending with a reason` : '';
    }
    case 'ended': {
      const over = sight.tasks(service).filter((task) => isTerminal(task.state)).length;
      const lack = condition.count - over;
      return lack > 0 ? `${lack} more tasks of ${service} have to be over` : '';
    }
    case 'removed':
      return missingRemoval(service, sight);
  }
}

function missingRefusal(node: string, sight: Sight): string {
  const control = sight.control(node);
  if (control?.answer === 'error' && control.text.includes(NO_LEADER_TEXT)) return '';
  return `${node} answers ${control === undefined ? 'nothing yet' : `${control.answer} ${control.text}`}`;
}

function missingLeader(sight: Sight): string {
  if (!sight.answers) return 'no manager answers';
  const leader = sight.nodes().find((node) => node.leader);
  if (leader === undefined) return 'no node is the leader';
  return sight.isFaulted(leader.name) ? `${leader.name}, which a fault is on, is the leader` : '';
}

function missingHealth(sight: Sight): string {
  const sick = sight
    .nodes()
    .filter((node) => !sight.isFaulted(node.name))
    .filter(
      (node) =>
        node.state !== 'ready' || (node.role === 'manager' && node.reachability !== 'reachable'),
    );
  return sick.map((node) => `${node.name} is ${node.state} ${node.reachability}`).join(', ');
}

function missingNodeState(name: string, state: string, sight: Sight): string {
  if (!sight.answers) return 'no manager answers';
  const seen = sight.nodes().find((node) => node.name === name)?.state ?? 'not seen';
  return seen === state ? '' : `${name} is ${seen}`;
}

function missingRole(name: string, role: string, sight: Sight): string {
  const lack = missingLeader(sight);
  if (lack !== '') return lack;
  const seen = sight.nodes().find((node) => node.name === name);
  if (seen === undefined) return `${name} is not seen`;
  const reachability = role === 'manager' ? 'reachable' : '';
  if (seen.role === role && seen.reachability === reachability) return '';
  return `${name} is a ${seen.reachability} ${seen.role}`.replace('  ', ' ');
}

function missingDeparture(name: string, sight: Sight): string {
  if (!sight.answers) return 'no manager answers';
  const seen = sight.nodes().find((node) => node.name === name);
  return seen === undefined ? '' : `${name} is still listed, ${seen.state}`;
}

/** How many tasks the service ought to have: its replicas, or its eligible nodes when it is global. */
function wanted(service: string, sight: Sight): number {
  const mode = sight.service(service)?.spec.Mode;
  if (mode?.Replicated !== undefined) return mode.Replicated.Replicas ?? 1;
  return sight
    .nodes()
    .filter((node) => node.state === 'ready' && node.availability === 'active')
    .filter((node) => !sight.isFaulted(node.name)).length;
}

function missingRunning(service: string, count: number | undefined, sight: Sight): string {
  const drained = new Set(
    sight
      .nodes()
      .filter((node) => node.availability === 'drain')
      .map((node) => node.name),
  );
  const live = sight.live(service);
  const fit = (task: TaskSeen): boolean =>
    task.desired === 'running' &&
    task.state === 'running' &&
    !sight.isFaulted(task.node) &&
    !drained.has(task.node);
  const running = live.filter(fit);
  const want = count ?? wanted(service, sight);
  if (running.length === want && live.length === running.length) return '';
  const others = live.filter((task) => !fit(task));
  const detail = others.map((task) => `${task.slot || task.node} ${task.desired}/${task.state}`);
  return `${service} runs ${running.length} of ${want} (${detail.join(', ') || 'nothing else live'})`;
}

function missingEnds(service: string, sight: Sight): string {
  const lasting = sight
    .tasks(service)
    .filter((task) => !sight.live(service).includes(task) && !isTerminal(task.state));
  return lasting.length === 0 ? '' : `${lasting.length} old tasks of ${service} have not ended`;
}

function missingRenewal(service: string, sight: Sight): string {
  const since = sight.lastUpdate(service);
  const old = sight.live(service).filter((task) => task.createdMs < since);
  return old.length === 0 ? '' : `${old.length} tasks of ${service} are from before the update`;
}

function missingRemoval(service: string, sight: Sight): string {
  if (!sight.answers) return 'no manager answers';
  if (sight.service(service) !== undefined) return `service ${service} is still there`;
  const left = sight.tasks(service).length;
  return left === 0 ? '' : `${left} tasks of ${service} are still there`;
}
