/** How long a fuzzer plays, and with which chance: `SEED` and `FUZZ_PATH` play a failure again, `FUZZ_SECONDS` plays longer (CONTRIBUTING.md). */
import { randomInt } from 'node:crypto';
import { interruptAfterTimeLimit, type Parameters, type Plugin } from 'fast-check';

/** What all fuzzers together get in `npm test`; `FUZZ_SECONDS` takes its place. */
const ALL_SECONDS = 60;
const GRACE_MS = 120_000;

export interface Effort {
  readonly seed: number;
  readonly playMs: number;
  /** For Jest: what hangs, and not what is slow, is to fail. */
  readonly timeoutMs: number;
  /** For `fc.assert`: as many runs as the time allows. */
  parametersFor<T>(): Parameters<T>;
}

/** `share` of the time of all. Tells the seed at once, so that a run that ends in no way at all can be played again too. */
export function effortOf(title: string, share: number): Effort {
  const given = process.env['SEED'];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  const path = process.env['FUZZ_PATH'];
  const seconds = Number(process.env['FUZZ_SECONDS'] ?? ALL_SECONDS) * share;
  tell(`${title}: ${seconds.toFixed(0)} s, SEED=${seed}`);
  return {
    seed,
    playMs: seconds * 1000,
    timeoutMs: seconds * 1000 + GRACE_MS,
    parametersFor: <T>() => ({
      seed,
      ...(path === undefined ? {} : { path }),
      numRuns: Number.MAX_SAFE_INTEGER,
      // It looks at no value, whatever their type.
      plugins: [interruptAfterTimeLimit(seconds * 1000) as Plugin<T>],
    }),
  };
}

/** Beside what Jest prints. */
export function tell(line: string): void {
  process.stderr.write(`hostile: ${line}\n`);
}
