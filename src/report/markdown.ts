/** A summary for pull requests and issues. */
import type { Beside, ClaimVerdict, ScenarioVerdict } from '../model/verdict.ts';
import { isOwn, nameOf, notPlayedOn, summarize } from '../model/verdict.ts';
import { factLines, sumText } from './lines.ts';
import { matrixMarkdown } from './matrix.ts';
import { pinText } from './pin-text.ts';
import { playLines } from './plays.ts';
import { commandOf } from './reproduce.ts';
import { changeText, sinceText } from './since.ts';
import { timeLines } from './timing-plot.ts';
import { wordOf } from './verdict-mark.ts';

export function renderMarkdown(
  scenarios: readonly ScenarioVerdict[],
  { facts = {}, matrix, since }: Beside = {},
): string {
  const rows = scenarios.map((verdict) => {
    const count = (wanted: string): number =>
      verdict.claims.filter((claim) => claim.verdict === wanted).length;
    return `| ${nameOf(verdict)} | ${count('holds')} | ${count('fails')} | ${count('inconclusive')} | ${wordOf(verdict.sameness)} | ${verdict.seconds.toFixed(0)} s |`;
  });
  const open = scenarios.flatMap(troubles);
  const changed = since === undefined ? [] : ['', `Since ${since.run}: ${sinceText(since)}.`];
  const changes = (since?.changes ?? []).map((change) => `- ${cell(changeText(change))}`);
  return bounded([
    `**${sumText(summarize(scenarios))}**`,
    ...factLines(facts).flatMap((line) => ['', cell(line)]),
    ...changed,
    ...(changes.length === 0 ? [] : ['', ...changes]),
    ...matrixMarkdown(scenarios, matrix ?? null),
    '',
    '| scenario | holds | fails | inconclusive | compared | time |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...(open.length === 0 ? [] : ['', ...open]),
  ]);
}

/** Pages of CI systems take so much, and no more. */
export const MOST_CHARACTERS = 190_000;
const LONGEST_LINE = 2000;

/** As many whole lines as there is room for; what is left out is counted. */
function bounded(lines: readonly string[]): string {
  const kept: string[] = [];
  let room = MOST_CHARACTERS;
  for (const line of lines) {
    const short = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
    room -= utf8Length(short) + 1;
    if (room < 0) break;
    kept.push(short);
  }
  const left = lines.length - kept.length;
  const more = left === 0 ? [] : ['', `and ${left} more lines: see report.html`];
  return [...kept, ...more, ''].join('\n');
}

const utf8Length = (text: string): number =>
  encodeURIComponent(wellFormed(text)).replace(/%../g, 'x').length;

/** Half a character (a lone surrogate) cannot be written as UTF-8. */
const wellFormed = (text: string): string => text.replace(/[\ud800-\udfff]/g, '??');

function troubles(verdict: ScenarioVerdict): readonly string[] {
  const name = nameOf(verdict);
  const lineOf = ({ id, subject, verdict: said, reason }: ClaimVerdict): string =>
    `- ${name} **${id}** on ${subject} ${wordOf(said)}: ${cell(reason)}`;
  const open = verdict.claims.filter((claim) => claim.verdict !== 'holds');
  const claims = open.filter((claim) => claim.verdict !== 'known').map(lineOf);
  const declared = open.filter((claim) => claim.verdict === 'known').map(lineOf);
  const notPlayed = notPlayedOn(verdict).map(
    ([subject, reason]) => `- ${name} not played on ${subject}: ${cell(reason)}`,
  );
  const plays = playLines(verdict).map((line) => `- ${name} ${cell(line)}`);
  const { sameness, comparison } = verdict;
  const isCompared = sameness !== 'same' && sameness !== 'not-compared';
  const compared = isCompared ? [`- ${name} ${sameness}: ${cell(comparison.reason)}`] : [];
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
  const told = [...claims, ...steps, ...compared, ...plays, ...pins];
  const again = told.length === 0 ? [] : [`- ${name} again: \`${commandOf(verdict)}\``];
  const times = timeLines(verdict).map((line) => `- ${name} ${cell(line)}`);
  return [...told, ...again, ...notPlayed, ...declared, ...known, ...times];
}

const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
