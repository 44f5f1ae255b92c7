import type { Mutant } from './mutant.ts';
import { RAFT_MUTANTS } from './raft-mutants.ts';
import { SWARM_MUTANTS } from './swarm-mutants.ts';

/** Every wrong twin there is. Each rule of the watch is broken by at least one. */
export const MUTANTS: readonly Mutant[] = [...RAFT_MUTANTS, ...SWARM_MUTANTS];
