import { SwarmError, isSwarmError } from '../../model/errors.ts';
import type { NodeId } from '../../model/ids.ts';
import { failed, ok, type Done, type Result } from '../../model/result.ts';
import { DEFAULT_SWARM_SPEC } from '../../model/specs.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
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
import type { StoreEvent } from '../store-watch.ts';
import type { Store } from '../store.ts';
import { AssignmentStream } from './assignment-stream.ts';
import { DownNodes } from './down-nodes.ts';
import { markNodesUnknown } from './leadership-change.ts';
import { NodeRegistry, notRegistered, sessionInvalid } from './node-registry.ts';
import { SessionStream, type SwarmView } from './session-stream.ts';
import { UpdateBatch } from './update-batch.ts';

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

/** Everything that lives as long as this manager leads. */
interface Running {
  readonly registry: NodeRegistry;
  readonly batch: UpdateBatch;
  readonly down: DownNodes;
  readonly sessions: Map<string, SessionStream>;
  readonly assignments: Map<string, AssignmentStream>;
  readonly unwatch: readonly (() => void)[];
}

/** The leader's end of every agent: sessions, heartbeats, assignments and task reports. Answers `Aborted` until it is started. */
export class Dispatcher implements DispatcherApi {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #options: DispatcherOptions;
  #running: Running | null = null;

  constructor(ports: Ports, store: Store, options: DispatcherOptions) {
    this.#ports = ports;
    this.#store = store;
    this.#options = options;
  }

  /** Moves every node that is not down to unknown and takes calls from then on. */
  start(): void {
    if (this.#running !== null) return;
    const running: Running = {
      registry: new NodeRegistry(this.#ports, this.#periodMs()),
      batch: new UpdateBatch(this.#ports, this.#store, this.#options.self),
      down: new DownNodes(this.#ports, this.#store),
      sessions: new Map(),
      assignments: new Map(),
      unwatch: [
        this.#store.watch((events) => {
          for (const event of events) this.#follow(event);
        }),
        this.#options.managersChanged(() => {
          this.#tellAll({ managers: this.#options.managers() });
        }),
      ],
    };
    this.#running = running;
    markNodesUnknown(this.#store, running.registry, running.down, (id, message) => {
      this.#expire(id, message);
    });
  }

  /** Ends every stream and forgets every session; agents look for the next leader. */
  stop(): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    for (const unwatch of running.unwatch) unwatch();
    running.registry.clear();
    running.down.clear();
    running.batch.stop(STOPPED);
    for (const stream of running.assignments.values()) stream.end(STOPPED);
    for (const stream of running.sessions.values()) stream.end(STOPPED);
  }

  /**
   * Registers the node, or renews its description when the request names its session, and answers once that is committed. Errors: Aborted while this is not the
   * leader, Unavailable when the node registers too often, `node not found`.
   */
  session(caller: Caller, request: SessionRequest, sink: Sink<SessionMessage>): void {
    const running = this.#running;
    const admitted = this.#admit(caller, request);
    if (running === null || !admitted.ok) {
      sink.end(admitted.ok ? STOPPED : admitted.error);
      return;
    }
    let gone = false;
    sink.onClose(() => {
      gone = true;
    });
    running.down.remove(caller.nodeId);
    const { description } = request;
    const update = { state: 'ready', message: '', addr: hostOf(caller.addr), description } as const;
    running.batch.addNode(caller.nodeId, update, (result) => {
      if (!result.ok) sink.end(result.error);
      else this.#open(running, caller, request.sessionId ?? '', gone ? null : sink);
    });
  }

  /** Whether the node is in session with this leader, whatever its status says. */
  isRegistered(nodeId: string): boolean {
    return this.#running?.registry.isRegistered(nodeId) ?? false;
  }

  /** Errors: NotFound `node not registered`, InvalidArgument `session invalid`, Aborted while this is not the leader. */
  heartbeat(caller: Caller, sessionId: string, done: Done<{ readonly periodMs: number }>): void {
    done(attempt(() => ({ periodMs: this.#lead().registry.beat(caller.nodeId, sessionId) })));
  }

  /** Takes reports in; they are written with the next batch. Tasks that are gone are passed over. Errors: as for heartbeats; PermissionDenied for a task of another node. */
  updateTaskStatus(
    caller: Caller,
    sessionId: string,
    updates: readonly TaskStatusUpdate[],
    done: Done<null>,
  ): void {
    const outcome = attempt(() => {
      const { registry, batch } = this.#lead();
      registry.check(caller.nodeId, sessionId);
      const known = updates.filter(({ taskId }) => this.#isOwn(taskId, caller.nodeId));
      for (const { taskId, status } of known) batch.addTask(taskId, status);
      return null;
    });
    done(outcome);
  }

  /** Streams what the node has to do. Errors end the stream: as for heartbeats. */
  assignments(caller: Caller, sessionId: string, sink: Sink<AssignmentsMessage>): void {
    const outcome = attempt(() => {
      const running = this.#lead();
      running.registry.check(caller.nodeId, sessionId);
      return running;
    });
    if (!outcome.ok) {
      sink.end(outcome.error);
      return;
    }
    const { assignments } = outcome.value;
    assignments.get(caller.nodeId)?.end(null);
    const stream = new AssignmentStream(this.#ports.timers, this.#store.read, caller.nodeId, sink);
    assignments.set(caller.nodeId, stream);
    sink.onClose(() => {
      stream.close();
      if (assignments.get(caller.nodeId) === stream) assignments.delete(caller.nodeId);
    });
  }

  #admit(caller: Caller, request: SessionRequest): Result<null> {
    return attempt(() => {
      const { registry } = this.#lead();
      if (registry.hasSession(caller.nodeId, request.sessionId ?? '')) return null;
      registry.checkRateLimit(caller.nodeId);
      if (this.#store.read.get('node', caller.nodeId) === undefined)
        throw new SwarmError('Unknown', 'node not found');
      return null;
    });
  }

  #open(running: Running, caller: Caller, asked: string, sink: Sink<SessionMessage> | null): void {
    const { nodeId } = caller;
    const node = this.#store.read.get('node', nodeId);
    if (node === undefined) {
      sink?.end(notRegistered());
      return;
    }
    const renewed = running.registry.hasSession(nodeId, asked);
    this.#drop(running, nodeId, sessionInvalid());
    const sessionId = renewed
      ? asked
      : running.registry.add(nodeId, () => {
          this.#expire(nodeId, 'heartbeat failure');
        });
    if (sink === null) return;
    const stream = new SessionStream(sessionId, sink, node, this.#view());
    running.sessions.set(nodeId, stream);
    sink.onClose(() => {
      if (running.sessions.get(nodeId) === stream) running.sessions.delete(nodeId);
    });
  }

  #expire(nodeId: string, message: string): void {
    const running = this.#running;
    if (running === null) return;
    running.registry.remove(nodeId);
    running.down.add(nodeId);
    running.batch.addNode(nodeId, { state: 'down', message, addr: '' });
    this.#drop(running, nodeId, notRegistered());
  }

  /** Ends a node's streams, if it has any. */
  #drop(running: Running, nodeId: string, error: SwarmError): void {
    const streams = [running.assignments.get(nodeId), running.sessions.get(nodeId)];
    running.assignments.delete(nodeId);
    running.sessions.delete(nodeId);
    for (const stream of streams) stream?.end(error);
  }

  #follow(event: StoreEvent): void {
    const running = this.#running;
    if (running === null) return;
    if (event.kind === 'task') {
      const stream = running.assignments.get(event.object.nodeId);
      if (event.action === 'remove') stream?.remove(event.object);
      else if (event.action === 'update') stream?.update(event.object);
    } else if (event.kind === 'node') {
      if (event.action !== 'remove')
        running.sessions.get(event.object.id)?.tell({ node: event.object });
      else {
        running.registry.remove(event.object.id);
        running.down.remove(event.object.id);
        this.#drop(running, event.object.id, notRegistered());
      }
    } else if (event.kind === 'cluster') {
      running.registry.setPeriod(this.#periodMs());
      this.#tellAll({ rootCa: this.#options.rootCa() });
    }
  }

  #tellAll(change: Partial<SwarmView>): void {
    for (const stream of this.#running?.sessions.values() ?? []) stream.tell(change);
  }

  #view(): SwarmView {
    return { managers: this.#options.managers(), rootCa: this.#options.rootCa() };
  }

  #isOwn(taskId: string, nodeId: NodeId): boolean {
    const task = this.#store.read.get('task', taskId);
    if (task === undefined) return false;
    if (task.nodeId !== nodeId)
      throw new SwarmError('PermissionDenied', 'cannot update a task not assigned this node');
    return true;
  }

  #lead(): Running {
    if (this.#running === null) throw STOPPED;
    return this.#running;
  }

  #periodMs(): number {
    const [cluster] = this.#store.read.all('cluster');
    const period = cluster?.spec.Dispatcher.HeartbeatPeriod ?? 0;
    const { HeartbeatPeriod } = DEFAULT_SWARM_SPEC.Dispatcher;
    return (period > 0 ? period : HeartbeatPeriod) / NANOSECONDS_PER_MS;
  }
}

const STOPPED = new SwarmError('Aborted', 'dispatcher is stopped');

/** `10.0.0.1` of `10.0.0.1:4711`, `::1` of `[::1]:4711`; an address without a port stays as it is. */
function hostOf(addr: string): string {
  const parts = /^(?:\[(.+)\]|([^:]+))(?::\d+)?$/.exec(addr);
  return parts?.[1] ?? parts?.[2] ?? addr;
}

function attempt<T>(call: () => T): Result<T> {
  try {
    return ok(call());
  } catch (caught) {
    if (isSwarmError(caught)) return failed(caught);
    throw caught;
  }
}
