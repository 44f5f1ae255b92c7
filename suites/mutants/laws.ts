import { CONVERGES, ENDS, THROWN } from '../../src/simulator/explore/play-plan.ts';
import { RULES } from '../../src/simulator/invariants/rules.ts';
import type { Law } from './mutant.ts';

/** All that the explorer can see broken, and what it says: the rules of the watch and the explorer's own. */
export const LAWS: Readonly<Record<Law, string>> = {
  ...RULES,
  [CONVERGES]: 'a healed swarm comes to what is declared within its bound, and stays there',
  [THROWN]: 'nothing is thrown that nobody expects',
  [ENDS]: 'events come to an end, so that time can go on',
};
