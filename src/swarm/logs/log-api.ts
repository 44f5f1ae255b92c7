/** What is said about the output of tasks (SwarmKit: api/logbroker.proto). `host` puts it on the wire. */
import type { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import type { Sink, Stream, StreamEvents } from '../session.ts';

export type OutputStream = 'stdout' | 'stderr';

/** A moment since 1970, finer than the milliseconds of {@link Ports}: lines are shown with their nanoseconds. */
export interface LogTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Whose output is wanted. Ids, never names. */
export interface LogSelector {
  readonly serviceIds: readonly string[];
  readonly nodeIds: readonly string[];
  readonly taskIds: readonly string[];
}

export interface LogOptions {
  /** None means both. */
  readonly streams: readonly OutputStream[];
  readonly follow: boolean;
  /** SwarmKit's count, of each task: 0 is everything, -1 nothing, -n the last n - 1 messages. */
  readonly tail: number;
  readonly since?: LogTime;
}

export interface LogRequest {
  readonly selector: LogSelector;
  readonly options: LogOptions;
}

/** Which task said it, and where. */
export interface LogContext {
  readonly serviceId: string;
  readonly nodeId: string;
  readonly taskId: string;
}

/** One message as the container's log driver keeps it: a line, or a part of a very long one. */
export interface LogEntry {
  readonly time: LogTime;
  readonly stream: OutputStream;
  readonly data: Uint8Array;
  /** What the log driver was told to add: labels, variables. */
  readonly attributes: readonly (readonly [key: string, value: string])[];
}

export interface LogMessage extends LogEntry {
  readonly context: LogContext;
}

/** What agents are told: that somebody wants output, and later, with `close`, that nobody does any more. */
export interface LogSubscription extends LogRequest {
  readonly id: string;
  readonly close: boolean;
}

/** The writing end of a stream whose reader may be slower than the writer. */
export interface PacedSink<T> extends Sink<T> {
  /** Calls back, once, when the reader has taken nearly all that was sent, or is gone; possibly at once. */
  whenReady(callback: () => void): void;
}

/** Where an agent puts the output for one subscription. After `close` or `fail`, or once it was ended, nothing happens any more. */
export interface LogPublisher {
  /** `ready` is called when more may come. */
  publish(messages: readonly LogMessage[], ready: () => void): void;
  /** Everything was sent. */
  close(): void;
  /** No more can be sent. */
  fail(error: SwarmError): void;
}

/** For agents. */
export interface LogBrokerApi {
  listen(caller: NodeId, sink: Sink<LogSubscription>): void;
  /** `ended` is called once: null when all was taken, an error when the rest is refused. */
  publish(
    caller: NodeId,
    subscriptionId: string,
    ended: (error: SwarmError | null) => void,
  ): LogPublisher;
}

/** For managers, on behalf of people. */
export interface LogsApi {
  subscribe(request: LogRequest, sink: PacedSink<readonly LogMessage[]>): void;
}

/** The broker's calls as an agent makes them of one manager. */
export interface LogBrokerClient {
  listen(events: StreamEvents<LogSubscription>): Stream;
  publish(subscriptionId: string, ended: (error: SwarmError | null) => void): LogPublisher;
}

/** What a task's output comes as: some entries at a time, then an end. */
export interface LogEvents {
  /** `ready` is to be called when more may come. */
  entries(entries: readonly LogEntry[], ready: () => void): void;
  /** Called once; null when there is no more to come. */
  end(error: SwarmError | null): void;
}
