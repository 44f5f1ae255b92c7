/** Hunts a mutant in a process of its own, and says whether it was caught as declared. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Caught } from './hunt-child.ts';
import type { HuntName } from './hunts.ts';
import type { Mutant } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEADLINE_MS = 120_000;

/**
 * Plays the first `runs` plans of a hunt until a rule is broken. `mutant` is a mutant's name, `given:` and its name, or `''` for the twin as it is.
 * Errors: what the child said when it did not come to an answer, a patch that does not find its place above all.
 */
export function hunt(mutant: string, name: HuntName, runs: number): Promise<Caught> {
  const loader = mutant === '' ? [] : ['--import', './tools/mutant-loader.mjs'];
  const args = [...loader, 'suites/mutants/hunt-child.ts', name, String(runs)];
  const env = { ...process.env, SWARMTWIN_MUTANT: mutant, NODE_OPTIONS: '' };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: ROOT, env, timeout: DEADLINE_MS },
      (error, out, said) => {
        if (error === null) resolve(JSON.parse(out) as Caught);
        else reject(new Error(`the hunt ${name} for "${mutant}" broke: ${error.message}\n${said}`));
      },
    );
  });
}

/** What is wrong with how a mutant was caught; `''` when all is as declared. */
export function complaint({ name, breaks, also = {}, within }: Mutant, caught: Caught): string {
  if (caught.run === 0) return `${name} was not found within ${within} runs`;
  if (caught.rule === breaks || Object.hasOwn(also, caught.rule)) return '';
  return `${name} is to break ${breaks}; ${caught.rule} saw it first, and is not listed: ${caught.text}`;
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
