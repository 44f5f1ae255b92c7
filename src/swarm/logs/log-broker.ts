import { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import { drawId } from '../../model/random.ts';
import type { Ports } from '../ports.ts';
import type { Sink } from '../session.ts';
import type { Store } from '../store.ts';
import type {
  LogBrokerApi,
  LogMessage,
  LogPublisher,
  LogRequest,
  LogsApi,
  LogSubscription,
  PacedSink,
} from './log-api.ts';
import { LogMatching } from './log-matching.ts';

/** Somebody who reads. */
interface Reading {
  readonly matching: LogMatching;
  readonly sink: PacedSink<readonly LogMessage[]>;
}

/** An agent that hears what is wanted. */
interface Listening {
  readonly nodeId: NodeId;
  readonly sink: Sink<LogSubscription>;
  /** Subscriptions that it was told of. */
  readonly told: Set<string>;
}

/**
 * Brings the output of tasks from the nodes to whoever asked for it (SwarmKit: manager/logbroker). It runs on the leader, keeps nothing, and makes a publisher
 * wait for a reader that lags.
 */
export class LogBroker implements LogBrokerApi, LogsApi {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #readings = new Map<string, Reading>();
  readonly #listening = new Set<Listening>();
  #unwatch: (() => void) | null = null;

  constructor(ports: Ports, store: Store) {
    this.#ports = ports;
    this.#store = store;
  }

  start(): void {
    this.#unwatch ??= this.#store.watch((events) => {
      if (this.#readings.size === 0) return;
      for (const event of events)
        if (event.kind === 'task' && event.action !== 'remove') this.#follow(event.object);
    });
  }

  /** Ends every stream: agents are to look for the new leader, readers are told. */
  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    for (const { sink } of this.#listening) sink.end(null);
    this.#listening.clear();
    const readings = [...this.#readings.values()];
    this.#readings.clear();
    for (const { sink } of readings) sink.end(new SwarmError('Canceled', 'context canceled'));
  }

  /** Tells an agent what is wanted of its node, now and later. */
  listen(caller: NodeId, sink: Sink<LogSubscription>): void {
    if (this.#unwatch === null) {
      sink.end(notRunning());
      return;
    }
    const listening: Listening = { nodeId: caller, sink, told: new Set() };
    this.#listening.add(listening);
    sink.onClose(() => {
      this.#disconnected(listening);
    });
    for (const { matching } of this.#readings.values()) tell(listening, matching);
  }

  /** Errors: NotFound for an unknown subscription, PermissionDenied for output in another node's name. */
  publish(
    caller: NodeId,
    subscriptionId: string,
    ended: (error: SwarmError | null) => void,
  ): LogPublisher {
    const reading = this.#readings.get(subscriptionId);
    let isOver = false;
    const over = (error: SwarmError | null): void => {
      if (isOver) return;
      isOver = true;
      if (reading !== undefined) this.#nodeDone(reading, caller, error?.text);
      ended(error);
    };
    if (reading === undefined) over(unknownSubscription(subscriptionId));
    return {
      publish: (messages, ready) => {
        const impostor = messages.find(({ context }) => context.nodeId !== caller);
        if (impostor !== undefined) over(wrongNode(caller, impostor.context.nodeId));
        if (isOver || reading === undefined) return;
        if (messages.length > 0) reading.sink.send(messages);
        reading.sink.whenReady(ready);
      },
      close: () => {
        over(null);
      },
      fail: over,
    };
  }

  /** Streams what matches; without `follow` to its end, which names whatever could not be had. Errors: InvalidArgument for an empty selector. */
  subscribe(request: LogRequest, sink: PacedSink<readonly LogMessage[]>): void {
    const { serviceIds, taskIds, nodeIds } = request.selector;
    if (serviceIds.length + taskIds.length + nodeIds.length === 0) {
      sink.end(new SwarmError('InvalidArgument', 'log selector must not be empty'));
      return;
    }
    if (this.#unwatch === null) {
      sink.end(notRunning());
      return;
    }
    const id = drawId(this.#ports.random);
    const matching = new LogMatching({ ...request, id, close: false });
    const reading = { matching, sink };
    matching.match(this.#store.read);
    this.#readings.set(id, reading);
    sink.onClose(() => {
      this.#forget(reading);
    });
    for (const listening of this.#listening) tell(listening, matching);
    for (const nodeId of matching.nodes)
      if (!this.#isListening(nodeId))
        this.#nodeDone(reading, nodeId, `node ${nodeId} is not available`);
    this.#endIfComplete(reading);
  }

  #follow(task: Parameters<LogMatching['wants']>[0]): void {
    for (const { matching } of this.#readings.values()) {
      if (!matching.subscription.options.follow || !matching.wants(task)) continue;
      if (matching.add(task)) for (const listening of this.#listening) tell(listening, matching);
    }
  }

  #disconnected(listening: Listening): void {
    this.#listening.delete(listening);
    // A node that has come back already, on a new connection, is told anew and answers there.
    if (this.#isListening(listening.nodeId)) return;
    for (const id of listening.told) {
      const reading = this.#readings.get(id);
      if (reading?.matching.includes(listening.nodeId) === true)
        this.#nodeDone(
          reading,
          listening.nodeId,
          `node ${listening.nodeId} disconnected unexpectedly`,
        );
    }
  }

  #isListening(nodeId: string): boolean {
    return [...this.#listening].some((listening) => listening.nodeId === nodeId);
  }

  #nodeDone(reading: Reading, nodeId: string, problem?: string): void {
    reading.matching.done(nodeId, problem);
    this.#endIfComplete(reading);
  }

  #endIfComplete(reading: Reading): void {
    const { matching, sink } = reading;
    if (!matching.isComplete || !this.#readings.has(matching.subscription.id)) return;
    this.#forget(reading);
    sink.end(matching.error);
  }

  #forget({ matching }: Reading): void {
    const { subscription } = matching;
    if (!this.#readings.delete(subscription.id)) return;
    for (const { sink, told } of this.#listening)
      if (told.delete(subscription.id)) sink.send({ ...subscription, close: true });
  }
}

function tell({ nodeId, sink, told }: Listening, matching: LogMatching): void {
  const { subscription } = matching;
  if (!matching.includes(nodeId) || told.has(subscription.id)) return;
  told.add(subscription.id);
  sink.send(subscription);
}

const notRunning = (): SwarmError => new SwarmError('Unknown', 'broker is not running');

const unknownSubscription = (id: string): SwarmError =>
  id === ''
    ? new SwarmError('InvalidArgument', 'missing subscription ID')
    : new SwarmError('NotFound', 'unknown subscription ID');

const wrongNode = (expected: string, received: string): SwarmError =>
  new SwarmError('PermissionDenied', `invalid NodeID: expected=${expected};received=${received}`);
