import { describe, expect, test } from '@jest/globals';
import type { LinkToxic } from '../model/fault.ts';
import type { Probe, ProbeOutcome } from './link-probe.ts';
import { expectationOf } from './toxic-proof.ts';

const seen = (outcome: ProbeOutcome, tookMs: number, isComplete = false): Probe => ({
  outcome,
  tookMs,
  isComplete,
});
const healthy = seen('answered', 3, true);
const wrong = (toxic: LinkToxic, probe: Probe | number | undefined): string | undefined =>
  expectationOf(toxic, 3)!.wrongWith(probe);

describe('the proof of a toxic', () => {
  test.each<[LinkToxic, Probe | number | undefined]>([
    [{ kind: 'drop' }, seen('silent', 400)],
    [{ kind: 'reset' }, seen('closed', 2)],
    [{ kind: 'latency', latencyMs: 200, jitterMs: 50 }, seen('answered', 160, true)],
    [{ kind: 'latency', latencyMs: 20_000, jitterMs: 0 }, seen('silent', 3400)],
    [{ kind: 'bandwidth', kilobytesPerSecond: 2 }, seen('answered', 300, true)],
    [{ kind: 'slow-close', delayMs: 500 }, 505],
    [{ kind: 'slow-close', delayMs: 60_000 }, undefined],
    [{ kind: 'cut-after', bytes: 10 }, seen('answered', 2)],
  ])('%j is believed when it is seen', (toxic, probe) => {
    expect(wrong(toxic, probe)).toBeUndefined();
  });

  test.each<[LinkToxic, Probe | number]>([
    [{ kind: 'drop' }, healthy],
    [{ kind: 'drop' }, seen('closed', 2)],
    [{ kind: 'reset' }, healthy],
    [{ kind: 'reset' }, seen('silent', 3000)],
    [{ kind: 'latency', latencyMs: 200, jitterMs: 50 }, healthy],
    [{ kind: 'latency', latencyMs: 200, jitterMs: 50 }, seen('closed', 500)],
    [{ kind: 'bandwidth', kilobytesPerSecond: 2 }, healthy],
    [{ kind: 'slow-close', delayMs: 500 }, 2],
    [{ kind: 'cut-after', bytes: 10 }, healthy],
  ])('%j is not believed of a link that behaves otherwise', (toxic, probe) => {
    expect(wrong(toxic, probe)).toBeDefined();
  });

  test.each<[LinkToxic]>([
    [{ kind: 'latency', latencyMs: 100, jitterMs: 100 }],
    [{ kind: 'bandwidth', kilobytesPerSecond: 10_000 }],
    [{ kind: 'cut-after', bytes: 1_000_000 }],
  ])('%j is too small to be seen by a greeting, and says so', (toxic) => {
    expect(expectationOf(toxic, 3)).toBeUndefined();
  });

  test('a silence is waited for longer where answers take longer', () => {
    expect(expectationOf({ kind: 'drop' }, 100)!.waitMs).toBeGreaterThan(
      expectationOf({ kind: 'drop' }, 1)!.waitMs,
    );
  });
});
