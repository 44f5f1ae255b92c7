import { SwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import type { NodeDescription } from '../../model/objects.ts';
import { ok, type Done } from '../../model/result.ts';
import { sameValue } from '../dispatcher/task-equality.ts';
import type { Ports, Timer } from '../ports.ts';
import type { DispatcherClient, ManagerDialer, SessionMessage, WeightedPeer } from '../session.ts';
import { AgentLogs } from './agent-logs.ts';
import { AgentSession } from './agent-session.ts';
import type { Executor } from './executor.ts';
import { ManagerChoice } from './manager-choice.ts';
import { StatusReporter } from './status-reporter.ts';
import type { AgentStorage } from './storage.ts';
import { TaskTable } from './task-table.ts';

/** SwarmKit: agent.go. A failed session is followed by a wait of up to 100 ms, then 300, 700, … up to 8 s; a registration starts that anew. */
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 8000;
const DESCRIPTION_PERIOD_MS = 20_000;
/** moby: how long a dockerd that ends gives its containers, and its node, before it goes without them. */
const STOP_MS = 15_000;

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

/** The manager of the current session. */
interface Connection {
  readonly client: DispatcherClient;
  /** Null for this node's own. */
  readonly peer: WeightedPeer | null;
}

/** One node's end of the swarm: keeps a session with a manager and drives this node's containers as assigned. */
export class Agent {
  readonly #ports: Ports;
  readonly #options: AgentOptions;
  readonly #choice: ManagerChoice;
  readonly #reporter = new StatusReporter();
  readonly #table: TaskTable;
  readonly #logs: AgentLogs;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #description: NodeDescription | null = null;
  #connection: Connection | null = null;
  #session: AgentSession | null = null;
  #registered = false;
  #everRegistered = false;
  #sessionId = '';
  #backoffMs = 0;
  #reconnect: Timer | null = null;
  #describing: Timer | null = null;

  constructor(ports: Ports, options: AgentOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#choice = new ManagerChoice(ports.random);
    this.#table = new TaskTable(ports, options.executor, options.storage, (id, status) => {
      this.#reporter.report(id, status);
    });
    this.#logs = new AgentLogs(ports, this.#table);
    this.#table.onBegin = (task) => {
      this.#logs.begun(task);
    };
  }

  /** Resumes the stored tasks, then looks for a manager among `peers`. */
  start(peers: readonly WeightedPeer[]): void {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    this.#choice.set(peers);
    this.#table.resume();
    this.#options.executor.onEngineRestart(() => {
      this.refreshDescription();
    });
    this.#describePeriodically();
    this.#connect();
  }

  /**
   * Ends the session and removes every task with its container, which no manager is told (SwarmKit: Node.Stop has its agent leave). So a task that the manager
   * still wants when the node is back fails for want of its container, and one that it no longer wants is shut down. `done` when the containers are gone, or
   * after 15 s; nothing is called back after it.
   */
  stop(done: () => void): void {
    this.#fallSilent();
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      deadline.cancel();
      this.#table.close();
      done();
    };
    const deadline = this.#ports.timers.after(STOP_MS, end);
    this.#table.leave(end);
  }

  /** Ends the session; tasks and containers stay for the next life of this agent. Nothing is called back after it. */
  halt(): void {
    this.#fallSilent();
    this.#table.close();
  }

  /** Tells of managers known from elsewhere; each session message does it too. */
  setPeers(peers: readonly WeightedPeer[]): void {
    this.#choice.set(peers);
  }

  /** Compares the node's description now instead of at the next 20 s (after a new certificate, say); a change renews the session. */
  refreshDescription(): void {
    if (this.#state !== 'running' || !this.#registered) return;
    this.#describe((result) => {
      if (!this.#registered) return;
      if (!result.ok) this.#log('warn', `node description unavailable: ${result.error.message}`);
      else if (!sameValue(result.value, this.#description)) {
        this.#description = result.value;
        this.#closeSession();
        this.#connect();
      }
    });
  }

  #fallSilent(): void {
    this.#state = 'stopped';
    this.#reconnect?.cancel();
    this.#describing?.cancel();
    this.#closeSession();
  }

  #describePeriodically(): void {
    this.#describing = this.#ports.timers.after(DESCRIPTION_PERIOD_MS, () => {
      this.refreshDescription();
      this.#describePeriodically();
    });
  }

  #describe(done: Done<NodeDescription>): void {
    this.#options.executor.describe((result) => {
      if (this.#state !== 'running') return;
      if (!result.ok) done(result);
      else done(ok(this.#options.completeDescription?.(result.value) ?? result.value));
    });
  }

  #connect(): void {
    if (this.#state !== 'running') return;
    const description = this.#description;
    if (description !== null) {
      this.#openSession(description);
      return;
    }
    this.#describe((result) => {
      if (result.ok) {
        this.#description = result.value;
        this.#openSession(result.value);
      } else this.#connectLater(result.error);
    });
  }

  #openSession(description: NodeDescription): void {
    const connection = this.#chooseManager();
    if (connection === null) {
      this.#connectLater(new SwarmError('Unavailable', 'no manager is known'));
      return;
    }
    this.#connection = connection;
    const session: AgentSession = new AgentSession(this.#ports.timers, connection.client, {
      registered: () => {
        this.#becameRegistered(session);
      },
      message: (message) => {
        this.#sessionId = message.sessionId;
        this.#choice.set(message.managers);
        this.#options.onSession(message);
      },
      assignments: (message) => {
        this.#table.assign(message);
      },
      subscription: (subscription) => {
        const { logs } = connection.client;
        if (logs !== undefined) this.#logs.take(subscription, logs);
      },
      failed: (error) => {
        this.#closeSession();
        this.#connectLater(error);
      },
    });
    this.#session = session;
    const renewed = this.#sessionId === '' ? {} : { sessionId: this.#sessionId };
    session.open({ description, ...renewed });
  }

  #chooseManager(): Connection | null {
    const local = this.#options.localManager?.() ?? null;
    if (local !== null) return { client: local, peer: null };
    const peer = this.#choice.pick();
    return peer === null ? null : { client: this.#options.dialer.dial(peer), peer };
  }

  #becameRegistered(session: AgentSession): void {
    this.#registered = true;
    this.#everRegistered = true;
    this.#backoffMs = 0;
    this.#reporter.attach({
      send: (updates, done) => {
        session.report(updates, done);
      },
      broken: (error) => {
        session.fail(error);
      },
    });
    this.#table.reportAll();
  }

  #closeSession(): void {
    this.#registered = false;
    this.#reporter.detach();
    this.#logs.stop();
    this.#session?.close();
    this.#session = null;
    const connection = this.#connection;
    this.#connection = null;
    if (connection?.peer == null) return;
    this.#choice.ended(connection.peer);
    connection.client.close();
  }

  #connectLater(error: SwarmError): void {
    if (this.#state !== 'running') return;
    this.#backoffMs = Math.min(FIRST_BACKOFF_MS + 2 * this.#backoffMs, MAX_BACKOFF_MS);
    // A node that starts, or joins, often looks for a leader before there is one.
    this.#log(this.#everRegistered ? 'warn' : 'debug', `session failed: ${error.message}`);
    this.#reconnect?.cancel();
    this.#reconnect = this.#ports.timers.after(
      this.#ports.random.between(0, this.#backoffMs),
      () => {
        this.#connect();
      },
    );
  }

  #log(level: 'debug' | 'warn', message: string): void {
    this.#ports.log({ level, part: 'agent', message });
  }
}
