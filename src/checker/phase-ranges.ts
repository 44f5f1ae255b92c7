/** How long each phase of an outage may last, from the cluster's own settings; where chance has a say, as much as it was measured to have. */
import {
  AGENT_BACKOFF_MS,
  CONNECT_MS,
  HEARTBEAT_JITTER_MS,
  POLL_MS,
  RESTART_DELAY_MS,
} from '../model/bounds.ts';
import type { PhaseName } from '../model/fidelity.ts';
import type { SwarmSettings } from '../model/history.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import type { TimeRange } from '../model/verdict.ts';
import { strandedBy } from './claims-r.ts';
import { electionTimes, type ElectionTimes } from './election-times.ts';
import { formAt, leaderAt, stretchesOf, type FaultSpan, type Story } from './story.ts';

/** A look of the recorder, and the second in which it watches those that it watches less. */
export const SIGHT_MS = POLL_MS + 1000;
/** Making and starting a container beside the restart delay: 0.3 to 0.6 s measured, more where several start at once. */
export const START_MS = 2500;
/** From the start of a node to a daemon that speaks to its managers. */
const BOOT_MS = 4000;

const stretchesUnder = (story: Story, loss: FaultSpan): ReturnType<typeof stretchesOf> =>
  stretchesOf(story).filter((stretch) => stretch.faults.includes(loss));

export const keepsQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesUnder(story, loss).every((stretch) => stretch.quorum);

export const costsQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesOf(story).some((stretch) => !stretch.quorum && stretch.fromMs === loss.bittenMs);

export const givesQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesOf(story).some((stretch) => !stretch.quorum && stretch.toMs === loss.healBeginMs);

export function lostTheLeader(story: Story, loss: FaultSpan): boolean {
  const leader = leaderAt(story, loss.beginMs);
  return leader !== undefined && loss.nodes.includes(leader);
}

export const range = (lowMs: number, highMs: number, formula: string): TimeRange => ({
  ...{ lowMs, highMs },
  formula: `${lowMs / 1000} to ${highMs / 1000} s: ${formula}`,
});

/** Of every phase, whether the loss has it or not. */
export function rangesOf(story: Story, loss: FaultSpan): Readonly<Record<PhaseName, TimeRange>> {
  const { settings, nodes } = story.header;
  const managers = nodes.filter(({ role }) => role === 'manager');
  // Times count from when the fault was asked for; a graceful stop takes its time before anybody misses the node.
  const biteMs = Math.max(0, Math.round(loss.bittenMs - loss.beginMs));
  const [leastMs, mostMs] = restartDelays(story, loss);
  return {
    ...controlRanges(settings, electionTimes(settings, managers.length), biteMs, loss),
    ...heartbeatRanges(settings, biteMs),
    'down to refill': range(-SIGHT_MS, SIGHT_MS, 'at once, as the recorder sees it'),
    'refill to running': range(
      leastMs - POLL_MS,
      mostMs + START_MS,
      `the restart delay, and up to ${START_MS / 1000} s to start`,
    ),
  };
}

function controlRanges(
  { tickMs, electionTicks }: SwarmSettings,
  election: ElectionTimes,
  biteMs: number,
  { fault }: FaultSpan,
): Readonly<
  Record<'fault to leader' | 'fault to error' | 'heal to leader' | 'heal to ready', TimeRange>
> {
  const ticks = (count: number): number => count * electionTicks * tickMs;
  const isDead = fault.kind === 'kill' || fault.kind === 'stop';
  const bootMs = isDead ? BOOT_MS : 0;
  return {
    'fault to leader': range(election.leastMs, election.mostMs + SIGHT_MS + biteMs, election.words),
    'fault to error': range(
      ticks(2) - tickMs,
      ticks(3.1) + SIGHT_MS + biteMs,
      'one or two election timeouts to step down or campaign, and one without a leader',
    ),
    'heal to leader': range(
      0,
      ticks(isDead ? 2.6 : 5.4) + bootMs + SIGHT_MS,
      'the election timeouts of two managers racing, over again after a cut',
    ),
    'heal to ready': range(
      0,
      CONNECT_MS + AGENT_BACKOFF_MS + bootMs + SIGHT_MS + (isDead ? 0 : ticks(3)),
      'a hanging connection, a back-off, and where the node deposes the leader an election',
    ),
  };
}

function heartbeatRanges(
  { heartbeatMs }: SwarmSettings,
  biteMs: number,
): Readonly<Record<'fault to down' | 'leader to down', TimeRange>> {
  const [short, long] = [heartbeatMs - HEARTBEAT_JITTER_MS, heartbeatMs + HEARTBEAT_JITTER_MS];
  return {
    'fault to down': range(
      3 * short - long,
      3 * long + SIGHT_MS + biteMs,
      'three heartbeat periods since the last heartbeat',
    ),
    'leader to down': range(
      6 * short - SIGHT_MS,
      6 * long + SIGHT_MS,
      'six heartbeat periods, the grace of a node that a new leader has not heard',
    ),
  };
}

/** The shortest and the longest of the services whose tasks the loss stranded. */
function restartDelays(story: Story, loss: FaultSpan): readonly [number, number] {
  const delays = strandedBy(story, loss).map(({ service }) => {
    const spec = formAt(story.services.get(service), loss.beginMs)?.spec;
    const delay = spec?.TaskTemplate.RestartPolicy?.Delay;
    return delay === undefined ? RESTART_DELAY_MS : delay / NANOSECONDS_PER_MS;
  });
  if (delays.length === 0) return [RESTART_DELAY_MS, RESTART_DELAY_MS];
  return [Math.min(...delays), Math.max(...delays)];
}
