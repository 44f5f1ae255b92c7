import type { NodeId } from '../../model/ids.ts';
import type { NodeDescription } from '../../model/objects.ts';
import type { Ports } from '../ports.ts';
import type { DispatcherClient, ManagerDialer, SessionMessage, WeightedPeer } from '../session.ts';
import type { Executor } from './executor.ts';
import type { AgentStorage } from './storage.ts';

export interface AgentOptions {
  readonly nodeId: NodeId;
  readonly dialer: ManagerDialer;
  readonly executor: Executor;
  readonly storage: AgentStorage;
  /** This node's own manager while it has one; preferred over every other. It is never closed by the agent. */
  localManager?(): DispatcherClient | null;
  /** Every message of a session: the node object, the managers, the root certificates. */
  onSession(message: SessionMessage): void;
  /** Adds to the engine's description what the engine does not know (the certificate's issuer, an overriding hostname). */
  completeDescription?(description: NodeDescription): NodeDescription;
}

/** One node's end of the swarm: keeps a session with a manager and drives this node's containers as assigned. */
export class Agent {
  readonly ports: Ports;
  readonly options: AgentOptions;

  constructor(ports: Ports, options: AgentOptions) {
    this.ports = ports;
    this.options = options;
  }

  /** Resumes the stored tasks, then looks for a manager among `peers`. */
  start(peers: readonly WeightedPeer[]): void {
    this.setPeers(peers);
  }

  /** Ends the session; containers keep running. Nothing is called back after `done`. */
  stop(done: () => void): void {
    done();
  }

  /** Tells of managers known from elsewhere; each session message does it too. */
  setPeers(peers: readonly WeightedPeer[]): void {
    this.ports.log({ level: 'debug', part: 'agent', message: `${peers.length} managers` });
  }

  /** Compares the node's description now instead of at the next 20 s (after a new certificate, say). */
  refreshDescription(): void {
    this.ports.log({ level: 'debug', part: 'agent', message: this.options.nodeId });
  }
}
