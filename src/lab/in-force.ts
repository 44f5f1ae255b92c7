/** A fault that is in force, from its bite to its heal. */
import type { Fault, Proof } from '../model/fault.ts';
import type { Bite } from './bite.ts';
import type { ActiveFault, Span } from './lab.ts';

export class InForce implements ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly proof: Proof;
  readonly begun: Span;
  ended: Span | undefined;
  readonly #bite: Bite;
  readonly #onEnd: () => void;
  #heal: Promise<Proof> | undefined;

  constructor(id: string, fault: Fault, bite: Bite, onEnd: () => void) {
    this.id = id;
    this.fault = fault;
    this.proof = bite.proof;
    this.begun = bite.span;
    this.#bite = bite;
    this.#onEnd = onEnd;
  }

  heal(): Promise<Proof> {
    this.#heal ??= this.#undo();
    return this.#heal;
  }

  /** Everything was put right at once, this fault with it. */
  overtaken(proofs: readonly Proof[]): void {
    const now = performance.now();
    this.ended ??= { fromMs: now, toMs: now };
    const last = proofs.at(-1) ?? this.proof;
    this.#heal ??= Promise.resolve({ ...last, before: `${this.fault.kind} in force` });
  }

  async #undo(): Promise<Proof> {
    try {
      const { proof, span } = await this.#bite.undo();
      this.ended = span;
      this.#onEnd();
      return proof;
    } catch (error) {
      // A heal that did not take may take when it is tried again.
      this.#heal = undefined;
      throw error;
    }
  }
}
