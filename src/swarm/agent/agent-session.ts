import { SwarmError } from '../../model/errors.ts';
import type { LogSubscription } from '../logs/log-api.ts';
import type { Timer, Timers } from '../ports.ts';
import type {
  AssignmentsMessage,
  DispatcherClient,
  SessionMessage,
  SessionRequest,
  Stream,
  TaskStatusUpdate,
} from '../session.ts';
import type { Done } from '../../model/result.ts';

/** SwarmKit: dispatcherRPCTimeout. */
const REGISTRATION_TIMEOUT_MS = 5000;

export interface SessionEvents {
  registered(): void;
  message(message: SessionMessage): void;
  assignments(message: AssignmentsMessage): void;
  subscription(subscription: LogSubscription): void;
  /** The session is over; called once, and not after `close`. */
  failed(error: SwarmError): void;
}

/** One session with one manager: registration, heartbeats, messages and assignments. Any error in any of them ends it. */
export class AgentSession {
  readonly #timers: Timers;
  readonly #client: DispatcherClient;
  readonly #events: SessionEvents;
  #sessionId = '';
  #stream: Stream | null = null;
  #assignments: Stream | null = null;
  #subscriptions: Stream | null = null;
  /** The message that the next incremental one must follow. */
  #reference = '';
  #timer: Timer | null = null;
  #over = false;
  #turn = 0;

  constructor(timers: Timers, client: DispatcherClient, events: SessionEvents) {
    this.#timers = timers;
    this.#client = client;
    this.#events = events;
  }

  /** `''` until the manager has answered. */
  get sessionId(): string {
    return this.#sessionId;
  }

  open(request: SessionRequest): void {
    this.#timer = this.#timers.after(REGISTRATION_TIMEOUT_MS, () => {
      this.#fail(new SwarmError('DeadlineExceeded', 'session initiation timed out'));
    });
    this.#stream = this.#client.session(request, {
      message: (message) => {
        if (!this.#over) this.#received(message);
      },
      end: (error) => {
        this.#fail(error ?? new SwarmError('Unavailable', 'the manager ended the session'));
      },
    });
    if (this.#isOver()) this.#stream.close();
  }

  report(updates: readonly TaskStatusUpdate[], done: Done<null>): void {
    this.#client.updateTaskStatus(this.#sessionId, updates, done);
  }

  /** Ends the session from this side, as after an error that was met elsewhere. */
  fail(error: SwarmError): void {
    this.#fail(error);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#assignments?.close();
    this.#subscriptions?.close();
    this.#stream?.close();
  }

  #received(message: SessionMessage): void {
    const first = this.#sessionId === '';
    this.#sessionId = message.sessionId;
    this.#events.message(message);
    if (!first || this.#isOver()) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#beat();
    if (!this.#isOver()) this.#openAssignments();
    if (!this.#isOver()) this.#listenForSubscriptions();
    if (!this.#isOver()) this.#events.registered();
  }

  #beat(): void {
    this.#client.heartbeat(this.#sessionId, (result) => {
      if (this.#over) return;
      if (!result.ok) this.#fail(result.error);
      else
        this.#timer = this.#timers.after(result.value.periodMs, () => {
          this.#beat();
        });
    });
  }

  #openAssignments(): void {
    this.#assignments?.close();
    this.#assignments = null;
    // Events of a stream that was given up for a newer one are not for us any more.
    const turn = (this.#turn += 1);
    const stream = this.#client.assignments(this.#sessionId, {
      message: (message) => {
        if (!this.#over && turn === this.#turn) this.#assigned(message);
      },
      end: (error) => {
        if (turn === this.#turn)
          this.#fail(error ?? new SwarmError('Unavailable', 'the manager ended the assignments'));
      },
    });
    if (this.#isOver() || turn !== this.#turn) stream.close();
    else this.#assignments = stream;
  }

  // A manager that knows no log broker keeps its agents all the same (SwarmKit: session.logSubscriptions).
  #listenForSubscriptions(): void {
    const stream = this.#client.logs?.listen({
      message: (subscription) => {
        if (!this.#over) this.#events.subscription(subscription);
      },
      end: (error) => {
        if (error?.code !== 'Unimplemented')
          this.#fail(error ?? new SwarmError('Unavailable', 'the manager ended the subscriptions'));
      },
    });
    if (stream === undefined) return;
    if (this.#isOver()) stream.close();
    else this.#subscriptions = stream;
  }

  // A gap means that a message was lost; a new stream begins with all there is.
  #assigned(message: AssignmentsMessage): void {
    if (message.type === 'incremental' && message.appliesTo !== this.#reference) {
      this.#openAssignments();
      return;
    }
    this.#reference = message.resultsIn;
    this.#events.assignments(message);
  }

  #fail(error: SwarmError): void {
    if (this.#over) return;
    this.close();
    this.#events.failed(error);
  }

  #isOver(): boolean {
    return this.#over;
  }
}
