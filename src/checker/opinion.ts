/** How a claim answers. */
import type { Verdict } from '../model/verdict.ts';
import type { Story } from './story.ts';

export interface Opinion {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly evidence: readonly number[];
}

/** A claim: one history's story in, one opinion out. */
export type Claim = (story: Story) => Opinion;

type Evidence = readonly (number | undefined)[];

const opinion = (verdict: Verdict, reason: string, evidence: Evidence): Opinion => ({
  verdict,
  reason,
  evidence: [...new Set(evidence.filter((n) => n !== undefined))].sort((a, b) => a - b),
});

export const holds = (reason: string, evidence: Evidence = []): Opinion =>
  opinion('holds', reason, evidence);
export const fails = (reason: string, evidence: Evidence = []): Opinion =>
  opinion('fails', reason, evidence);
export const inconclusive = (reason: string, evidence: Evidence = []): Opinion =>
  opinion('inconclusive', reason, evidence);

/** The worst of several: a failure first, then what is open; all reasons of the winning kind are kept. */
export function worstOf(opinions: readonly Opinion[], nothing: string): Opinion {
  if (opinions.length === 0) return inconclusive(nothing);
  for (const verdict of ['fails', 'inconclusive', 'holds'] as const) {
    const of = opinions.filter((each) => each.verdict === verdict);
    if (of.length === 0) continue;
    const reasons = [...new Set(of.map((each) => each.reason))];
    const shown = verdict === 'holds' ? reasons.slice(0, 3) : reasons;
    return opinion(
      verdict,
      shown.join('; '),
      of.flatMap((each) => each.evidence),
    );
  }
  return inconclusive(nothing);
}

export const seconds = (ms: number): string =>
  Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
