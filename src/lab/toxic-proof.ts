/** What a greeting through a link must look like while a toxic is on it, and whether that can be seen at all. Pure. */
import type { LinkToxic } from '../model/fault.ts';
import type { Probe } from './link-probe.ts';

/** How to see a toxic at work. */
export interface Expectation {
  readonly probe: 'greet' | 'close';
  readonly waitMs: number;
  /** Undefined means as it must be; else what is wrong, in words. */
  wrongWith(seen: Probe | number | undefined): string | undefined;
}

/** Bytes of a greeting, at least: what a limit in bytes is compared with. */
const GREETING_BYTES = 300;
/** A silence this long is believed, next to an answer within milliseconds past the proxy. */
const SILENCE_MS = 400;
const LONGEST_MS = 3000;

/**
 * What to expect of a link whose target answers directly in `directMs`. Undefined where the effect is too small to be seen by a greeting:
 * then only the proxy's own list of toxics is the proof, and the proof says so.
 */
export function expectationOf(toxic: LinkToxic, directMs: number): Expectation | undefined {
  switch (toxic.kind) {
    case 'drop':
      return greeting(Math.min(LONGEST_MS, Math.max(SILENCE_MS, 10 * directMs)), (probe) =>
        probe.outcome === 'silent' ? undefined : probe.outcome,
      );
    case 'reset':
      return greeting(LONGEST_MS, (probe) =>
        probe.outcome === 'closed' ? undefined : probe.outcome,
      );
    case 'latency':
      return slowness(toxic.latencyMs - toxic.jitterMs);
    case 'bandwidth':
      return slowness(GREETING_BYTES / toxic.kilobytesPerSecond);
    case 'slow-close':
      return slowClose(toxic.delayMs);
    case 'cut-after':
      if (toxic.bytes >= GREETING_BYTES) return undefined;
      return greeting(LONGEST_MS, (probe) =>
        probe.isComplete ? 'the greeting was completed' : undefined,
      );
  }
}

function greeting(waitMs: number, wrong: (probe: Probe) => string | undefined): Expectation {
  return {
    probe: 'greet',
    waitMs,
    wrongWith: (seen) =>
      typeof seen === 'object' ? wrong(seen) : 'the link was not greeted at all',
  };
}

/** The greeting takes at least `floorMs`; seen from 20 ms on. */
function slowness(floorMs: number): Expectation | undefined {
  if (!(floorMs >= 20)) return undefined;
  const watchedMs = Math.min(floorMs, LONGEST_MS);
  return greeting(watchedMs + SILENCE_MS, (probe) => {
    if (probe.outcome === 'closed' || probe.outcome === 'unreachable') return probe.outcome;
    return probe.tookMs >= watchedMs * 0.95 ? undefined : `answered after ${probe.tookMs} ms`;
  });
}

function slowClose(delayMs: number): Expectation | undefined {
  if (delayMs < 20) return undefined;
  const watchedMs = Math.min(delayMs, LONGEST_MS);
  return {
    probe: 'close',
    waitMs: watchedMs + SILENCE_MS,
    wrongWith: (seen) => {
      if (seen === undefined) return undefined;
      if (typeof seen !== 'number') return 'the link was not closed at all';
      return seen >= watchedMs * 0.95 ? undefined : `closed after ${seen} ms`;
    },
  };
}
