/** What putting a fault in force gives: the proof that it bit, and how to undo and prove that. */
import { SwarmtwinError } from '../model/errors.ts';
import type { Proof } from '../model/fault.ts';
import type { Span } from './lab.ts';

/** A change that was made, when, and why it is believed. */
export interface Proved {
  readonly proof: Proof;
  readonly span: Span;
}

export interface Bite extends Proved {
  /** Throws SwarmtwinError `heal-not-taken`. */
  undo(): Promise<Proved>;
}

/** Runs the change itself, without its proofs, and tells from when to when it ran. */
export async function spanOf(change: () => Promise<unknown>): Promise<Span> {
  const fromMs = performance.now();
  await change();
  return { fromMs, toMs: performance.now() };
}

/** The fault is in place by the engine's word and cannot be seen to work, or could not be put in place. */
export function notBitten(what: string, seen: string, cause?: unknown): SwarmtwinError {
  return new SwarmtwinError(
    'fault-not-bitten',
    `${what} did not bite: ${seen}`,
    'See `swarmtwin lab status`; `swarmtwin lab heal` puts everything right, then try again.',
    cause,
  );
}

/** The fault was taken back and the lab is not as before. */
export function notHealed(what: string, seen: string, cause?: unknown): SwarmtwinError {
  return new SwarmtwinError(
    'heal-not-taken',
    `the heal of ${what} did not take: ${seen}`,
    'Try `swarmtwin lab heal`, or `swarmtwin lab down` and a new lab.',
    cause,
  );
}
