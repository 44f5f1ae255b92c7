import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryKind, Judged } from './judged-histories.ts';
import type { Scheduled, SchedulingSize } from './schedule-from-nothing.ts';
import type { RunKind, SimulatedRun } from './simulated-runs.ts';
import { YOUNG_MEMORY } from './young-memory.ts';

export type Question =
  | { readonly what: 'scheduling'; readonly size: SchedulingSize }
  | { readonly what: 'simulation'; readonly kind: RunKind }
  | { readonly what: 'judge'; readonly kind: HistoryKind };

type Answer<Q extends Question> = Q extends { what: 'scheduling' }
  ? Scheduled
  : Q extends { what: 'judge' }
    ? Judged
    : readonly SimulatedRun[];

const CHILD = fileURLToPath(new URL('reading-child.ts', import.meta.url));
/** Some twenty times what the longest reading takes. */
const DEADLINE_MS = 300_000;

/** Takes a reading in a process of its own. Errors: `internal` with what that process said last. */
export async function readInProcess<Q extends Question>(question: Q): Promise<Answer<Q>> {
  const memory = question.what === 'simulation' ? YOUNG_MEMORY : [];
  const args = ['--disable-warning=ExperimentalWarning', ...memory, CHILD];
  args.push(JSON.stringify(question));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: DEADLINE_MS });
    return JSON.parse(stdout) as Answer<Q>;
  } catch (caught) {
    const { stderr } = caught as { readonly stderr?: string };
    throw SwarmtwinError.from(
      stderr ?? caught,
      'internal',
      `measuring ${JSON.stringify(question)}`,
      `Type: node src/bench/reading-child.ts '${JSON.stringify(question)}'`,
    );
  }
}
