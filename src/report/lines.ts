/** Plain lines for a terminal or a log: what did not hold, what differs, and the sum. */
import type { Beside, ScenarioVerdict, VerdictSummary } from '../model/verdict.ts';
import { isOwn, nameOf, notPlayedOn, summarize } from '../model/verdict.ts';
import { matrixLines } from './matrix.ts';
import { pinText } from './pin-text.ts';
import { playLines } from './plays.ts';
import { commandOf } from './reproduce.ts';
import { sinceText } from './since.ts';
import { timeLines } from './timing-plot.ts';
import { wordOf } from './verdict-mark.ts';

export function renderLines(
  scenarios: readonly ScenarioVerdict[],
  { facts = {}, matrix, since }: Beside = {},
): readonly string[] {
  const sum = summarize(scenarios);
  return [
    ...scenarios.flatMap(scenarioLines),
    ...matrixLines(scenarios, matrix ?? null),
    ...factLines(facts),
    `${sumText(sum)}; ${stepsText(sum.illegal, sum.own)}`,
    ...(since === undefined ? [] : [`since ${since.run}: ${sinceText(since)}`]),
  ];
}

/** `engine: 26.1; kernel: 6.18; IPVS: no`: what the run ran on. */
export function factLines(facts: Readonly<Record<string, string>>): readonly string[] {
  const told = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return told.length === 0 ? [] : [told.join('; ')];
}

/** `120 hold, 0 fail, 1 inconclusive; 20 same, 0 different`, and what there is besides. */
export const sumText = (sum: VerdictSummary): string => {
  const { holds, fails, inconclusive, unstable, known, notPlayed, same, different } = sum;
  return [
    `${holds} hold, ${fails} fail, ${inconclusive} inconclusive`,
    ...(unstable === 0 ? [] : [`, ${unstable} unstable`]),
    ...(known === 0 ? [] : [`, ${known} known to differ`]),
    `; ${same} same, ${different} different`,
    ...(notPlayed === 0 ? [] : [`; ${notPlayed} not played`]),
  ].join('');
};

const stepsText = (illegal: number, own: number): string =>
  `${illegal} illegal steps${own === 0 ? '' : `, and ${own} of real Swarm's own`}`;

/** One line for a scenario, and one more for each thing that is not as it should be. */
export function scenarioLines(verdict: ScenarioVerdict): readonly string[] {
  const { sameness, comparison } = verdict;
  const bad = verdict.claims.filter((claim) => claim.verdict !== 'holds');
  const held = verdict.claims.length - bad.length;
  const notPlayed = notPlayedOn(verdict);
  const name = nameOf(verdict).padEnd(44);
  const [left = 'swarm', right = 'twin'] = new Set(verdict.claims.map((claim) => claim.subject));
  const first = comparison.differences.find((difference) => difference.known === undefined);
  const other = first?.subject ?? right;
  const isCalm =
    bad.every((claim) => claim.verdict === 'known') &&
    verdict.steps.length === 0 &&
    (sameness === 'same' || sameness === 'not-compared');
  return [
    `${name} ${held}/${verdict.claims.length} hold, ${wordOf(sameness)}, ${verdict.seconds.toFixed(0)} s`,
    ...notPlayed.map(([subject, reason]) => `  not played on ${subject}: ${reason}`),
    ...bad.map(
      (claim) => `  ${claim.id} on ${claim.subject} ${wordOf(claim.verdict)}: ${claim.reason}`,
    ),
    ...verdict.steps.map(
      (step) =>
        `  illegal step${isOwn(step) ? ", real Swarm's own" : ` on ${step.subject}`}: ${step.text}`,
    ),
    ...(sameness === 'inconclusive' || sameness === 'unstable'
      ? [`  comparison ${sameness}: ${comparison.reason}`]
      : []),
    ...playLines(verdict).map((line) => `  ${line}`),
    ...(first === undefined
      ? []
      : [
          `  first difference: ${first.field}`,
          `    ${left}:`.padEnd(11) + first.left,
          `    ${other}:`.padEnd(11) + first.right,
        ]),
    ...(verdict.pins ?? []).map((pin) => `  ${pinText(pin)}`),
    ...timeLines(verdict).map((line) => `  ${line}`),
    ...comparison.healed.map((entry) => `  known divergence that was not seen: ${entry}`),
    ...(isCalm ? [] : [`  again: ${commandOf(verdict)}`]),
  ];
}
