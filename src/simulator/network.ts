import { SwarmError } from '../model/errors.ts';
import { failed, type Done, type Result } from '../model/result.ts';
import type { Timers } from '../swarm/ports.ts';
import type { Sink, Stream, StreamEvents } from '../swarm/session.ts';

/** A process on the network. A new one takes the place of one that died. */
export interface Host {
  readonly name: string;
  isAlive(): boolean;
  isListening(): boolean;
  /** What is open towards it or from it, to be broken when it stops. */
  readonly links: Set<() => void>;
}

/** calls and streams between machines, with a delay and one-way cuts. A cut loses calls and holds streams back, as TCP does. */
export class SimulatedNetwork<H extends Host> {
  delayMs = 1;
  readonly #timers: Timers;
  readonly #hosts = new Map<string, H>();
  readonly #cuts = new Set<string>();
  #held: { readonly from: string; readonly to: string; readonly deliver: () => void }[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** The process that answers at this machine's name from now on. */
  attach(host: H): void {
    this.#hosts.set(host.name, host);
  }

  /** Nothing gets from one machine to the other; the way back stays open. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Cuts a machine off from all others, both ways. */
  isolate(name: string): void {
    for (const other of this.#hosts.keys()) {
      if (other === name) continue;
      this.cut(name, other);
      this.cut(other, name);
    }
  }

  heal(): void {
    this.#cuts.clear();
    for (const { from, to, deliver } of this.#held.splice(0)) this.#carry(from, to, deliver);
  }

  /** One question and one answer. It ends at the deadline at the latest, and at once when the process that is asked dies. */
  call<T>(
    from: H,
    addr: string,
    deadlineMs: number,
    serve: (to: H, answer: Done<T>) => void,
    done: Done<T>,
  ): void {
    let over = false;
    let serving: H | null = null;
    const finish = (result: Result<T>): void => {
      if (over) return;
      over = true;
      deadline.cancel();
      serving?.links.delete(broken);
      if (from.isAlive()) done(result);
    };
    const back = (result: Result<T>): void => {
      this.#pass(nameOf(addr), from.name, () => {
        finish(result);
      });
    };
    const broken = (): void => {
      back(failed(new SwarmError('Unavailable', 'error reading from server: EOF')));
    };
    const deadline = this.#timers.after(deadlineMs, () => {
      finish(failed(new SwarmError('DeadlineExceeded', 'context deadline exceeded')));
    });
    this.#pass(from.name, nameOf(addr), () => {
      serving = this.#reached(addr);
      if (serving === null) {
        back(failed(refused(addr)));
        return;
      }
      serving.links.add(broken);
      serve(serving, back);
    });
  }

  /** A stream of answers. It lives until either end closes it or either process dies. */
  stream<T>(
    from: H,
    addr: string,
    events: StreamEvents<T>,
    open: (to: H, sink: Sink<T>) => void,
  ): Stream {
    const name = nameOf(addr);
    const callbacks: (() => void)[] = [];
    let serving: H | null = null;
    let isOpen = true;
    let isServed = true;
    const gone = (): void => {
      if (!isServed) return;
      isServed = false;
      serving?.links.delete(ended);
      for (const callback of callbacks) callback();
    };
    const leave = (): void => {
      if (!isOpen) return;
      isOpen = false;
      from.links.delete(leave);
      this.#carry(from.name, name, gone);
    };
    const end = (error: SwarmError | null): void => {
      this.#carry(name, from.name, () => {
        if (!isOpen) return;
        isOpen = false;
        from.links.delete(leave);
        gone();
        events.end(error);
      });
    };
    const ended = (): void => {
      end(new SwarmError('Unavailable', 'error reading from server: EOF'));
    };
    const sink: Sink<T> = {
      send: (message) => {
        this.#carry(name, from.name, () => {
          if (isOpen) events.message(message);
        });
      },
      end,
      onClose: (callback) => {
        callbacks.push(callback);
      },
    };
    from.links.add(leave);
    this.#pass(from.name, name, () => {
      serving = this.#reached(addr);
      if (serving === null) end(refused(addr));
      else {
        serving.links.add(ended);
        open(serving, sink);
      }
    });
    return { close: leave };
  }

  #reached(addr: string): H | null {
    const host = this.#hosts.get(nameOf(addr));
    return host?.isListening() === true ? host : null;
  }

  /** Delivers, or loses. */
  #pass(from: string, to: string, deliver: () => void): void {
    if (this.#isCut(from, to)) return;
    this.#timers.after(this.delayMs, () => {
      if (!this.#isCut(from, to)) deliver();
    });
  }

  /** Delivers, if need be after the cut is healed, in order. */
  #carry(from: string, to: string, deliver: () => void): void {
    if (this.#isCut(from, to)) this.#held.push({ from, to, deliver });
    else
      this.#timers.after(this.delayMs, () => {
        if (this.#isCut(from, to)) this.#held.push({ from, to, deliver });
        else deliver();
      });
  }

  #isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }
}

const nameOf = (addr: string): string => addr.replace(/:\d+$/, '');

const refused = (addr: string): SwarmError =>
  new SwarmError(
    'Unavailable',
    `connection error: desc = "transport: Error while dialing: dial tcp ${addr}: connect: connection refused"`,
  );
