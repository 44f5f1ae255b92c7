/** What goes on between two processes: a call or a stream, from the caller's side and from the server's. */
import { SwarmError } from '../model/errors.ts';
import { failed, type Done, type Result } from '../model/result.ts';
import type { Timer } from '../swarm/ports.ts';
import type { Sink, Stream, StreamEvents } from '../swarm/session.ts';
import type { Host, Wires } from './network.ts';

/** Something open between two machines, which the network can end without either of them. */
export interface Open {
  readonly from: string;
  readonly to: string;
  readonly isOpen: boolean;
  /** When its silence will have been noticed; null while nobody suspects anything. */
  suspicion: Timer | null;
  /** The caller learns this, and the server that its caller is gone. */
  lose(error: SwarmError): void;
}

/** Whose question and answer pass over the network. */
export interface Passing extends Open {
  passed(answer: Result<unknown> | null): void;
}

/** Something that a process serves. */
export interface Served {
  readonly isServed: boolean;
  /** The process died, or closed its port. */
  broken(): void;
}

const EOF = new SwarmError('Unavailable', 'error reading from server: EOF');
const DEADLINE = new SwarmError('DeadlineExceeded', 'context deadline exceeded');

export interface Question<H extends Host, T> {
  readonly addr: string;
  readonly deadlineMs: number;
  readonly serve: (to: H, answer: Done<T>) => void;
  /** The server bears the same question twice. */
  readonly mayRepeat: boolean;
}

/** One question and one answer. */
export class CallUnderWay<H extends Host, T> implements Passing, Served {
  readonly from: string;
  readonly to: string;
  suspicion: Timer | null = null;
  readonly #wires: Wires<H>;
  readonly #caller: H;
  readonly #question: Question<H, T>;
  readonly #done: Done<T>;
  #serving: H | null = null;
  #deadline: Timer | null = null;
  #result: Result<T> | null = null;

  constructor(wires: Wires<H>, caller: H, to: string, question: Question<H, T>, done: Done<T>) {
    this.#wires = wires;
    this.#caller = caller;
    this.from = caller.name;
    this.to = to;
    this.#question = question;
    this.#done = done;
  }

  get isOpen(): boolean {
    return this.#result === null;
  }

  get isServed(): boolean {
    return this.#result === null;
  }

  ask(): void {
    this.#deadline = this.#wires.afterWith(this.#question.deadlineMs, miss, this);
    this.#wires.pass(this.from, this.to, this, null);
  }

  /** The question has arrived, or the answer. */
  passed(answer: Result<unknown> | null): void {
    if (answer === null) this.#arrive();
    else this.#finish(answer as Result<T>);
  }

  lose(error: SwarmError): void {
    this.#finish(failed(error));
  }

  /** How long it may go on in silence; a deadline that comes sooner ends it anyway. */
  get mayBeSilentMs(): number {
    return this.#question.deadlineMs;
  }

  broken(): void {
    this.#answer(failed(EOF));
  }

  /** In the process that is asked. */
  serve(): void {
    const { serve, mayRepeat } = this.#question;
    const serving = this.#serving;
    if (serving === null) return;
    serve(serving, (result) => {
      this.#answer(result);
    });
    if (mayRepeat && this.#wires.drawsDuplicate(this.from, this.to))
      serve(serving, () => undefined);
  }

  /** In the process that asks. */
  tell(): void {
    if (this.#result !== null) this.#done(this.#result);
  }

  #arrive(): void {
    const serving = this.#wires.reached(this.to);
    if (serving === null) {
      this.#answer(failed(this.#wires.refused(this.#question.addr)));
      return;
    }
    this.#serving = serving;
    serving.served.add(this);
    serving.runWith(serve, this);
  }

  #answer(result: Result<T>): void {
    if (this.#result === null) this.#wires.pass(this.to, this.from, this, result);
  }

  #finish(result: Result<T>): void {
    if (this.#result !== null) return;
    this.#result = result;
    this.#deadline?.cancel();
    this.#serving?.served.ended();
    this.#wires.closed(this);
    this.#caller.runWith(tell, this);
  }
}

const miss = (call: Open): void => {
  call.lose(DEADLINE);
};
const serve = (call: { serve(): void }): void => {
  call.serve();
};
const tell = (call: { tell(): void }): void => {
  call.tell();
};

/** One direction of a stream: what is sent arrives in order, if need be after a cut is healed. */
export interface Pipe {
  readonly from: string;
  readonly to: string;
  lastAt: number;
}

/** A stream of answers. It lives until either end closes it, either process dies, or its silence is noticed. */
export class StreamUnderWay<H extends Host, T> implements Open, Served, Stream, Sink<T> {
  readonly from: string;
  readonly to: string;
  suspicion: Timer | null = null;
  readonly #wires: Wires<H>;
  readonly #caller: H;
  readonly #addr: string;
  readonly #events: StreamEvents<T>;
  readonly #open: (to: H, sink: Sink<T>) => void;
  readonly #there: Pipe;
  readonly #back: Pipe;
  readonly #onGone: (() => void)[] = [];
  #serving: H | null = null;
  #isOpen = true;
  #isServed = true;

  constructor(
    wires: Wires<H>,
    caller: H,
    [addr, to]: readonly [string, string],
    events: StreamEvents<T>,
    open: (to: H, sink: Sink<T>) => void,
  ) {
    this.#wires = wires;
    this.#caller = caller;
    this.from = caller.name;
    this.to = to;
    this.#addr = addr;
    this.#events = events;
    this.#open = open;
    this.#there = { from: this.from, to, lastAt: 0 };
    this.#back = { from: to, to: this.from, lastAt: 0 };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isServed(): boolean {
    return this.#isServed;
  }

  begin(): void {
    this.#caller.opened.add(this);
    this.#wires.carry(this.#there, this, 0, () => {
      if (!this.#isServed) return;
      const serving = this.#wires.reached(this.to);
      this.#serving = serving;
      if (serving === null) {
        this.end(this.#wires.refused(this.#addr));
        return;
      }
      serving.served.add(this);
      serving.run(() => {
        this.#open(serving, this);
      });
    });
  }

  // The caller's end.
  close(): void {
    if (!this.#leave()) return;
    const { closeDelayMs } = this.#wires.link(this.from, this.to);
    this.#wires.carry(this.#there, null, closeDelayMs, this.#gone);
  }

  lose(error: SwarmError): void {
    if (!this.#leave()) return;
    this.#wires.carry(this.#there, null, 0, this.#gone);
    this.#caller.run(() => {
      this.#events.end(error);
    });
  }

  // The server's end.
  send(message: T): void {
    this.#wires.carry(this.#back, this, 0, () => {
      if (!this.#isOpen) return;
      this.#caller.run(() => {
        if (this.#isOpen) this.#events.message(message);
      });
    });
  }

  end(error: SwarmError | null): void {
    const { closeDelayMs } = this.#wires.link(this.to, this.from);
    this.#wires.carry(this.#back, this, closeDelayMs, () => {
      if (!this.#leave()) return;
      this.#gone();
      this.#caller.run(() => {
        this.#events.end(error);
      });
    });
  }

  onClose(callback: () => void): void {
    this.#onGone.push(callback);
  }

  #leave(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#caller.opened.delete(this);
    this.#wires.closed(this);
    return true;
  }

  broken(): void {
    this.end(EOF);
  }

  readonly #gone = (): void => {
    if (!this.#isServed) return;
    this.#isServed = false;
    const serving = this.#serving;
    serving?.served.ended();
    serving?.run(() => {
      for (const callback of this.#onGone) callback();
    });
  };
}
