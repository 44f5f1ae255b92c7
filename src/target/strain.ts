/**
 * Watches the machine itself, so that the judge can tell a swarm that is late from a machine that had no time for it. Says nothing on a machine that keeps up.
 */
import { readFileSync } from 'node:fs';
import type { StrainSeen } from '../model/history.ts';
import type { Target } from './target.ts';

const EVERY_MS = 1000;
/** With two cores and two clusters under faults 0.8 is seen in single seconds at rest; three runs at once keep it at 0.95 and more. */
const STRAINED_PRESSURE = 0.95;
const STRAINED_LAG_MS = 500;
const PRESSURE_FILE = '/proc/pressure/cpu';

/** The target, with the machine watched for as long as it is. */
export function withStrain(target: Target): Target {
  let stop: () => void = () => undefined;
  return {
    ...target,
    watch: (seen) => {
      stop = watchStrain(seen);
      target.watch(seen);
    },
    stop: () => {
      stop();
      return target.stop();
    },
  };
}

/** Starts watching; the answer stops it. */
function watchStrain(seen: (strain: StrainSeen) => void): () => void {
  let before = { atMs: performance.now(), stalled: stalledMs() };
  const timer = setInterval(() => {
    const now = { atMs: performance.now(), stalled: stalledMs() };
    const strain = strainBetween(before, now);
    before = now;
    if (strain !== null) seen(strain);
  }, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

interface Reading {
  readonly atMs: number;
  /** Milliseconds since the machine started in which something waited for a core; null where the kernel does not say. */
  readonly stalled: number | null;
}

/** What one round of the watch shows; null when the machine kept up. */
export function strainBetween(before: Reading, now: Reading): StrainSeen | null {
  const tookMs = now.atMs - before.atMs;
  const lagMs = Math.max(0, Math.round(tookMs - EVERY_MS));
  const stalled = (now.stalled ?? 0) - (before.stalled ?? 0);
  const pressure = Math.min(1, Math.round((stalled / tookMs) * 100) / 100);
  return pressure >= STRAINED_PRESSURE || lagMs >= STRAINED_LAG_MS
    ? { what: 'strain', pressure, lagMs }
    : null;
}

function stalledMs(): number | null {
  try {
    return parsePressure(readFileSync(PRESSURE_FILE, 'utf8'));
  } catch (caught) {
    // A kernel without pressure accounting; the recorder's own lag still tells.
    const { code } = caught as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EOPNOTSUPP') return null;
    throw caught;
  }
}

/** Reads `some … total=MICROSECONDS`. */
export function parsePressure(text: string): number | null {
  const total = /^some .*total=(\d+)$/m.exec(text)?.[1];
  return total === undefined ? null : Number(total) / 1000;
}
