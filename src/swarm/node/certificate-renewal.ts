import type { NodeRole } from '../../model/specs.ts';
import type { Ports, Timer } from '../ports.ts';
import type { WeightedPeer } from '../session.ts';
import type { Enrolment, Identity } from './node-ports.ts';

/** SwarmKit: at a random instant between half and four fifths of the certificate's life; every 5 min where its life cannot be read. */
const EARLIEST_SHARE = 0.5;
const LATEST_SHARE = 0.8;
const UNREADABLE_MS = 300_000;
/** SwarmKit: a node whose role changed asks for its new certificate half a second later. */
const ROLE_PAUSE_MS = 500;
/** SwarmKit: after a failure a random wait of up to 5 s and 5 s more, doubled with each failure, an hour at most. */
const BACKOFF_MS = 5000;
const MAX_BACKOFF_MS = 3_600_000;
/** A timer of the real driver cannot be set for more than 24 days. */
const LONGEST_TIMER_MS = 86_400_000;

export interface RenewalOptions {
  readonly enrolment: Pick<Enrolment, 'renew' | 'validity'>;
  identity(): Identity;
  managers(): readonly WeightedPeer[];
  /** Takes the new identity in use at once; `identity()` answers with it from then on. */
  renewed(identity: Identity): void;
}

/** Keeps a node's certificate valid, and brings it to the role that the leader has on record (SwarmKit: TLSRenewer). */
export class CertificateRenewal {
  readonly #ports: Ports;
  readonly #options: RenewalOptions;
  #expected: NodeRole;
  #failures = 0;
  /** Somebody wants a new one before the present one has to be renewed. */
  #isWanted = false;
  #timer: Timer | null = null;
  #isAsking = false;
  #isStopped = false;

  constructor(ports: Ports, options: RenewalOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#expected = options.identity().role;
    this.#wait(this.#untilDue());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** The role that the next certificate should be for. Another one than the present certificate's is asked for until it comes. */
  expect(role: NodeRole): void {
    if (role === this.#expected) return;
    this.#expected = role;
    this.#failures = 0;
    this.#wait(role === this.#options.identity().role ? this.#untilDue() : ROLE_PAUSE_MS);
  }

  /** A new certificate, whatever the present one says: the root changes, say, or its key was on the disk unencrypted. */
  renew(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    this.#wait(ROLE_PAUSE_MS);
  }

  #wait(delayMs: number): void {
    this.#timer?.cancel();
    const stepMs = Math.min(delayMs, LONGEST_TIMER_MS);
    this.#timer = this.#ports.timers.after(stepMs, () => {
      if (stepMs < delayMs) this.#wait(delayMs - stepMs);
      else this.#ask();
    });
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const options = this.#options;
    options.enrolment.renew(options.identity(), options.managers(), (result) => {
      this.#isAsking = false;
      if (this.#isStopped) return;
      if (result.ok) {
        this.#isWanted = false;
        options.renewed(result.value);
      } else this.#say('warn', `certificate not renewed: ${result.error.text}`);
      const isWanted = result.ok && result.value.role === this.#expected;
      if (isWanted) this.#say('info', `certificate renewed for role ${result.value.role}`);
      this.#failures = isWanted ? 0 : this.#failures + 1;
      this.#wait(isWanted ? this.#untilDue() : this.#backoff());
    });
  }

  #untilDue(): number {
    const validity = this.#options.enrolment.validity(this.#options.identity());
    if (validity === null) return UNREADABLE_MS;
    const share = this.#ports.random.between(EARLIEST_SHARE, LATEST_SHARE);
    const due = validity.from + (validity.to - validity.from) * share;
    return Math.max(0, due - this.#ports.clock.now());
  }

  #backoff(): number {
    const limit = Math.min(BACKOFF_MS + BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
    return this.#ports.random.between(0, limit);
  }

  #say(level: 'info' | 'warn', message: string): void {
    this.#ports.log({ level, part: 'node', message });
  }
}
