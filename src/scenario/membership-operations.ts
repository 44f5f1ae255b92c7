/** What clients do to the membership of a swarm: found, join, leave, promote, demote, remove; and what they are told of it. */
import { SwarmtwinError } from '../model/errors.ts';
import type { NodeName } from '../model/fault.ts';
import type { Step } from '../model/scenario.ts';
import type { NodeRole } from '../model/specs.ts';
import { nodeOf } from './node-of.ts';
import { operate, rewrite, type Caller, type Outcome } from './operations.ts';
import { resolveNode } from './resolve.ts';
import { tokenMark } from './token-mark.ts';

export type MembershipStep = Extract<
  Step,
  {
    do:
      | 'init'
      | 'join-with'
      | 'leave'
      | 'set-role'
      | 'remove-node'
      | 'inspect-node'
      | 'inspect-swarm'
      | 'rotate-token'
      | 'swarm-info';
  }
>;

const LISTEN = '0.0.0.0:2377';

/** The tokens of a swarm, as one who may read them has them. */
export type JoinTokens = Readonly<Record<NodeRole, string>>;

export function playMembership(caller: Caller, step: MembershipStep): Promise<Outcome> {
  const { sight } = caller.client;
  const force = 'force' in step && step.force ? '?force=1' : '';
  switch (step.do) {
    case 'init':
      return init(caller);
    case 'join-with':
      return join(caller, step);
    case 'leave':
      return operate(caller, { method: 'POST', path: `/swarm/leave${force}` });
    case 'set-role':
      return setRole(caller, nodeOf(step.node, sight).id, step.role);
    case 'remove-node': {
      const name = resolveNode(step.node, sight);
      const id = sight.nodes().find((node) => node.name === name)?.id ?? name;
      return operate(caller, { method: 'DELETE', path: `/nodes/${id}${force}` });
    }
    case 'inspect-node':
      return inspectItself(caller);
    case 'inspect-swarm':
      return inspectSwarm(caller, step.as);
    case 'rotate-token':
      return rotateToken(caller, step.role);
    case 'swarm-info':
      return operate(caller, { method: 'GET', path: '/info' }, swarmBlock);
  }
}

function addressOf({ client }: Caller, name: NodeName): string {
  const node = client.target.nodes.find((each) => each.name === name);
  return `${node?.address ?? name}:2377`;
}

/** A swarm of one's own, as `docker swarm init --advertise-addr` asks for it. */
function init(caller: Caller): Promise<Outcome> {
  const AdvertiseAddr = addressOf(caller, caller.node);
  const body = { ListenAddr: LISTEN, AdvertiseAddr, Spec: {} };
  return operate(caller, { method: 'POST', path: '/swarm/init', body }, (value) => value);
}

function join(caller: Caller, step: Extract<Step, { do: 'join-with' }>): Promise<Outcome> {
  const { sight, tokens } = caller.client;
  const kept = tokens.get(step.tokens);
  if (kept === undefined)
    throw new SwarmtwinError(
      'bad-scenario',
      `no tokens were kept as '${step.tokens}'`,
      'Keep them with an inspect-swarm step before.',
    );
  const through = resolveNode(step.through ?? 'any-manager', sight);
  const request = {
    ListenAddr: LISTEN,
    AdvertiseAddr: step.advertise ?? addressOf(caller, caller.node),
    RemoteAddrs: [addressOf(caller, through)],
  };
  const token = kept[step.role];
  const shown = { ...request, JoinToken: tokenMark(token) };
  const body = { ...request, JoinToken: token };
  return operate({ ...caller, shown }, { method: 'POST', path: '/swarm/join', body });
}

const setRole = (caller: Caller, id: string, role: NodeRole): Promise<Outcome> =>
  rewrite(caller, `/nodes/${id}`, `/nodes/${id}/update`, (spec) => ({ ...spec, Role: role }));

function rotateToken(caller: Caller, role: NodeRole): Promise<Outcome> {
  const flag = role === 'worker' ? 'rotateWorkerToken' : 'rotateManagerToken';
  return rewrite(caller, '/swarm', `/swarm/update?${flag}=true`, (spec) => spec);
}

interface ApiSwarm {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  /** Long, and the same in every answer of a swarm. */
  readonly TLSInfo?: unknown;
}

/** The swarm as it answers, without certificates, its tokens by their marks; the tokens themselves stay with the client. */
function inspectSwarm(caller: Caller, as: string | undefined): Promise<Outcome> {
  return operate(caller, { method: 'GET', path: '/swarm' }, (value) => {
    const { JoinTokens, TLSInfo, ...rest } = value as ApiSwarm;
    const { Worker: worker, Manager: manager } = JoinTokens;
    if (as !== undefined) caller.client.tokens.set(as, { worker, manager });
    const marks = { Worker: tokenMark(worker), Manager: tokenMark(manager) };
    return { ...rest, JoinTokens: marks, TLSInfo: TLSInfo === undefined ? 'absent' : 'left out' };
  });
}

/** As `docker node inspect self`, which asks for the node's id first. */
async function inspectItself(caller: Caller): Promise<Outcome> {
  const info = await operate(caller, { method: 'GET', path: '/info' });
  if (info.outcome !== 'ok') return info;
  const { NodeID } = (info.value as { readonly Swarm: { readonly NodeID?: string } }).Swarm;
  return operate(caller, { method: 'GET', path: `/nodes/${NodeID ?? 'self'}` }, memberOf);
}

interface ApiMember {
  readonly ID: string;
  readonly Spec: unknown;
  readonly ManagerStatus?: unknown;
}

function memberOf(value: unknown): unknown {
  const { ID, Spec, ManagerStatus } = value as ApiMember;
  return { ID, Spec, ...(ManagerStatus === undefined ? {} : { ManagerStatus }) };
}

interface ApiInfo {
  readonly Swarm: { readonly Cluster?: { readonly TLSInfo?: unknown } };
}

/** The swarm block, without certificates. */
function swarmBlock(value: unknown): unknown {
  const { Swarm } = value as ApiInfo;
  if (Swarm.Cluster === undefined) return Swarm;
  const { TLSInfo, ...Cluster } = Swarm.Cluster;
  return {
    ...Swarm,
    Cluster: { ...Cluster, TLSInfo: TLSInfo === undefined ? 'absent' : 'left out' },
  };
}
