/** Every scenario of the suites, in the order of the claims. */
import type { Scenario, SuiteName } from '../src/model/scenario.ts';
import { drainPauseActive } from './drain/drain-pause-active.ts';
import { foundingJoiningLeaving } from './membership/founding-joining-leaving.ts';
import { clocksApart } from './membership/clocks-apart.ts';
import { portsOfNodes } from './membership/ports-of-nodes.ts';
import { promotingDemoting } from './membership/promoting-demoting.ts';
import { activatedAndNewNode } from './non-rebalancing/activated-and-new-node.ts';
import { returnedNode } from './non-rebalancing/returned-node.ts';
import { clientsAtWork } from './quorum-loss/clients-at-work.ts';
import { fiveManagers } from './quorum-loss/five-managers.ts';
import { leaderCutOff } from './quorum-loss/leader-cut-off.ts';
import { threeManagersLeaderStops } from './quorum-loss/three-managers-leader-stops.ts';
import { twoManagersFollowerStops } from './quorum-loss/two-managers-follower-stops.ts';
import { twoManagersLeaderStops } from './quorum-loss/two-managers-leader-stops.ts';
import { unreachableJoiner } from './quorum-loss/unreachable-joiner.ts';
import { filesInMemory } from './secrets/files-in-memory.ts';
import { failingUpdates } from './rollback/failing-updates.ts';
import { rollingUpdates } from './rollback/rolling-updates.ts';
import { taskHistory } from './rollback/task-history.ts';
import { loggedMountedStacked } from './services/logged-mounted-stacked.ts';
import { placedAndScaled } from './services/placed-and-scaled.ts';
import { leaderKilled } from './slot-refill/leader-killed.ts';
import { restartPolicies } from './slot-refill/restart-policies.ts';
import { workerLostAndCutOff } from './slot-refill/worker-lost-and-cut-off.ts';

export const SCENARIOS: readonly Scenario[] = [
  twoManagersLeaderStops,
  twoManagersFollowerStops,
  threeManagersLeaderStops,
  leaderCutOff,
  fiveManagers,
  clientsAtWork,
  unreachableJoiner,
  leaderKilled,
  workerLostAndCutOff,
  restartPolicies,
  returnedNode,
  activatedAndNewNode,
  drainPauseActive,
  rollingUpdates,
  failingUpdates,
  taskHistory,
  placedAndScaled,
  loggedMountedStacked,
  foundingJoiningLeaving,
  promotingDemoting,
  portsOfNodes,
  clocksApart,
  filesInMemory,
];

/** The scenarios of one suite. */
export const scenariosOf = (suite: SuiteName): readonly Scenario[] =>
  SCENARIOS.filter((scenario) => scenario.suite === suite);
