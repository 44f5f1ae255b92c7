import { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import { failed, type Done } from '../../model/result.ts';
import type { Ports } from '../ports.ts';
import type {
  AssignmentsMessage,
  Caller,
  DispatcherApi,
  SessionMessage,
  SessionRequest,
  Sink,
  TaskStatusUpdate,
  WeightedPeer,
} from '../session.ts';
import type { Store } from '../store.ts';

/** What the dispatcher needs of the manager it belongs to. */
export interface DispatcherOptions {
  readonly self: NodeId;
  /** The raft members now, weight 10 each. */
  managers(): readonly WeightedPeer[];
  /** Calls back after each change of `managers()`; the answer ends that. */
  managersChanged(callback: () => void): () => void;
  /** PEM of the root certificates in force. */
  rootCa(): string;
}

/** The leader's end of every agent: sessions, heartbeats, assignments and task reports. Answers `Aborted` until it is started. */
export class Dispatcher implements DispatcherApi {
  readonly ports: Ports;
  readonly store: Store;
  readonly options: DispatcherOptions;

  constructor(ports: Ports, store: Store, options: DispatcherOptions) {
    this.ports = ports;
    this.store = store;
    this.options = options;
  }

  start(): void {
    this.ports.log({ level: 'debug', part: 'dispatcher', message: 'started' });
  }

  stop(): void {
    this.ports.log({ level: 'debug', part: 'dispatcher', message: 'stopped' });
  }

  session(_caller: Caller, _request: SessionRequest, sink: Sink<SessionMessage>): void {
    sink.end(stopped());
  }

  heartbeat(_caller: Caller, _sessionId: string, done: Done<{ readonly periodMs: number }>): void {
    done(failed(stopped()));
  }

  updateTaskStatus(
    _caller: Caller,
    _sessionId: string,
    _updates: readonly TaskStatusUpdate[],
    done: Done<null>,
  ): void {
    done(failed(stopped()));
  }

  assignments(_caller: Caller, _sessionId: string, sink: Sink<AssignmentsMessage>): void {
    sink.end(stopped());
  }
}

const stopped = (): SwarmError => new SwarmError('Aborted', 'dispatcher is stopped');
