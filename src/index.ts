/** The public names: what a test of one's own uses to break one's own swarm. Listed one by one. */

// For users: a lab with a swarm in it, a scenario played and judged, and its claims.
export { ownLab as lab } from './library/own-lab.ts';
export type { OwnLab, OwnLabOptions } from './library/own-lab.ts';
export type { Seen, Unanswered, Watch, WatchOptions } from './library/watch.ts';
export { playAndJudge as scenario, claimsOf as claims } from './library/played.ts';
export type { PlayChoice, Played, ToldClaim } from './library/played.ts';

// For users: the pieces of a lab.
export { createLab } from './lab/create-lab.ts';
export { attachLab } from './lab/attach-lab.ts';
export { sweep } from './lab/sweep.ts';
export type { ActiveFault, Lab, LabNode, LabOptions } from './lab/lab.ts';
export { away, bridge, halves, majoritiesRing, oneWay } from './lab/partition-shapes.ts';

// For users: the pieces of a scenario.
export { playScenario } from './scenario/play.ts';
export { labTarget } from './target/lab-target.ts';
export { judgeScenario } from './checker/judge-scenario.ts';
export type { Scenario } from './model/scenario.ts';
export type { ScenarioVerdict } from './model/verdict.ts';
export type { Fault, Proof } from './model/fault.ts';
export { SwarmtwinError } from './model/errors.ts';
