/** What agents and the dispatcher say to each other, in the core's words (SwarmKit: api/dispatcher.proto). `host` puts it on the wire. */
import type { SwarmError } from '../model/errors.ts';
import type { NodeId, TaskId } from '../model/ids.ts';
import type { Config, Node, NodeDescription, Secret, Task, TaskStatus } from '../model/objects.ts';
import type { Done } from '../model/result.ts';
import type { LogBrokerClient } from './logs/log-api.ts';

/** A manager that an agent may talk to. Weights are 10 each in Swarm. */
export interface WeightedPeer {
  readonly nodeId: NodeId;
  readonly addr: string;
  readonly weight: number;
}

export interface SessionRequest {
  readonly description: NodeDescription;
  /** Given when a session is renewed with a changed description. */
  readonly sessionId?: string;
}

/** The first reply to a session, and again on every change of what it carries. */
export interface SessionMessage {
  readonly sessionId: string;
  readonly node: Node;
  readonly managers: readonly WeightedPeer[];
  /** PEM of the root certificates in force. */
  readonly rootCa: string;
}

export type Assignment =
  | { readonly kind: 'task'; readonly action: 'update'; readonly task: Task }
  | { readonly kind: 'secret'; readonly action: 'update'; readonly secret: Secret }
  | { readonly kind: 'config'; readonly action: 'update'; readonly config: Config }
  | { readonly kind: 'task' | 'secret' | 'config'; readonly action: 'remove'; readonly id: string };

/** `complete` lists all there is, and whatever is not listed is dropped; `incremental` follows on the message it applies to. */
export interface AssignmentsMessage {
  readonly type: 'complete' | 'incremental';
  readonly appliesTo: string;
  readonly resultsIn: string;
  readonly changes: readonly Assignment[];
}

export interface TaskStatusUpdate {
  readonly taskId: TaskId;
  readonly status: TaskStatus;
}

/** The writing end of a stream. After `end`, or once the other side is gone, `send` does nothing. */
export interface Sink<T> {
  send(message: T): void;
  end(error: SwarmError | null): void;
  /** Called once when the other side went away. */
  onClose(callback: () => void): void;
}

/** The reading end of a stream, seen by whoever opened it. */
export interface StreamEvents<T> {
  message(message: T): void;
  /** Called once; null when the stream ended well. */
  end(error: SwarmError | null): void;
}

export interface Stream {
  close(): void;
}

/** What one stream brings goes on into another. */
export function pipe<T>(sink: Sink<T>, open: (events: StreamEvents<T>) => Stream): void {
  const stream = open({
    message: (message) => {
      sink.send(message);
    },
    end: (error) => {
      sink.end(error);
    },
  });
  sink.onClose(() => {
    stream.close();
  });
}

/** Who calls, as the transport proved it: node id from the certificate, address as seen by the manager that was reached. */
export interface Caller {
  readonly nodeId: NodeId;
  readonly addr: string;
}

/** The dispatcher's calls, on the leader. A manager that is not the leader hands them on to it. */
export interface DispatcherApi {
  session(caller: Caller, request: SessionRequest, sink: Sink<SessionMessage>): void;
  /** Answers with the time until the next beat is due, in ms. */
  heartbeat(caller: Caller, sessionId: string, done: Done<{ readonly periodMs: number }>): void;
  updateTaskStatus(
    caller: Caller,
    sessionId: string,
    updates: readonly TaskStatusUpdate[],
    done: Done<null>,
  ): void;
  assignments(caller: Caller, sessionId: string, sink: Sink<AssignmentsMessage>): void;
}

/** An agent's connection to one manager. Every call has its own deadline in the driver and always ends in `done` or `end`. */
export interface DispatcherClient {
  session(request: SessionRequest, events: StreamEvents<SessionMessage>): Stream;
  heartbeat(sessionId: string, done: Done<{ readonly periodMs: number }>): void;
  updateTaskStatus(sessionId: string, updates: readonly TaskStatusUpdate[], done: Done<null>): void;
  assignments(sessionId: string, events: StreamEvents<AssignmentsMessage>): Stream;
  /** The same manager's log broker; without one the node's output cannot be asked for. */
  readonly logs?: LogBrokerClient;
  close(): void;
}

/** Opens connections to managers. The connection may fail later, through its calls. */
export interface ManagerDialer {
  dial(peer: WeightedPeer): DispatcherClient;
}
