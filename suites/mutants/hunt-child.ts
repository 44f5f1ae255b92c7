/** Plays the plans of one hunt until a rule is broken, and prints what was seen as JSON. Arguments: hunt, most runs. The mutant, if any, is in already. */
import { playPlan } from '../../src/simulator/explore/play-plan.ts';
import { HUNTS, planOf, type HuntName } from './hunts.ts';

/** What a hunt has come to. */
export interface Caught {
  /** 0: nothing was seen. */
  readonly run: number;
  readonly rule: string;
  readonly text: string;
}

const [hunt = '', most = ''] = process.argv.slice(2);
if (!Object.hasOwn(HUNTS, hunt)) throw new Error(`there is no hunt ${hunt}`);

function play(): Caught {
  for (let run = 1; run <= Number(most); run += 1) {
    const { violation } = playPlan(planOf(hunt as HuntName, run));
    if (violation !== null) return { run, rule: violation.invariant, text: violation.text };
  }
  return { run: 0, rule: '', text: '' };
}

process.stdout.write(`${JSON.stringify(play())}\n`);
