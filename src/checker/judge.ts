/** Judges the claims of one history. */
import { LOAD_MS } from '../model/bounds.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { ClaimId } from '../model/scenario.ts';
import type { ClaimVerdict } from '../model/verdict.ts';
import { c1, c2, c3, c4 } from './claims-c.ts';
import { d1, d2, d3, d4, d5, d6 } from './claims-d.ts';
import { l1, l2 } from './claims-l.ts';
import { m1, m2, m5 } from './claims-m-joining.ts';
import { m10, m8 } from './claims-m-machine.ts';
import { m3, m4, m9 } from './claims-m-roles.ts';
import { m6, m7 } from './claims-m-told.ts';
import { n1, n2, n3, n4, n5, n6 } from './claims-n.ts';
import { q10 } from './claims-q-joiner.ts';
import { q7, q8, q9, q11 } from './claims-q-majority.ts';
import { q1, q2, q3, q4, q5, q6 } from './claims-q.ts';
import { r6 } from './claims-r-policy.ts';
import { r1, r2, r3, r4, r5, r7 } from './claims-r.ts';
import { s10, s11, s8 } from './claims-s-content.ts';
import { s3, s7 } from './claims-s-seen.ts';
import { s4 } from './claims-s-spread.ts';
import { s1, s2, s5, s6, s9 } from './claims-s.ts';
import { u6, u7, u8, u9 } from './claims-u-specs.ts';
import { u1, u2, u3, u4, u5 } from './claims-u.ts';
import { inconclusive, seconds } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { tellStory } from './story.ts';
import { strainOf } from './strain.ts';
import type { Strain } from './strain.ts';
import type { Story } from './story.ts';

export const CLAIMS: Readonly<Record<ClaimId, Claim>> = {
  ...{ Q1: q1, Q2: q2, Q3: q3, Q4: q4, Q5: q5, Q6: q6, Q7: q7, Q8: q8, Q9: q9, Q10: q10, Q11: q11 },
  ...{ R1: r1, R2: r2, R3: r3, R4: r4, R5: r5, R6: r6, R7: r7 },
  ...{ N1: n1, N2: n2, N3: n3, N4: n4, N5: n5, N6: n6 },
  ...{ D1: d1, D2: d2, D3: d3, D4: d4, D5: d5, D6: d6 },
  ...{ S1: s1, S2: s2, S3: s3, S4: s4, S5: s5, S6: s6, S7: s7, S8: s8, S9: s9 },
  ...{ S10: s10, S11: s11 },
  ...{ C1: c1, C2: c2, C3: c3, C4: c4 },
  ...{ M1: m1, M2: m2, M3: m3, M4: m4, M5: m5, M6: m6, M7: m7, M8: m8, M9: m9, M10: m10 },
  ...{ L1: l1, L2: l2 },
  ...{ U1: u1, U2: u2, U3: u3, U4: u4, U5: u5, U6: u6, U7: u7, U8: u8, U9: u9 },
};

/** One verdict per claim of the history's scenario. Where the judge could not see enough, nothing holds. */
export function judgeClaims(records: readonly HistoryRecord[]): readonly ClaimVerdict[] {
  const story = tellStory(records);
  if (story === null) return [];
  const { scenario, header } = story;
  const doubt = doubtOf(story);
  return scenario.claims.map((id) => ({ id, subject: header.subject, ...judge(story, id, doubt) }));
}

function judge(story: Story, id: ClaimId, doubt: Doubt | null): Opinion {
  const opinion = CLAIMS[id](story);
  if (doubt === null && opinion.verdict === 'fails') return excused(opinion, strainOf(story));
  if (doubt === null || (opinion.verdict === 'fails' && !doubt.partial)) return opinion;
  return inconclusive(
    `${doubt.reason}; otherwise it ${opinion.verdict === 'inconclusive' ? 'is inconclusive' : opinion.verdict}: ${opinion.reason}`,
    [...doubt.evidence, ...opinion.evidence],
  );
}

/** A failure on a machine that was short of time proves nothing; what held in spite of it holds. */
const excused = (opinion: Opinion, strain: Strain | null): Opinion =>
  strain === null
    ? opinion
    : inconclusive(`${strain.reason}; otherwise it fails: ${opinion.reason}`, [
        ...strain.evidence,
        ...opinion.evidence,
      ]);

interface Doubt {
  readonly reason: string;
  readonly evidence: readonly number[];
  /** What came later is missing, so that even a failure may only be something that was not waited for. */
  readonly partial: boolean;
}

/** Why a claim cannot be said to hold on this history: it is not whole, or somebody was not looking. */
export function doubtOf(story: Story): Doubt | null {
  if (story.end === undefined)
    return { reason: 'the history was cut off', evidence: [], partial: true };
  if (story.end.outcome === 'aborted')
    return {
      reason: `the run was aborted: ${story.end.text}`,
      evidence: [story.end.n],
      partial: true,
    };
  return unprovedFault(story) ?? blindSpot(story);
}

/** A fault that may not have been there proves nothing. */
function unprovedFault({ faults }: Story): Doubt | null {
  const fault = faults.find(({ isProved }) => !isProved);
  return fault === undefined
    ? null
    : {
        ...{ evidence: fault.records, partial: true },
        reason: `it was never proved that the fault ${fault.name} was in force`,
      };
}

/** A look takes up to its patience to fail, and a daemon that comes back some seconds to answer. */
const PATIENCE_MS = 4000;

function blindSpot(story: Story): Doubt | null {
  for (const [node, answers] of story.engines) {
    for (const [index, answer] of answers.entries()) {
      if (answer.answers) continue;
      const untilMs = answers[index + 1]?.atMs ?? story.endMs;
      const blindMs = unexplained(story, node, answer.atMs, untilMs);
      if (blindMs > PATIENCE_MS)
        return {
          reason: `the engine of ${node} could not be watched for ${seconds(blindMs)} without a fault on it (${answer.text})`,
          evidence: [answer.n],
          partial: false,
        };
    }
  }
  return null;
}

/** How much of a stretch no fault on the node explains. */
function unexplained(story: Story, node: string, fromMs: number, toMs: number): number {
  const covering = story.faults.filter(
    (fault) =>
      fault.nodes.includes(node) && fault.beginMs < toMs && fault.healedMs + LOAD_MS > fromMs,
  );
  const covered = covering.reduce(
    (sum, fault) =>
      sum +
      Math.min(toMs, fault.healedMs + LOAD_MS) -
      Math.max(fromMs, fault.beginMs - PATIENCE_MS),
    0,
  );
  return Math.max(0, toMs - fromMs - covered);
}
