/**
 * How long each phase of an outage lasted, and the range that real Swarm shows for it. The ranges follow from the cluster's settings; where
 * chance has a say they are as wide as it was measured to be (reference/measured.md, points 1 to 10), and no wider.
 */
import {
  AGENT_BACKOFF_MS,
  CONNECT_MS,
  HEARTBEAT_JITTER_MS,
  POLL_MS,
  RESTART_DELAY_MS,
} from '../model/bounds.ts';
import type { Phase, PhaseName, PhaseVerdict } from '../model/fidelity.ts';
import type { SwarmSettings } from '../model/history.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';
import { strandedBy } from './claims-r.ts';
import { formAt, leaderAt, lossesOf, stretchesOf, type FaultSpan, type Story } from './story.ts';
import { timesOf, type Times } from './timing.ts';

type Range = Omit<Phase, 'name' | 'fault' | 'ms'>;

/** A look of the recorder, and the second in which it watches those that it watches less. */
const SIGHT_MS = POLL_MS + 1000;
/** Making and starting a container beside the restart delay: 0.3 to 0.6 s measured, more where several start at once. */
const START_MS = 2500;
/** From the start of a node to a daemon that speaks to its managers. */
const BOOT_MS = 4000;

export function phasesOfOutage(story: Story): readonly Phase[] {
  return lossesOf(story).flatMap((loss) => phasesOfLoss(story, loss));
}

/** What was never seen is in no range. */
export const isInRange = (
  ms: number | null,
  { lowMs, highMs }: Pick<PhaseVerdict, 'lowMs' | 'highMs'>,
): boolean => ms !== null && ms >= lowMs && ms <= highMs;

function phasesOfLoss(story: Story, loss: FaultSpan): readonly Phase[] {
  const times = timesOf(story, loss);
  const ranges = rangesOf(story, loss);
  const between = (from: keyof Times | null, to: keyof Times): number | undefined => {
    const [begin, end] = [from === null ? 0 : times[from], times[to]];
    return begin === undefined || end === undefined ? undefined : end - begin;
  };
  const keeps = keepsQuorum(story, loss);
  const led = lostTheLeader(story, loss);
  const found: Partial<Record<PhaseName, number | undefined>> = keeps
    ? {
        ...(led
          ? {
              'fault to leader': between(null, 'to leader'),
              'leader to down': between('to leader', 'to down'),
            }
          : { 'fault to down': between(null, 'to down') }),
        'down to refill': between('to down', 'to refill'),
        'refill to running': between('to refill', 'to running'),
        'heal to ready': wasDown(times) ? between(null, 'heal to ready') : undefined,
      }
    : {
        ...(costsQuorum(story, loss) ? { 'fault to error': between(null, 'to error') } : {}),
        ...(givesQuorum(story, loss) ? { 'heal to leader': between(null, 'heal to leader') } : {}),
      };
  return Object.entries(found).flatMap(([name, ms]) => {
    const phase = name as PhaseName;
    if (ms === undefined || !Number.isFinite(ms)) return [];
    return [{ name: phase, fault: loss.name, ms: Math.round(ms), ...ranges[phase] }];
  });
}

/** A node that nobody gave up is ready all the time. */
const wasDown = (times: Times): boolean => times['to down'] !== undefined;

const stretchesUnder = (story: Story, loss: FaultSpan): ReturnType<typeof stretchesOf> =>
  stretchesOf(story).filter((stretch) => stretch.faults.includes(loss));

const keepsQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesUnder(story, loss).every((stretch) => stretch.quorum);

const costsQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesOf(story).some((stretch) => !stretch.quorum && stretch.fromMs === loss.bittenMs);

const givesQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesOf(story).some((stretch) => !stretch.quorum && stretch.toMs === loss.healBeginMs);

function lostTheLeader(story: Story, loss: FaultSpan): boolean {
  const leader = leaderAt(story, loss.beginMs);
  return leader !== undefined && loss.nodes.includes(leader);
}

const range = (lowMs: number, highMs: number, formula: string): Range => ({
  ...{ lowMs, highMs },
  formula: `${lowMs / 1000} to ${highMs / 1000} s: ${formula}`,
});

function rangesOf(story: Story, loss: FaultSpan): Readonly<Record<PhaseName, Range>> {
  const { settings } = story.header;
  // Times count from when the fault was asked for; a graceful stop takes its time before anybody misses the node.
  const biteMs = Math.max(0, Math.round(loss.bittenMs - loss.beginMs));
  const [leastMs, mostMs] = restartDelays(story, loss);
  return {
    ...controlRanges(settings, biteMs, loss),
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
  biteMs: number,
  { fault }: FaultSpan,
): Readonly<
  Record<'fault to leader' | 'fault to error' | 'heal to leader' | 'heal to ready', Range>
> {
  const ticks = (count: number): number => count * electionTicks * tickMs;
  const isDead = fault.kind === 'kill' || fault.kind === 'stop';
  const bootMs = isDead ? BOOT_MS : 0;
  return {
    'fault to leader': range(
      ticks(1) - 2 * tickMs,
      ticks(2.6) + biteMs,
      'an election timeout since the last heartbeat, and more where the first campaign fails',
    ),
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
): Readonly<Record<'fault to down' | 'leader to down', Range>> {
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
