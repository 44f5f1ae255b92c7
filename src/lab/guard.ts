/**
 * Takes the labs of this process down when it is told to end or breaks. What cannot be caught (SIGKILL, a power cut) is left to the
 * sweep of the next command, which knows from the labels that the owner is gone.
 */
import { messageOf } from '../model/errors.ts';
import { removeLab } from './remove-lab.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Ending = keyof typeof EXIT_CODES;

const labs = new Set<string>();
let isInstalled = false;
let isEnding = false;

/** From now on the lab goes when the process goes. Call before anything of it exists. */
export function guardLab(id: string): void {
  labs.add(id);
  if (isInstalled) return;
  isInstalled = true;
  for (const signal of Object.keys(EXIT_CODES) as Ending[])
    process.on(signal, () => {
      endBy(signal);
    });
  // A test runner has its own answer to a stray exception, and more tests to run.
  if (process.env['JEST_WORKER_ID'] !== undefined) return;
  process.on('uncaughtException', endBroken);
  process.on('unhandledRejection', endBroken);
}

/** The lab is gone, or is to stay. */
export function releaseLab(id: string): void {
  labs.delete(id);
}

function endBy(signal: Ending): void {
  if (isEnding) {
    say('leaving at once; the next swarmtwin command removes what is left');
    process.exit(EXIT_CODES[signal]);
  }
  say(`${signal}: removing ${labs.size} lab(s); once more to leave at once`);
  void end(EXIT_CODES[signal]);
}

/** Only the first error is told: when the reader of our output has gone, telling it is the next error. */
function endBroken(error: unknown): void {
  if (isEnding) return;
  void end(3);
  say(error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
}

async function end(exitCode: number): Promise<void> {
  isEnding = true;
  const work = [...labs].map(removeLab);
  for (const outcome of await Promise.allSettled(work))
    if (outcome.status === 'rejected') say(messageOf(outcome.reason));
  process.exit(exitCode);
}

function say(text: string): void {
  process.stderr.write(`swarmtwin: ${text}\n`);
}
