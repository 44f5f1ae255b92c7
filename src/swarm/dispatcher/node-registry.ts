import { SwarmError } from '../../model/errors.ts';
import { drawId } from '../../model/random.ts';
import type { Ports, Timer } from '../ports.ts';

/** SwarmKit: dispatcher defaults. The period of a beat is drawn anew each time, half a second around the cluster's setting. */
const PERIOD_SPREAD_MS = 500;
const GRACE_PERIODS = 3;
const UNKNOWN_GRACE_PERIODS = 6;
const RATE_LIMIT_COUNT = 3;
const RATE_LIMIT_PERIOD_MS = 8000;

interface Registration {
  /** `''` for a node that this leader has not heard of yet. */
  readonly sessionId: string;
  attempts: number;
  registeredAt: number | null;
  timer: Timer;
  readonly expire: () => void;
}

/** The nodes that are heard of, or still expected after a change of leader. Who stays silent beyond his grace expires. */
export class NodeRegistry {
  readonly #ports: Ports;
  readonly #nodes = new Map<string, Registration>();
  #periodMs: number;

  constructor(ports: Ports, periodMs: number) {
    this.#ports = ports;
    this.#periodMs = periodMs;
  }

  /** In force from each node's next beat on. */
  setPeriod(periodMs: number): void {
    this.#periodMs = periodMs;
  }

  /** Expects a node within six periods. It has no session, so all it can do is register. */
  addUnknown(id: string, expire: () => void): void {
    const timer = this.#ports.timers.after(this.#draw() * UNKNOWN_GRACE_PERIODS, expire);
    this.#nodes.set(id, { sessionId: '', attempts: 0, registeredAt: null, timer, expire });
  }

  /** Opens a session for the node, in place of any it had, and starts its grace. */
  add(id: string, expire: () => void): string {
    const known = this.#nodes.get(id);
    known?.timer.cancel();
    const sessionId = drawId(this.#ports.random);
    const timer = this.#ports.timers.after(this.#draw() * GRACE_PERIODS, expire);
    const registeredAt = known?.registeredAt ?? this.#ports.clock.now();
    this.#nodes.set(id, {
      sessionId,
      attempts: known?.attempts ?? 0,
      registeredAt,
      timer,
      expire,
    });
    return sessionId;
  }

  /** Counts a registration. Errors: Unavailable for the fourth one in a row that comes less than 8 s after the one before. */
  checkRateLimit(id: string): void {
    const known = this.#nodes.get(id);
    if (known === undefined) return;
    const now = this.#ports.clock.now();
    const sinceMs = known.registeredAt === null ? Infinity : now - known.registeredAt;
    if (sinceMs > RATE_LIMIT_PERIOD_MS) known.attempts = 0;
    known.attempts += 1;
    if (known.attempts > RATE_LIMIT_COUNT)
      throw new SwarmError('Unavailable', `node ${id} exceeded rate limit count of registrations`);
    known.registeredAt = now;
  }

  hasSession(id: string, sessionId: string): boolean {
    return sessionId !== '' && this.#nodes.get(id)?.sessionId === sessionId;
  }

  /** Whether the node has registered with this leader. */
  isRegistered(id: string): boolean {
    return (this.#nodes.get(id)?.sessionId ?? '') !== '';
  }

  /** Errors: NotFound for a node that must register first, InvalidArgument for a session that is not the node's. */
  check(id: string, sessionId: string): void {
    if (!this.#nodes.has(id)) throw notRegistered();
    if (!this.hasSession(id, sessionId)) throw sessionInvalid();
  }

  /** Takes a beat and answers the time until the next one is due, in ms; the grace is three times that. Errors as for `check`. */
  beat(id: string, sessionId: string): number {
    this.check(id, sessionId);
    const periodMs = this.#draw();
    const known = this.#nodes.get(id);
    known?.timer.cancel();
    if (known !== undefined)
      known.timer = this.#ports.timers.after(periodMs * GRACE_PERIODS, known.expire);
    return periodMs;
  }

  remove(id: string): void {
    this.#nodes.get(id)?.timer.cancel();
    this.#nodes.delete(id);
  }

  clear(): void {
    for (const { timer } of this.#nodes.values()) timer.cancel();
    this.#nodes.clear();
  }

  #draw(): number {
    const { random } = this.#ports;
    return random.between(this.#periodMs - PERIOD_SPREAD_MS, this.#periodMs + PERIOD_SPREAD_MS);
  }
}

export const notRegistered = (): SwarmError => new SwarmError('NotFound', 'node not registered');
const SESSION_INVALID = new SwarmError('InvalidArgument', 'session invalid');
export const sessionInvalid = (): SwarmError => SESSION_INVALID;
