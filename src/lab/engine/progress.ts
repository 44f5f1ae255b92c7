/** Long steps: each says that it began, goes on saying how long it has taken, and has a deadline. */

import { SwarmtwinError } from '../../model/errors.ts';

/** Takes one line for the person who waits. */
export type Progress = (line: string) => void;

export interface Step {
  /** What is being done, as the beginning of a line: "installing docker.io". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly progress: Progress;
  /** Whoever called the whole thing off, with Ctrl-C for example. */
  readonly signal?: AbortSignal | undefined;
}

/** What the work of a step is given. */
export interface StepContext {
  /** Aborted at the deadline and when the caller calls it off. */
  readonly signal: AbortSignal;
  /** Says where the work is now; shown with the elapsed time. */
  readonly note: (detail: string) => void;
}

const EVERY_MS = 5_000;

/**
 * Runs `work` as a step. The work itself has to give up when its signal is aborted; the step answers at once all the
 * same. Throws what the work threw, or a SwarmtwinError `deadline` or `interrupted`.
 */
export async function runStep<T>(
  step: Step,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  if (isCalledOff(step)) throw interrupted(step.what);
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  let detail = '';
  const limit = new AbortController();
  const signal =
    step.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, step.signal]);
  step.progress(`${step.what} …`);
  const ticker = setInterval(() => {
    step.progress(`${step.what} … ${seconds()} s${detail === '' ? '' : ` (${detail})`}`);
  }, EVERY_MS);
  const timer = setTimeout(() => {
    limit.abort();
  }, step.deadlineMs);
  try {
    const note = (text: string): void => void (detail = text.trim().slice(0, 100));
    const result = await orAborted(work({ signal, note }), signal);
    step.progress(`${step.what}: done in ${seconds()} s`);
    return result;
  } catch (error) {
    if (isCalledOff(step)) throw interrupted(step.what);
    if (limit.signal.aborted) throw late(step, detail);
    throw error;
  } finally {
    clearInterval(ticker);
    clearTimeout(timer);
  }
}

const isCalledOff = (step: Step): boolean => step.signal?.aborted === true;

const interrupted = (what: string): SwarmtwinError =>
  new SwarmtwinError(
    'interrupted',
    `${what}: interrupted`,
    'Start it again; it goes on where it was.',
  );

const late = (step: Step, detail: string): SwarmtwinError =>
  new SwarmtwinError(
    'deadline',
    `${step.what}: not done after ${step.deadlineMs / 1000} s${detail === '' ? '' : `, last seen: ${detail}`}`,
    'Look whether the network and the disk are slow here, then start it again; it goes on where it was.',
  );

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => {
      reject(new Error('aborted'));
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', giveUp);
    });
  });
}
