import type { SwarmError } from '../../model/errors.ts';
import type { Task } from '../../model/objects.ts';
import type {
  LogBrokerClient,
  LogEntry,
  LogEvents,
  LogOptions,
  LogPublisher,
  LogSubscription,
} from '../logs/log-api.ts';
import { selects } from '../logs/log-matching.ts';
import type { Ports } from '../ports.ts';
import type { Stream } from '../session.ts';

/** moby: a task's output is sent at 10 MiB a second at most, after a first burst of as much. */
const BYTES_PER_SECOND = 10 * 1024 * 1024;

/** The tasks of this node, as far as their output goes. */
export interface LoggingTasks {
  tasks(): readonly Task[];
  /** Reads what a task's container wrote; null where that cannot be read at all. */
  readLogs(taskId: string, options: LogOptions, events: LogEvents): Stream | null;
}

/** One subscription on this node. */
interface Answering {
  readonly subscription: LogSubscription;
  readonly publisher: LogPublisher;
  readonly streams: Map<string, Stream>;
}

/** Sends the output of this node's tasks to whoever subscribed to it, for as long as one session with a manager lasts (SwarmKit: agent.Worker.Subscribe). */
export class AgentLogs {
  readonly #ports: Ports;
  readonly #tasks: LoggingTasks;
  readonly #answering = new Map<string, Answering>();

  constructor(ports: Ports, tasks: LoggingTasks) {
    this.#ports = ports;
    this.#tasks = tasks;
  }

  /** A subscription that is new, known already, or over. */
  take(subscription: LogSubscription, client: LogBrokerClient): void {
    const known = this.#answering.get(subscription.id);
    if (subscription.close) {
      if (known !== undefined) this.#end(known);
      return;
    }
    if (known !== undefined) return;
    const publisher = client.publish(subscription.id, () => {
      const answering = this.#answering.get(subscription.id);
      if (answering !== undefined) this.#end(answering);
    });
    const answering: Answering = { subscription, publisher, streams: new Map() };
    this.#answering.set(subscription.id, answering);
    for (const task of this.#tasks.tasks())
      if (selects(subscription.selector, task)) this.#read(answering, task);
    this.#endIfComplete(answering);
  }

  /** A task that is new on this node belongs to the subscriptions that follow. */
  begun(task: Task): void {
    for (const answering of this.#answering.values()) {
      const { selector, options } = answering.subscription;
      if (options.follow && selects(selector, task)) this.#read(answering, task);
    }
  }

  /** The session is over, and with it every subscription; whoever still wants them subscribes anew. */
  stop(): void {
    for (const answering of [...this.#answering.values()]) this.#end(answering);
  }

  #read(answering: Answering, task: Task): void {
    const { streams, publisher, subscription } = answering;
    if (streams.has(task.id)) return;
    const context = { serviceId: task.serviceId, nodeId: task.nodeId, taskId: task.id };
    const pace = new Pace(this.#ports);
    const state = { isOver: false };
    const stream = this.#tasks.readLogs(task.id, subscription.options, {
      entries: (entries, ready) => {
        const messages = entries.map((entry) => ({ ...entry, context }));
        publisher.publish(messages, () => {
          pace.spend(entries, ready);
        });
      },
      end: (error) => {
        state.isOver = true;
        streams.delete(task.id);
        if (error !== null) this.#say(task, error);
        this.#endIfComplete(answering);
      },
    });
    // It may have ended before it was ours.
    if (stream !== null && !state.isOver) streams.set(task.id, stream);
  }

  #endIfComplete(answering: Answering): void {
    const { subscription, streams } = answering;
    const isAnswered = this.#answering.get(subscription.id) === answering;
    if (isAnswered && !subscription.options.follow && streams.size === 0) this.#end(answering);
  }

  #end({ subscription, publisher, streams }: Answering): void {
    if (!this.#answering.delete(subscription.id)) return;
    for (const stream of streams.values()) stream.close();
    publisher.close();
  }

  // A container that is gone, or a log driver that cannot be read, is no news for the reader (SwarmKit only logs it).
  #say(task: Task, error: SwarmError): void {
    const message = `task ${task.id}: its output cannot be read: ${error.message}`;
    this.#ports.log({ level: 'warn', part: 'agent', message });
  }
}

/** A bucket of tokens, one a byte, full at first. */
class Pace {
  readonly #ports: Ports;
  #tokens = BYTES_PER_SECOND;
  #atMs: number;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#atMs = ports.clock.now();
  }

  /** Calls `ready` when what was sent is within the rate. */
  spend(entries: readonly LogEntry[], ready: () => void): void {
    const now = this.#ports.clock.now();
    // The clock may be set back.
    const earned = (Math.max(0, now - this.#atMs) / 1000) * BYTES_PER_SECOND;
    this.#atMs = now;
    this.#tokens = Math.min(BYTES_PER_SECOND, this.#tokens + earned);
    for (const { data } of entries) this.#tokens -= data.length;
    if (this.#tokens >= 0) ready();
    else this.#ports.timers.after((-this.#tokens / BYTES_PER_SECOND) * 1000, ready);
  }
}
