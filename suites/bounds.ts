/** The bounds of the suites' waits, in seconds, from the settings of a fresh cluster. */
import {
  DEFAULT_SETTINGS,
  downBound,
  electionBound,
  noLeaderBound,
  refillBound,
  returnBound,
  roleBound,
  sumOf,
  unknownDownBound,
} from '../src/model/bounds.ts';
import type { Bound } from '../src/model/bounds.ts';

const seconds = (...bounds: readonly Bound[]): number => Math.ceil(sumOf(...bounds).ms / 1000);
const settings = DEFAULT_SETTINGS;

/** A fresh service of a few replicas runs. */
export const START_S = 30;
export const ELECTION_S = seconds(electionBound(settings));
export const NO_LEADER_S = seconds(noLeaderBound(settings));
export const DOWN_S = seconds(downBound(settings));
/** The slots of a lost worker or follower run elsewhere. */
export const REFILL_S = seconds(downBound(settings), refillBound());
/** The slots of a lost leader run elsewhere: election, then the long grace of unknown nodes. */
export const LEADER_REFILL_S = seconds(
  electionBound(settings),
  unknownDownBound(settings),
  refillBound(),
);
/** A dead container is replaced. */
export const RESTART_S = seconds(refillBound());
/** A node that was promoted or demoted is what it shall be. */
export const ROLE_S = seconds(roleBound);
/** A node that is back is ready, where the leader stayed. */
export const RETURN_S = seconds(returnBound(settings, false));
/** The same where an election comes first. */
export const REELECT_S = seconds(returnBound(settings, true));
