/** Who may call what (SwarmKit: the authorisation options in api/*.proto). What is not listed may be called by nobody. */
import type { Role } from './peer.ts';
import { MANAGER, WORKER } from './peer.ts';

/** `anyone` is also a caller without a certificate: a machine that is about to join has none. */
export type Access = 'anyone' | readonly Role[];

const MANAGERS = [MANAGER] as const;
const NODES = [WORKER, MANAGER] as const;

const SERVICES: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  'docker.swarmkit.v1.CA': { GetRootCACertificate: 'anyone', GetUnlockKey: MANAGERS },
  'docker.swarmkit.v1.NodeCA': { IssueNodeCertificate: 'anyone', NodeCertificateStatus: 'anyone' },
  'docker.swarmkit.v1.Dispatcher': {
    Session: NODES,
    Heartbeat: NODES,
    UpdateTaskStatus: NODES,
    UpdateVolumeStatus: NODES,
    Tasks: NODES,
    Assignments: NODES,
  },
  'docker.swarmkit.v1.Raft': {
    ProcessRaftMessage: MANAGERS,
    StreamRaftMessage: MANAGERS,
    ResolveAddress: MANAGERS,
  },
  'docker.swarmkit.v1.RaftMembership': { Join: MANAGERS, Leave: MANAGERS },
  'docker.swarmkit.v1.Health': { Check: MANAGERS },
  'docker.swarmkit.v1.Logs': { SubscribeLogs: MANAGERS },
  'docker.swarmkit.v1.LogBroker': { ListenSubscriptions: NODES, PublishLogs: NODES },
  'swarmtwin.v1.Control': { Call: MANAGERS, Deliver: MANAGERS, Join: MANAGERS },
};

/** Who may call the method; an empty list where it is unknown. */
export const accessOf = (service: string, method: string): Access =>
  SERVICES[service]?.[method] ?? [];
