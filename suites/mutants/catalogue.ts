import { CONTROL_MUTANTS } from './control-mutants.ts';
import { LIVENESS_MUTANTS } from './liveness-mutants.ts';
import { MEMBERSHIP_MUTANTS } from './membership-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PLACEMENT_MUTANTS } from './placement-mutants.ts';
import { RAFT_MUTANTS } from './raft-mutants.ts';
import { RESTART_MUTANTS } from './restart-mutants.ts';
import { SERVICE_MUTANTS } from './service-mutants.ts';
import { SECRET_MUTANTS } from './secret-mutants.ts';
import { STEP_MUTANTS } from './step-mutants.ts';
import { SWARM_MUTANTS } from './swarm-mutants.ts';
import { UPDATE_MUTANTS } from './update-mutants.ts';

/** Every wrong twin there is. Each law of the explorer and each claim of the suites is broken by at least one. */
export const MUTANTS: readonly Mutant[] = [
  ...RAFT_MUTANTS,
  ...SWARM_MUTANTS,
  ...RESTART_MUTANTS,
  ...LIVENESS_MUTANTS,
  ...CONTROL_MUTANTS,
  ...PLACEMENT_MUTANTS,
  ...UPDATE_MUTANTS,
  ...SERVICE_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...SECRET_MUTANTS,
  ...STEP_MUTANTS,
];
