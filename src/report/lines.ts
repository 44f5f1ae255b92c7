/** Plain lines for a terminal or a log: what did not hold, what differs, and the sum. */
import type { Beside, ScenarioVerdict } from '../model/verdict.ts';
import { isOwn, nameOf, summarize } from '../model/verdict.ts';
import { matrixLines } from './matrix.ts';
import { pinText } from './pin-text.ts';
import { playLines } from './plays.ts';
import { commandOf } from './reproduce.ts';
import { sinceText } from './since.ts';
import { timeLines } from './timing-plot.ts';

export function renderLines(
  scenarios: readonly ScenarioVerdict[],
  { matrix, since }: Beside = {},
): readonly string[] {
  const { holds, fails, inconclusive, unstable, same, different, illegal, own } =
    summarize(scenarios);
  return [
    ...scenarios.flatMap(scenarioLines),
    ...matrixLines(scenarios, matrix ?? null),
    `${holds} hold, ${fails} fail, ${inconclusive} inconclusive${unstable === 0 ? '' : `, ${unstable} unstable`}; ${same} same, ${different} different; ${stepsText(illegal, own)}`,
    ...(since === undefined ? [] : [`since ${since.run}: ${sinceText(since)}`]),
  ];
}

const stepsText = (illegal: number, own: number): string =>
  `${illegal} illegal steps of tasks${own === 0 ? '' : `, and ${own} of real Swarm's own`}`;

/** One line for a scenario, and one more for each thing that is not as it should be. */
export function scenarioLines(verdict: ScenarioVerdict): readonly string[] {
  const { sameness, comparison } = verdict;
  const bad = verdict.claims.filter((claim) => claim.verdict !== 'holds');
  const held = verdict.claims.length - bad.length;
  const name = nameOf(verdict).padEnd(44);
  const [left = 'swarm', right = 'twin'] = new Set(verdict.claims.map((claim) => claim.subject));
  const first = comparison.differences.find((difference) => difference.known === undefined);
  const other = first?.subject ?? right;
  const isCalm = bad.length + verdict.steps.length === 0 && sameness === 'same';
  return [
    `${name} ${held}/${verdict.claims.length} hold, ${sameness}, ${verdict.seconds.toFixed(0)} s`,
    ...bad.map((claim) => `  ${claim.id} on ${claim.subject} ${claim.verdict}: ${claim.reason}`),
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
