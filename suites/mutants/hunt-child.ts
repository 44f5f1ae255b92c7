/** Plays the plans of hunts until a law is broken, and prints what was seen, a line of JSON for each. Arguments: grounds, as JSON. The mutant, if any, is in already. */
import { playPlan } from '../../src/simulator/explore/play-plan.ts';
import type { Ground } from './hunt.ts';
import { planOf } from './hunts.ts';

/** What a hunt has come to. */
export interface Caught {
  /** 0: nothing was seen. */
  readonly run: number;
  readonly rule: string;
  readonly text: string;
}

const inOrder = (runs: number): readonly number[] =>
  Array.from({ length: runs }, (_, at) => at + 1);

function play({ hunt, runs, first = 1 }: Ground): Caught {
  for (const run of new Set([first, ...inOrder(runs)])) {
    const { violation } = playPlan(planOf(hunt, run));
    if (violation !== null) return { run, rule: violation.invariant, text: violation.text };
  }
  return { run: 0, rule: '', text: '' };
}

for (const argument of process.argv.slice(2))
  process.stdout.write(`${JSON.stringify(play(JSON.parse(argument) as Ground))}\n`);
