/** A dispatcher on virtual time, for its tests. */
import type { SwarmError } from '../../model/errors.ts';
import { nodeId, taskId } from '../../model/ids.ts';
import type { TaskStatus } from '../../model/objects.ts';
import type { Result } from '../../model/result.ts';
import type { AssignmentsMessage, SessionMessage, Sink, WeightedPeer } from '../session.ts';
import { Dispatcher } from './dispatcher.ts';
import { makeNode, VirtualSwarm } from './virtual-swarm.ts';

/** A sink that remembers; `leave` is the other side going away. */
export class Recorder<T> implements Sink<T> {
  readonly messages: T[] = [];
  ended: SwarmError | null | undefined;
  #closed: () => void = () => undefined;

  send(message: T): void {
    this.messages.push(message);
  }

  end(error: SwarmError | null): void {
    this.ended = error;
  }

  onClose(callback: () => void): void {
    this.#closed = callback;
  }

  leave(): void {
    this.#closed();
  }

  get last(): T {
    const last = this.messages.at(-1);
    if (last === undefined) throw new Error('no message came');
    return last;
  }
}

export class DispatcherBench extends VirtualSwarm {
  managers: WeightedPeer[] = [{ nodeId: nodeId('m1'), addr: '10.0.0.9:2377', weight: 10 }];
  rootCa = 'root 1';
  managersChanged: () => void = () => undefined;
  readonly dispatcher: Dispatcher;

  constructor(...nodes: Parameters<typeof makeNode>[]) {
    super();
    this.dispatcher = new Dispatcher(this.ports, this.store, {
      self: nodeId('m1'),
      managers: () => this.managers,
      managersChanged: (callback) => {
        this.managersChanged = callback;
        return () => undefined;
      },
      rootCa: () => this.rootCa,
    });
    this.create('node', ...nodes.map((args) => makeNode(...args)));
    this.dispatcher.start();
  }

  /** Opens a session and waits for its answer. */
  register(id: string, sessionId?: string): Recorder<SessionMessage> {
    const sink = this.open(id, sessionId);
    this.time.advance(100);
    return sink;
  }

  open(id: string, sessionId?: string): Recorder<SessionMessage> {
    const sink = new Recorder<SessionMessage>();
    const renewed = sessionId === undefined ? {} : { sessionId };
    this.dispatcher.session(
      this.caller(id),
      { description: makeNode(id).description, ...renewed },
      sink,
    );
    return sink;
  }

  caller(id: string): { nodeId: ReturnType<typeof nodeId>; addr: string } {
    return { nodeId: nodeId(id), addr: '10.1.2.3:5000' };
  }

  beat(id: string, sessionId: string): Result<{ readonly periodMs: number }> {
    let answer: Result<{ readonly periodMs: number }> | undefined;
    this.dispatcher.heartbeat(this.caller(id), sessionId, (result) => {
      answer = result;
    });
    return answered(answer);
  }

  report(id: string, sessionId: string, task: string, status: Partial<TaskStatus>): Result<null> {
    let answer: Result<null> | undefined;
    const full: TaskStatus = {
      state: 'running',
      timestamp: 5,
      message: 'started',
      err: '',
      ...status,
    };
    this.dispatcher.updateTaskStatus(
      this.caller(id),
      sessionId,
      [{ taskId: taskId(task), status: full }],
      (result) => {
        answer = result;
      },
    );
    return answered(answer);
  }

  assignments(id: string, sessionId: string): Recorder<AssignmentsMessage> {
    const sink = new Recorder<AssignmentsMessage>();
    this.dispatcher.assignments(this.caller(id), sessionId, sink);
    return sink;
  }

  /** The time in ms until the node is in the state, up to `limitMs`. */
  until(id: string, state: string, limitMs: number): number {
    for (let passed = 0; passed <= limitMs; passed += 50) {
      if (this.node(id).status.state === state) return passed;
      this.time.advance(50);
    }
    throw new Error(`node ${id} is still ${this.node(id).status.state}`);
  }
}

function answered<T>(answer: Result<T> | undefined): Result<T> {
  if (answer === undefined) throw new Error('no answer came');
  return answer;
}

/** `ok`, or code and message. */
export const errorOf = (result: Result<unknown>): string =>
  result.ok ? 'ok' : `${result.error.code} ${result.error.message}`;
