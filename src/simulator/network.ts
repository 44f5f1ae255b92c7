import { SwarmError } from '../model/errors.ts';
import { createRandom } from '../model/random.ts';
import type { Done, Result } from '../model/result.ts';
import type { Timer } from '../swarm/ports.ts';
import type { Sink, Stream, StreamEvents } from '../swarm/session.ts';
import type { VirtualTime } from '../swarm/virtual-time.ts';
import { CallUnderWay, StreamUnderWay } from './connection.ts';
import type { Open, Passing, Pipe, Served } from './connection.ts';
import { Link, type LinkEffect } from './link.ts';
import { LiveList } from './live-list.ts';

/** The real driver pings a connection on which it heard nothing for 5 s, and gives it up when 5 s more have passed. */
const SILENCE_MS = 10_000;

/** A process on the network. A new one takes the place of one that died. */
export interface Host {
  readonly name: string;
  isAlive(): boolean;
  isListening(): boolean;
  isFrozen(): boolean;
  /** Runs what comes from outside: now, later when the machine is frozen, never when the process is dead. */
  run(work: () => void): void;
  runWith<S>(work: (subject: S) => void, subject: S): void;
  /** What it has opened, to be closed when it dies. */
  readonly opened: Set<Stream>;
  /** What is open towards it, to be broken when it dies or closes its port. */
  readonly served: LiveList<Served>;
}

/** What calls and streams need of the network. */
export interface Wires<H extends Host> {
  afterWith<S>(delayMs: number, callback: (subject: S) => void, subject: S): Timer;
  /** The process that answers at the machine of that name. */
  reached(name: string): H | null;
  refused(addr: string): SwarmError;
  link(from: string, to: string): Pick<Link, 'closeDelayMs'>;
  drawsDuplicate(from: string, to: string): boolean;
  /** Carries a call's question (null) or its answer to the other end, or loses it. */
  pass(from: string, to: string, call: Passing, answer: Result<unknown> | null): void;
  /** Delivers, if need be after the cut is healed, in order. */
  carry(pipe: Pipe, open: Open | null, extraMs: number, deliver: () => void): void;
  closed(open: Open): void;
}

/** A question (null) or an answer on its way. */
interface Passage {
  readonly from: string;
  readonly to: string;
  readonly call: Passing;
  readonly answer: Result<unknown> | null;
}

interface Held {
  readonly pipe: Pipe;
  readonly open: Open | null;
  readonly deliver: () => void;
}

const PERFECT = { closeDelayMs: 0 };

/** Calls and streams between machines; each directed link can be slow, lossy, cut or reset. A cut loses calls and holds streams back, as TCP does. */
export class SimulatedNetwork<H extends Host> {
  /** What every message needs. */
  delayMs = 1;
  /** Whether agents tell managers what their containers write. */
  carriesLogs = false;
  readonly #timers: VirtualTime;
  readonly #seed: string;
  readonly #hosts = new Map<string, H>();
  readonly #links = new Map<string, Map<string, Link>>();
  /** Those that `heal` takes back. */
  readonly #cuts = new Map<Link, LinkEffect>();
  /** By machine, how many faults keep its cable out. */
  readonly #unplugged = new Map<string, number>();
  readonly #open = new LiveList<Open>(({ isOpen }) => isOpen);
  readonly #wires: Wires<H>;
  #held: Held[] = [];

  constructor(timers: VirtualTime, seed = 'network') {
    this.#timers = timers;
    this.#seed = seed;
    this.#wires = this.#createWires();
  }

  /** The process that answers at this machine's name from now on. */
  attach(host: H): void {
    this.#hosts.set(host.name, host);
  }

  /** Nothing gets from one machine to the other; the way back stays open. Twice is once. */
  cut(from: string, to: string): void {
    const link = this.#link(from, to);
    if (this.#cuts.has(link)) return;
    const effect: LinkEffect = { kind: 'drop' };
    this.#cuts.set(link, effect);
    this.#begin(from, to, link, effect);
  }

  /** Takes back one `cut`. */
  mend(from: string, to: string): void {
    const link = this.#link(from, to);
    const effect = this.#cuts.get(link);
    if (effect === undefined) return;
    this.#cuts.delete(link);
    link.remove(effect);
    this.#release();
  }

  /** Cuts a machine off from all others, both ways. */
  isolate(name: string): void {
    for (const other of this.#hosts.keys()) {
      if (other === name) continue;
      this.cut(name, other);
      this.cut(other, name);
    }
  }

  /** Takes back every `cut`; effects stay. */
  heal(): void {
    for (const [link, effect] of this.#cuts) link.remove(effect);
    this.#cuts.clear();
    this.#release();
  }

  /** Puts an effect on a directed link, beside those it has; the answer takes it off. */
  add(from: string, to: string, kind: LinkEffect): () => void {
    const link = this.#link(from, to);
    const effect = { ...kind };
    this.#begin(from, to, link, effect);
    return () => {
      if (link.remove(effect)) this.#release();
    };
  }

  /** Pulls the machine's cable: nothing in, nothing out, whoever else comes to the network. The answer plugs it in. */
  unplug(name: string): () => void {
    this.#unplugged.set(name, (this.#unplugged.get(name) ?? 0) + 1);
    this.#suspectAll((open) => open.from === name || open.to === name);
    let isOut = true;
    return () => {
      if (!isOut) return;
      isOut = false;
      const left = (this.#unplugged.get(name) ?? 1) - 1;
      if (left > 0) this.#unplugged.set(name, left);
      else this.#unplugged.delete(name);
      this.#release();
    };
  }

  /** The machine has gone silent without its connections knowing: it is frozen. */
  silent(name: string): void {
    this.#suspectAll((open) => open.to === name);
  }

  isCut(from: string, to: string): boolean {
    return this.#isCut(from, to, this.#found(from, to));
  }

  /** One question and one answer. It ends at the deadline at the latest, and at once when the process that is asked dies. */
  call<T>(
    from: H,
    addr: string,
    deadlineMs: number,
    serve: (to: H, answer: Done<T>) => void,
    done: Done<T>,
    mayRepeat = false,
  ): void {
    if (!from.isAlive()) return;
    const question = { addr, deadlineMs, serve, mayRepeat };
    const call = new CallUnderWay(this.#wires, from, nameOf(addr), question, done);
    this.#open.add(call);
    call.ask();
  }

  /** A stream of answers. It lives until either end closes it or either process dies. */
  stream<T>(
    from: H,
    addr: string,
    events: StreamEvents<T>,
    open: (to: H, sink: Sink<T>) => void,
  ): Stream {
    if (!from.isAlive()) return { close: () => undefined };
    const stream = new StreamUnderWay(this.#wires, from, [addr, nameOf(addr)], events, open);
    this.#open.add(stream);
    stream.begin();
    return stream;
  }

  #begin(from: string, to: string, link: Link, effect: LinkEffect): void {
    link.add(effect);
    const between = (open: Open): boolean =>
      (open.from === from && open.to === to) || (open.from === to && open.to === from);
    if (effect.kind === 'reset') this.#reset(this.#open.live().filter(between));
    else if (link.isCut) this.#suspectAll(between);
  }

  #reset(broken: readonly Open[]): void {
    for (const open of broken) open.lose(RESET_BY_PEER);
  }

  #createWires(): Wires<H> {
    return {
      afterWith: (delayMs, callback, subject) => this.#timers.afterWith(delayMs, callback, subject),
      reached: (name) => {
        const host = this.#hosts.get(name);
        return host?.isListening() === true ? host : null;
      },
      refused,
      link: (from, to) => this.#found(from, to) ?? PERFECT,
      drawsDuplicate: (from, to) => this.#found(from, to)?.drawsDuplicate() === true,
      pass: (from, to, call, answer) => {
        this.#pass(from, to, call, answer);
      },
      carry: (pipe, open, extraMs, deliver) => {
        this.#carry(pipe, open, extraMs, deliver);
      },
      closed: (open) => {
        this.#open.ended();
        open.suspicion?.cancel();
      },
    };
  }

  #pass(from: string, to: string, call: Passing, answer: Result<unknown> | null): void {
    const link = this.#found(from, to);
    if (this.#isLost(from, to, link, call)) return;
    const passage: Passage = { from, to, call, answer };
    this.#timers.afterWith(this.delayMs + (link?.delayMs() ?? 0), this.#arrived, passage);
  }

  readonly #arrived = ({ from, to, call, answer }: Passage): void => {
    if (!this.#isLost(from, to, this.#found(from, to), call)) call.passed(answer);
  };

  #isLost(from: string, to: string, link: Link | undefined, open: Open): boolean {
    if (link?.isReset === true) {
      this.#timers.after(this.delayMs, () => {
        open.lose(RESET_BY_PEER);
      });
      return true;
    }
    if (!this.#isCut(from, to, link)) return false;
    this.#suspect(open);
    return true;
  }

  #isCut(from: string, to: string, link: Link | undefined): boolean {
    if (this.#unplugged.size > 0 && (this.#unplugged.has(from) || this.#unplugged.has(to)))
      return true;
    return link?.isCut === true;
  }

  #carry(pipe: Pipe, open: Open | null, extraMs: number, deliver: () => void): void {
    const { from, to } = pipe;
    const link = this.#found(from, to);
    if (open !== null && link?.isReset === true) {
      this.#isLost(from, to, link, open);
      return;
    }
    if (this.isCut(from, to)) {
      this.#hold(pipe, open, deliver);
      return;
    }
    const now = this.#timers.now;
    const at = Math.max(now + this.delayMs + extraMs + (link?.delayMs() ?? 0), pipe.lastAt);
    pipe.lastAt = at;
    this.#timers.after(at - now, () => {
      if (this.isCut(from, to)) this.#hold(pipe, open, deliver);
      else deliver();
    });
  }

  #hold(pipe: Pipe, open: Open | null, deliver: () => void): void {
    this.#held.push({ pipe, open, deliver });
    if (open !== null) this.#suspect(open);
  }

  /** Sends on what a cut held back; what still meets one is held again. */
  #release(): void {
    for (const { pipe, open, deliver } of this.#held.splice(0)) {
      pipe.lastAt = 0;
      this.#carry(pipe, open, 0, deliver);
    }
  }

  #suspectAll(concerned: (open: Open) => boolean): void {
    for (const open of this.#open.live()) if (concerned(open)) this.#suspect(open);
  }

  /** Looks again when a ping would have been missed. */
  #suspect(open: Open): void {
    if (open.suspicion !== null) return;
    if (open instanceof CallUnderWay && open.mayBeSilentMs <= SILENCE_MS) return;
    open.suspicion = this.#timers.after(SILENCE_MS, () => {
      open.suspicion = null;
      if (this.#isSilent(open)) open.lose(PING_FAILED);
    });
  }

  #isSilent({ from, to }: Open): boolean {
    const host = this.#hosts.get(to);
    return this.isCut(from, to) || this.isCut(to, from) || host?.isFrozen() === true;
  }

  /** Undefined for a link of which nothing was ever wrong. */
  #found(from: string, to: string): Link | undefined {
    if (this.#links.size === 0) return undefined;
    return this.#links.get(from)?.get(to);
  }

  #link(from: string, to: string): Link {
    let links = this.#links.get(from);
    if (links === undefined) this.#links.set(from, (links = new Map<string, Link>()));
    let link = links.get(to);
    if (link === undefined)
      links.set(to, (link = new Link(createRandom(`${this.#seed}/link ${from}>${to}`))));
    return link;
  }
}

const names = new Map<string, string>();

// Asked for with every message, of few addresses.
function nameOf(addr: string): string {
  let name = names.get(addr);
  if (name === undefined) {
    const colon = addr.lastIndexOf(':');
    names.set(addr, (name = colon < 0 ? addr : addr.slice(0, colon)));
  }
  return name;
}

// The texts of the real driver (host/wire/status).
const refusals = new Map<string, SwarmError>();

// One error an address: a swarm asks its dead members several times a second, and a stack costs more than the call.
function refused(addr: string): SwarmError {
  let error = refusals.get(addr);
  if (error === undefined) {
    const text = `connection error: desc = "transport: Error while dialing: dial tcp ${addr}: connect: connection refused"`;
    refusals.set(addr, (error = new SwarmError('Unavailable', text)));
  }
  return error;
}
const RESET_BY_PEER = new SwarmError(
  'Unavailable',
  'error reading from server: read: connection reset by peer',
);
const PING_FAILED = new SwarmError(
  'Unavailable',
  'error reading from server: keepalive ping failed',
);
