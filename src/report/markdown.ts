/** A summary for pull requests and issues. */
import type { EngineMatrix, ScenarioVerdict } from '../model/verdict.ts';
import { isOwn, nameOf, summarize } from '../model/verdict.ts';
import { matrixMarkdown } from './matrix.ts';
import { pinText } from './pin-text.ts';
import { playLines } from './plays.ts';
import { timeLines } from './timing-plot.ts';

export function renderMarkdown(
  scenarios: readonly ScenarioVerdict[],
  matrix: EngineMatrix | null = null,
): string {
  const { holds, fails, inconclusive, unstable, same, different } = summarize(scenarios);
  const rows = scenarios.map((verdict) => {
    const count = (wanted: string): number =>
      verdict.claims.filter((claim) => claim.verdict === wanted).length;
    return `| ${nameOf(verdict)} | ${count('holds')} | ${count('fails')} | ${count('inconclusive')} | ${verdict.sameness} | ${verdict.seconds.toFixed(0)} s |`;
  });
  const open = scenarios.flatMap(troubles);
  return [
    `**${holds} hold, ${fails} fail, ${inconclusive} inconclusive${unstable === 0 ? '' : `, ${unstable} unstable`}; ${same} same, ${different} different**`,
    ...matrixMarkdown(scenarios, matrix),
    '',
    '| scenario | holds | fails | inconclusive | compared | time |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...(open.length === 0 ? [] : ['', ...open]),
    '',
  ].join('\n');
}

function troubles(verdict: ScenarioVerdict): readonly string[] {
  const name = nameOf(verdict);
  const claims = verdict.claims
    .filter((claim) => claim.verdict !== 'holds')
    .map(
      (claim) =>
        `- ${name} **${claim.id}** on ${claim.subject} ${claim.verdict}: ${cell(claim.reason)}`,
    );
  const plays = playLines(verdict).map((line) => `- ${name} ${cell(line)}`);
  const { sameness, comparison } = verdict;
  const compared = sameness === 'same' ? [] : [`- ${name} ${sameness}: ${cell(comparison.reason)}`];
  const steps = verdict.steps.map(
    (step) =>
      `- ${name} ${isOwn(step) ? "real Swarm's own illegal step" : `**illegal step** on ${step.subject}`}: ${cell(step.text)}`,
  );
  const known = comparison.differences.flatMap((difference) =>
    difference.known === undefined
      ? []
      : [`- ${name} known difference in \`${difference.field}\`: ${cell(difference.known)}`],
  );
  const pins = (verdict.pins ?? []).map((pin) => `- ${name} ${cell(pinText(pin))}`);
  const times = timeLines(verdict).map((line) => `- ${name} ${cell(line)}`);
  return [...claims, ...steps, ...compared, ...plays, ...pins, ...known, ...times];
}

const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
