/**
 * How long things may take, computed from the cluster's own settings. Each bound carries its formula, which the judge prints. The
 * constants are SwarmKit's (dispatcher, agent, raft, updater defaults); the allowances are for what the machine adds, and say from where.
 */
import type { SwarmSettings } from './history.ts';

export interface Bound {
  readonly ms: number;
  readonly formula: string;
}

/** SwarmKit's defaults, as they stand in a fresh cluster. */
export const DEFAULT_SETTINGS: SwarmSettings = {
  tickMs: 1000,
  electionTicks: 10,
  heartbeatTicks: 1,
  heartbeatMs: 5000,
  taskHistoryLimit: 5,
};

/** The heartbeat period is drawn anew for each beat, up to half a second longer than the setting (SwarmKit: dispatcher/period). */
export const HEARTBEAT_JITTER_MS = 500;
/** Delay before a replacement starts, unless the restart policy says otherwise (SwarmKit: api/defaults). */
export const RESTART_DELAY_MS = 5000;
export const MONITOR_MS = 5000;
/** The longest pause of an agent between two tries to reach a dispatcher (SwarmKit: agent). */
export const AGENT_BACKOFF_MS = 8000;
/** A connection attempt that began while the other side was away is given up after this (gRPC's least connect timeout). */
export const CONNECT_MS = 20_000;
/** A task that obeys SIGTERM takes 1.1 to 1.7 s to end, one that ignores it 10 s more (reference/measured.md, point 11). */
export const STOP_MS = 1700;
/** A node that was promoted or demoted waits so long for the certificate of its new role, asks for it, and waits once more (SwarmKit: node). */
const CERTIFICATE_WAIT_MS = 16_000;
/** How often the leader looks for members whose role is not what it should be (SwarmKit: role_manager). */
const ROLE_ROUND_MS = 5000;
/** The recorder looks four times a second at the manager it watches closest. */
export const POLL_MS = 250;
/**
 * What a loaded machine adds to making and starting a container or a daemon: 0.4 s at rest, 4 to 6 s for fifty at once on two cores
 * (reference/measured.md, E9), and up to 9 s were seen with eight clusters of real Swarm under faults at once on two cores.
 */
export const LOAD_MS = 10_000;

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
const bound = (ms: number, formula: string): Bound => ({
  ms,
  formula: `${seconds(ms)} = ${formula}`,
});

/** One campaign: the longest randomised election timeout. */
const campaignMs = (settings: SwarmSettings): number =>
  2 * settings.electionTicks * settings.tickMs;

/**
 * A new leader after one was lost: a campaign starts 10 to 20 ticks after the last heartbeat, one in eight fails and the next takes
 * as long again (37 s was seen once): three campaigns are allowed.
 */
export const electionBound = (settings: SwarmSettings): Bound =>
  bound(
    3 * campaignMs(settings) + LOAD_MS,
    `3 campaigns x 2 x ${settings.electionTicks} ticks of ${settings.tickMs} ms + ${seconds(LOAD_MS)} load`,
  );

/** A leader that hears no majority gives up at the second check of its quorum. */
export const stepDownBound = (settings: SwarmSettings): Bound =>
  bound(
    campaignMs(settings) + POLL_MS + settings.tickMs,
    `2 x ${settings.electionTicks} ticks of ${settings.tickMs} ms + a tick + a look`,
  );

/**
 * How old an answer may be that a deposed leader gives: the next one is elected an election timeout after it was last heard at the earliest (a tick and
 * the last heartbeat's tick less), and it gives up after two at the latest.
 */
export const staleBound = (settings: SwarmSettings): Bound =>
  bound(
    (settings.electionTicks + 3) * settings.tickMs,
    `step-down within 2 x ${settings.electionTicks} ticks, a new leader from ${settings.electionTicks} - 2 ticks on, and a tick`,
  );

/** From the loss to the plain "no leader" answer: step-down or the first campaign, then more than an election timeout without a leader. */
export const noLeaderBound = (settings: SwarmSettings): Bound =>
  bound(
    stepDownBound(settings).ms + (settings.electionTicks + 1) * settings.tickMs + LOAD_MS,
    `step-down ${seconds(stepDownBound(settings).ms)} + ${settings.electionTicks + 1} ticks + ${seconds(LOAD_MS)} load`,
  );

/** A ready node that went silent: three heartbeat periods. */
export const downBound = (settings: SwarmSettings): Bound => {
  const beat = settings.heartbeatMs + HEARTBEAT_JITTER_MS;
  return bound(
    3 * beat + POLL_MS + LOAD_MS,
    `3 x (${settings.heartbeatMs} + ${HEARTBEAT_JITTER_MS} ms) + a look + ${seconds(LOAD_MS)} load`,
  );
};

/** The grace of an unknown node after a change of leader: six heartbeat periods. */
export const unknownDownBound = (settings: SwarmSettings): Bound => {
  const beat = settings.heartbeatMs + HEARTBEAT_JITTER_MS;
  return bound(
    6 * beat + POLL_MS + LOAD_MS,
    `6 x (${settings.heartbeatMs} + ${HEARTBEAT_JITTER_MS} ms) + a look + ${seconds(LOAD_MS)} load`,
  );
};

/** From Down, or a task's death, to the replacement running; `heldMs` is what it waits for, the restart delay unless given. */
export const refillBound = (heldMs = RESTART_DELAY_MS): Bound =>
  bound(
    heldMs + LOAD_MS,
    `held back ${seconds(heldMs)} + ${seconds(LOAD_MS)} to start on a loaded machine`,
  );

/**
 * A node that is back: its daemon starts, an attempt to reach it that hangs from before is given up, the next one comes after a
 * back-off, a session is made; and where managers lost a leader an election comes first.
 */
export const returnBound = (settings: SwarmSettings, election: boolean): Bound => {
  const vote = election ? electionBound(settings).ms : 0;
  const ms = vote + CONNECT_MS + 2 * AGENT_BACKOFF_MS + LOAD_MS;
  const parts = election ? `election ${seconds(vote)} + ` : '';
  return bound(
    ms,
    `${parts}hanging connection ${seconds(CONNECT_MS)} + 2 x back-off ${seconds(AGENT_BACKOFF_MS)} + ${seconds(LOAD_MS)} load`,
  );
};

/**
 * From a node's new role to a manager that is reachable, or a worker that is none: twice the wait for a certificate (SwarmKit: node), and a round of
 * the leader's role manager, which takes members in and out.
 */
export const roleBound: Bound = bound(
  2 * CERTIFICATE_WAIT_MS + ROLE_ROUND_MS + LOAD_MS,
  `2 x ${seconds(CERTIFICATE_WAIT_MS)} for a certificate + ${seconds(ROLE_ROUND_MS)} for the role manager + ${seconds(LOAD_MS)} load`,
);

export const sumOf = (...bounds: readonly Bound[]): Bound => ({
  ms: bounds.reduce((sum, each) => sum + each.ms, 0),
  formula: bounds.map((each) => each.formula).join('; '),
});
