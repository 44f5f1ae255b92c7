/** Plays the plans of one hunt until a law is broken, and prints what was seen as JSON. Arguments: hunt, most runs, which first. The mutant, if any, is in already. */
import { playPlan } from '../../src/simulator/explore/play-plan.ts';
import { HUNTS, planOf, type HuntName } from './hunts.ts';

/** What a hunt has come to. */
export interface Caught {
  /** 0: nothing was seen. */
  readonly run: number;
  readonly rule: string;
  readonly text: string;
}

const [hunt = '', most = '', first = '1'] = process.argv.slice(2);
if (!Object.hasOwn(HUNTS, hunt)) throw new Error(`there is no hunt ${hunt}`);

function play(): Caught {
  const inOrder = Array.from({ length: Number(most) }, (_, at) => at + 1);
  for (const run of new Set([Number(first), ...inOrder])) {
    const { violation } = playPlan(planOf(hunt as HuntName, run));
    if (violation !== null) return { run, rule: violation.invariant, text: violation.text };
  }
  return { run: 0, rule: '', text: '' };
}

process.stdout.write(`${JSON.stringify(play())}\n`);
