/**
 * How long each phase of an outage lasted, and the range that real Swarm shows for it. The ranges follow from the cluster's settings; where
 * chance has a say they are as wide as it was measured to be (reference/measured.md, points 1 to 10), and no wider.
 */
import type { Phase, PhaseName, PhaseVerdict } from '../model/fidelity.ts';
import { costsQuorum, givesQuorum, keepsQuorum, lostTheLeader, rangesOf } from './phase-ranges.ts';
import { lossesOf, type FaultSpan, type Story } from './story.ts';
import { timesOf, type Times } from './timing.ts';

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
