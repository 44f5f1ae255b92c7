/** What one manager asks of another on behalf of somebody: the leader's services, reached through any manager. */
import type { NodeId } from '../../model/ids.ts';
import type { NodeCertificate } from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import type { LogBrokerApi, LogsApi } from '../logs/log-api.ts';
import type { DispatcherApi } from '../session.ts';
import type { IssueRequest } from './certificate-authority.ts';
import type { JoinReply, Member } from './consensus-ports.ts';

/** The certificate authority's calls (SwarmKit: CA and NodeCA). */
export interface CertificateApi {
  /** PEM; every manager knows it. */
  rootCertificate(): string;
  issue(
    caller: NodeId | null,
    request: IssueRequest,
    done: Done<{ readonly nodeId: NodeId }>,
  ): void;
  status(nodeId: NodeId, done: Done<NodeCertificate>): void;
}

/** A manager's raft membership calls (SwarmKit: RaftMembership). */
export interface MembershipApi {
  join(nodeId: NodeId, addr: string, from: string, done: Done<JoinReply>): void;
}

/** The leader seen from another manager. The caller's identity goes along, and the leader believes it because a manager says so. */
export interface RemoteLeader {
  readonly dispatcher: DispatcherApi;
  readonly certificates: Omit<CertificateApi, 'rootCertificate'>;
  readonly membership: MembershipApi;
  /** Left out where the output of tasks cannot be had through another manager (a simulated swarm). */
  readonly logBroker?: LogBrokerApi;
  readonly logs?: LogsApi;
}

export interface RemoteLeaders {
  leader(member: Member): RemoteLeader;
}
