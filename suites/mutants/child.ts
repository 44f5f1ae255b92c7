/** Runs a file of this folder in a process of its own, with a mutant in it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Children load the same sources over and over, but for a patch; what is patched has another hash. */
const CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/swarmtwin-mutants', import.meta.url),
);

/** What a child has printed, a JSON value a line; `broke` says why it did not come to its end, `''` when it did. */
export interface Printed {
  readonly lines: readonly unknown[];
  readonly broke: string;
  /** It did not break by itself: it was ended for going on too long. */
  readonly isCutOff: boolean;
}

/** The longest that a child waits for a busy machine; what it computes is limited by itself. */
const DEADLINE_MS = 900_000;

/**
 * `mutant` is a mutant's name, `given:` and its name, `bare:` and its name (without what is given), or `''` for the twin as it is. What was printed
 * before a child broke or came to the deadline counts.
 */
export function runChild(
  mutant: string,
  file: string,
  args: readonly string[],
  cpuS: number,
): Promise<Printed> {
  const loader = mutant === '' ? [] : ['--import', './tools/mutant-loader.mjs'];
  const all = [...loader, `suites/mutants/${file}`, ...args];
  const env = {
    ...process.env,
    SWARMTWIN_MUTANT: mutant,
    NODE_OPTIONS: '',
    NODE_COMPILE_CACHE: CACHE,
  };
  const options = { cwd: ROOT, env, timeout: DEADLINE_MS, maxBuffer: 64 * 1024 * 1024 };
  // A mutant may loop for ever, and whoever waits for it may be ended before its deadline: the system itself ends it then.
  const limited = `ulimit -t ${cpuS}; exec "$0" "$@"`;
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', limited, process.execPath, ...all], options, (error, out, said) => {
      const whole = out.slice(0, out.lastIndexOf('\n') + 1).split('\n');
      const lines = whole.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
      const isCutOff = error !== null && (error.killed === true || error.signal != null);
      const why = isCutOff ? `not over after ${cpuS} s of computing` : said.trim();
      resolve({ lines, broke: error === null ? '' : why || error.message, isCutOff });
    });
  });
}

/** Does the work on as many items at once as there are threads, and answers in their order. */
export async function inTurns<T, R>(
  items: readonly T[],
  threads: number,
  work: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  let next = 0;
  const thread = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const [result] = await Promise.allSettled([work(items[at] as T)]);
      results[at] = result;
    }
  };
  await Promise.all(Array.from({ length: threads }, thread));
  return results;
}
