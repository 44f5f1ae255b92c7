import { relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SwarmtwinError } from '../model/errors.ts';
import type { Plan } from '../simulator/explore/plan.ts';
import { playPlan } from '../simulator/explore/play-plan.ts';
import { scenarioOf } from '../simulator/explore/scenario-of.ts';
import { shrinking } from '../simulator/explore/shrink.ts';
import type { Violation } from '../simulator/invariants/watch.ts';
import { codeVersion } from './code-version.ts';
import { asJson, checkSeed, exploredRun, keep } from './explored-run.ts';
import { onInterrupt } from './interruption.ts';
import { describePlan } from './replay.ts';
import { print, progress } from './say.ts';
import { scenarioYaml } from './scenario-yaml.ts';

const SHRINK_USAGE = `swarmtwin shrink SEED|FILE [--for 300] [--shape SHAPE]

  Takes away machines, services, operations and faults from a run that fails, as long as it still breaks the same rule. Writes what is left to
  reports/explore/SEED.shrunk.json, for swarmtwin replay, and as a scenario to SEED.shrunk.yaml, for swarmtwin run.

  --for SECONDS   ends after so much real time with the shortest form that was found; Ctrl-C does the same
  --shape SHAPE   the one that the exploration had, where it had one (a file knows its own)

  Exit codes: 0 a shortest form was written, 3 nothing is wrong with that run, 130 interrupted (what was found is written).
`;

const DEFAULT_S = 300;
const SAY_MS = 5000;

interface Failing {
  readonly plan: Plan;
  readonly violation: Violation;
}

/** `swarmtwin shrink`. Exit code 0 when a shortest form was written, 130 when it was interrupted (what was found is written). Errors: `bad-usage`, `bad-history`. */
export async function shrink(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      for: { type: 'string', default: String(DEFAULT_S) },
      shape: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [name, ...more] = positionals;
  if (values.help || name === undefined || more.length > 0) {
    print(SHRINK_USAGE);
    return values.help ? 0 : 3;
  }
  const forMs = secondsOf(values.for) * 1000;
  const failing = failingRun(name, values.shape);
  print(describePlan(failing.plan), `  ${failing.violation.text}`);
  const interruption = onInterrupt(() => {
    progress('ending with the shortest form so far');
  });
  const endMs = performance.now() + forMs;
  const shortest = await shorten(failing, () => interruption.seen() || performance.now() >= endMs);
  interruption.end();
  write(shortest);
  return interruption.seen() ? 130 : 0;
}

function failingRun(name: string, shape: string | undefined): Failing {
  const plan = { ...exploredRun(name, shape).plan, code: codeVersion() };
  checkSeed(plan.seed);
  const { violation, end } = playPlan(plan);
  if (violation !== null) return { plan, violation };
  throw new SwarmtwinError(
    'bad-usage',
    `nothing is wrong with run ${plan.seed}: ${end}`,
    'Name a run that breaks a rule; was it found with another version of the code, or with a --shape?',
  );
}

/** Gives way to signals between the candidates. */
async function shorten(failing: Failing, isOver: () => boolean): Promise<Failing> {
  const steps = shrinking(failing.plan);
  let best = failing;
  let tried = 0;
  let sayAtMs = performance.now() + SAY_MS;
  let next = steps.next();
  while (next.done !== true && !isOver()) {
    const { violation } = playPlan(next.value);
    const isSame = violation?.invariant === failing.violation.invariant;
    if (isSame) best = { plan: next.value, violation };
    tried += 1;
    if (performance.now() >= sayAtMs) {
      progress(`${tried} shorter forms tried; ${describePlan(best.plan)}`);
      sayAtMs += SAY_MS;
    }
    await nextTurn();
    next = steps.next(isSame);
  }
  const why = next.done === true ? 'nothing more can be taken away' : 'there may be a shorter one';
  progress(`${tried} shorter forms tried, ${why}`);
  return best;
}

function write({ plan, violation }: Failing): void {
  const json = keep(`${plan.seed}.shrunk.json`, asJson({ plan, violation }));
  const name = `shrunk-${plan.seed.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const written = scenarioOf(
    plan,
    name,
    `Shrunk from run ${plan.seed}, which broke the rule ${violation.invariant}`,
  );
  const yaml = keep(`${plan.seed}.shrunk.yaml`, scenarioYaml(written));
  const here = (path: string): string => relative(process.cwd(), path);
  print(
    describePlan(plan),
    `  ${violation.text}`,
    `  replay:         swarmtwin replay ${here(json)}`,
    `  run on Docker:  swarmtwin run ${here(yaml)}`,
  );
  if (written.leftOut.length > 0)
    print(`  The scenario leaves out, for want of words: ${written.leftOut.join('; ')}`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new SwarmtwinError(
    'bad-usage',
    `--for ${text} is no time`,
    'Give seconds, such as --for 60.',
  );
}
