/** A step in words, for the terminal, the report and the labels of operations. */
import type { FaultDraft, Step } from '../model/scenario.ts';
import type { MembershipStep } from './membership-operations.ts';
import type { DataStep } from './secret-operations.ts';

export function stepTitle(step: Step): string {
  switch (step.do) {
    case 'create':
      return `create ${step.service} (${step.global === true ? 'global' : `${step.replicas ?? 1} x`} ${step.image})${through(step)}`;
    case 'update':
      return `update ${step.service}${changes(step)}${through(step)}`;
    case 'rollback':
    case 'remove':
    case 'inspect':
      return `${step.do} ${step.service}${through(step)}`;
    case 'list':
      return `list ${step.kind}${step.stack === undefined ? '' : ` of the stack ${step.stack}`}${through(step)}`;
    case 'watch-counts':
      return `list services until ${step.service} has all its tasks${through(step)}`;
    case 'read-logs':
      return `read the logs of ${step.service}${through(step)}`;
    case 'inspect-container':
      return `inspect a container of ${step.service}`;
    case 'deploy-stack':
    case 'remove-stack':
      return `${step.do === 'deploy-stack' ? 'deploy' : 'remove'} the stack ${step.stack}${through(step)}`;
    case 'set-node':
      return `set ${step.node} to ${step.availability}${through(step)}`;
    case 'label-node':
      return `label ${step.node} ${JSON.stringify(step.labels)}${through(step)}`;
    case 'set-swarm':
      return `set the task history limit to ${step.taskHistoryLimit}`;
    case 'start-clients':
      return `start ${step.clients} clients, each with a turn every ${step.everyS} s`;
    case 'stop-clients':
      return 'stop the clients';
    case 'join':
      return `join ${step.node} as ${step.role}`;
    case 'containers':
      return `list the containers on ${step.node}`;
    case 'stop-container':
      return `stop a container of ${step.service}`;
    case 'inject':
      return `inject ${step.as}: ${faultTitle(step.fault)}`;
    case 'heal':
      return `heal ${step.fault}`;
    case 'name':
      return `call ${step.node} ${step.as}`;
    case 'wait':
      return `wait until ${conditionTitle(step)}, at most ${step.withinS} s`;
    case 'hold':
      return `hold ${step.seconds} s: ${step.why}`;
    case 'mark':
      return `mark ${step.name}`;
    default:
      return memberTitle(step);
  }
}

/** Steps about members of the swarm, and about secrets and configs. */
function memberTitle(
  step:
    | MembershipStep
    | DataStep
    | Extract<Step, { do: 'look-inside' | 'find-data' | 'look-at-ports' }>,
): string {
  switch (step.do) {
    case 'init':
      return `found a swarm on ${step.node}`;
    case 'join-with':
      return `join ${step.node} by the ${step.role}'s token '${step.tokens}'${through(step)}`;
    case 'leave':
      return `${step.node} leaves${step.force === true ? ' by force' : ''}`;
    case 'set-role':
      return `make ${step.node} a ${step.role}${through(step)}`;
    case 'remove-node':
      return `remove ${step.node}${step.force === true ? ' by force' : ''}${through(step)}`;
    case 'inspect-node':
      return `inspect ${step.node} on itself`;
    case 'inspect-swarm':
      return `inspect the swarm${through(step)}`;
    case 'rotate-token':
      return `rotate the ${step.role}'s token${through(step)}`;
    case 'swarm-info':
      return `info of ${step.node}`;
    case 'create-data':
      return `create the ${step.kind} ${step.name}${through(step)}`;
    case 'list-data':
      return `list ${step.kind}s${through(step)}`;
    case 'inspect-data':
    case 'remove-data':
      return `${step.do === 'inspect-data' ? 'inspect' : 'remove'} the ${step.kind} ${step.name}${through(step)}`;
    case 'look-inside':
      return `look inside a container of ${step.service}`;
    case 'find-data':
      return `find the data of ${step.name} on ${step.node}`;
    case 'look-at-ports':
      return `look at the ports of ${step.node}`;
  }
}

const through = (step: { readonly through?: string }): string =>
  step.through === undefined ? '' : ` through ${step.through}`;

function changes(step: Extract<Step, { do: 'update' }>): string {
  const parts = [
    ...(step.image === undefined ? [] : [`image ${step.image}`]),
    ...(step.replicas === undefined ? [] : [`replicas ${step.replicas}`]),
    ...(step.env === undefined ? [] : [`env ${JSON.stringify(step.env)}`]),
    ...(step.force === true ? ['force'] : []),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function faultTitle(fault: FaultDraft): string {
  switch (fault.kind) {
    case 'links':
      return `${fault.toxic.kind} on ${fault.links.map((link) => `${link.from} to ${link.to}`).join(', ')}`;
    case 'partition':
      return `partition (${fault.plane}) ${fault.groups.map((group) => group.join(' ')).join(' | ')}`;
    case 'kill-container':
    case 'remove-container':
    case 'pause-container':
      return `${fault.kind} of ${fault.service}${fault.slot === undefined ? '' : ` slot ${fault.slot}`}${fault.on === undefined ? '' : ` on ${fault.on}`}`;
    default:
      return `${fault.kind} ${fault.node}`;
  }
}

function conditionTitle(step: Extract<Step, { do: 'wait' }>): string {
  switch (step.until) {
    case 'leader':
      return 'there is a leader';
    case 'healthy':
      return 'every node is ready and reachable';
    case 'role':
      return `${step.node} is a ${step.role}`;
    case 'unlisted':
      return `${step.node} is not listed`;
    case 'no-leader':
      return `${step.node} says there is no leader`;
    case 'node-state':
      return `${step.node} is ${step.state}`;
    case 'update-state':
      return `the update of ${step.service} is ${step.state}`;
    case 'pending':
      return `${step.count} tasks of ${step.service} are pending with a reason`;
    case 'ended':
      return `${step.count} tasks of ${step.service} are over`;
    default:
      return `${step.service} is ${step.until}`;
  }
}
