/** A run with several engines: a column for each, and what changed from one to the next. */
import { WEIGHTS } from '../model/evidence.ts';
import type { EngineLine } from '../model/engines.ts';
import type { RunReport } from '../model/timeline.ts';
import type { EngineChange, EngineMatrix, ScenarioVerdict } from '../model/verdict.ts';
import { anchorOf, notPlayedOn } from '../model/verdict.ts';
import {
  ENGINE_TIME_HEADS,
  engineTimeRows,
  engineTimesHtml,
  engineTimesText,
} from './engine-times.ts';
import { escape } from './escape.ts';
import { wordOf } from './verdict-mark.ts';

const KINDS: Readonly<Record<EngineChange['kind'], string>> = {
  ...WEIGHTS,
  claim: 'a claim came out otherwise',
};

/** A scenario on every engine of a run; null where it was not played on one. */
export interface MatrixRow {
  readonly scenario: string;
  readonly cells: readonly (ScenarioVerdict | null)[];
}

export function matrixRows(
  verdicts: readonly ScenarioVerdict[],
  lines: readonly EngineLine[],
): readonly MatrixRow[] {
  const groups = Map.groupBy(verdicts, ({ suite, scenario }) => `${suite}/${scenario}`);
  return [...groups].map(([scenario, of]) => ({
    scenario,
    cells: lines.map((line) => of.find((verdict) => verdict.line === line) ?? null),
  }));
}

/** `8/8 hold, same`, and the claims that do not. */
export function cellText(verdict: ScenarioVerdict | null): string {
  if (verdict === null) return 'not played';
  const { claims, sameness } = verdict;
  const bad = claims.filter((claim) => claim.verdict !== 'holds');
  const names = bad.map(({ id, subject, verdict: how }) => `${id} on ${subject} ${wordOf(how)}`);
  const out = notPlayedOn(verdict).map(([subject]) => `not played on ${subject}`);
  const held = `${claims.length - bad.length}/${claims.length} hold`;
  return [held, wordOf(sameness), ...names, ...out].join(', ');
}

/** The section of the page; '' in a run with a single engine. */
export function matrixSection({ matrix, scenarios }: RunReport): string {
  if (matrix === undefined) return '';
  const rows = matrixRows(
    scenarios.map(({ verdict }) => verdict),
    matrix.lines,
  ).map(
    ({ scenario, cells }) =>
      `<tr><th scope="row">${escape(scenario)}</th>${cells.map(cellHtml).join('')}</tr>`,
  );
  const heads = matrix.lines.map((line) => `<th scope="col">${line}</th>`).join('');
  return `<h2 id="engines">Engines</h2><p class="dim">Real Swarm of each beside a twin on the same engine: claims that hold, and whether the two behave the same.</p>
<div class="scroll"><table><thead><tr><th scope="col">scenario</th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
${changesHtml(matrix)}`;
}

function cellHtml(verdict: ScenarioVerdict | null): string {
  if (verdict === null) return `<td class="dim">${cellText(verdict)}</td>`;
  const bad = verdict.claims.filter((claim) => claim.verdict !== 'holds');
  const held = verdict.claims.length - bad.length;
  const parts = [
    `<a href="#${anchorOf(verdict)}">${held}/${verdict.claims.length} hold</a>`,
    `<span class="${verdict.sameness}">${wordOf(verdict.sameness)}</span>`,
    ...bad.map(
      (claim) =>
        `<span class="${claim.verdict}" title="${escape(claim.reason)}">${claim.id} on ${claim.subject} ${wordOf(claim.verdict)}</span>`,
    ),
    ...notPlayedOn(verdict).map(
      ([subject, reason]) =>
        `<span class="dim" title="${escape(reason)}">not played on ${subject}</span>`,
    ),
  ];
  return `<td>${parts.join(', ')}</td>`;
}

function changesHtml(matrix: EngineMatrix): string {
  const { changes, compared, unclear } = matrix;
  const rows = changes.map(
    ({ scenario, kind, what, from, to, before, after }) =>
      `<tr><td>${escape(scenario)}<br><span class="dim">${KINDS[kind]}</span></td><td><code>${escape(what)}</code></td><td>${from} to ${to}</td><td><code>${escape(before)}</code></td><td><code>${escape(after)}</code></td></tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<div class="scroll"><table><thead><tr><th scope="col">scenario</th><th scope="col">what</th><th scope="col">engines</th><th scope="col">was</th><th scope="col">became</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  const open = unclear.map((text) => `<p class="inconclusive">${escape(text)}</p>`);
  return `<h3>What changed between engines</h3><p>${countText(changes.length, compared)}</p>${table}${open.join('')}${engineTimesHtml(matrix)}`;
}

/** `Nothing, in 10 comparisons of real Swarm with itself.` */
const countText = (changes: number, compared: number): string =>
  compared === 0
    ? 'nothing was compared, since real Swarm was not played whole on two of them.'
    : `${changes === 0 ? 'Nothing' : `${changes} ${changes === 1 ? 'thing' : 'things'}`}, in ${compared} comparisons of real Swarm of one engine with that of the next.`;

/** For pull requests; nothing in a run with a single engine. */
export function matrixMarkdown(
  verdicts: readonly ScenarioVerdict[],
  matrix: EngineMatrix | null,
): readonly string[] {
  if (matrix === null) return [];
  const { lines, changes, compared, unclear } = matrix;
  const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  const rows = matrixRows(verdicts, lines).map(
    ({ scenario, cells }) => `| ${[scenario, ...cells.map(cellText)].join(' | ')} |`,
  );
  const changed = changes.map(
    ({ scenario, kind, what, from, to, before, after }) =>
      `| ${[scenario, KINDS[kind], `\`${what}\``, `${from} to ${to}`, before, after].map(cell).join(' | ')} |`,
  );
  return [
    ...['', `| scenario | ${lines.join(' | ')} |`, `| --- |${' --- |'.repeat(lines.length)}`],
    ...rows,
    ...['', `**What changed between engines:** ${countText(changes.length, compared)}`],
    ...(changed.length === 0
      ? []
      : [
          '',
          '| scenario | kind | what | engines | was | became |',
          '| --- | --- | --- | --- | --- | --- |',
          ...changed,
        ]),
    ...unclear.map((text) => `- ${cell(text)}`),
    ...timesMarkdown(matrix),
  ];
}

function timesMarkdown(matrix: EngineMatrix): readonly string[] {
  const text = engineTimesText(matrix);
  const rows = engineTimeRows(matrix).map((row) => `| ${row.join(' | ')} |`);
  if (text === '') return [];
  const heads = [`| ${ENGINE_TIME_HEADS.join(' | ')} |`, `|${' --- |'.repeat(6)}`];
  return ['', `**Times:** ${text}.`, ...(rows.length === 0 ? [] : ['', ...heads, ...rows])];
}

/** For a terminal. */
export function matrixLines(
  verdicts: readonly ScenarioVerdict[],
  matrix: EngineMatrix | null,
): readonly string[] {
  if (matrix === null) return [];
  const rows = matrixRows(verdicts, matrix.lines).flatMap(({ scenario, cells }) => [
    scenario,
    ...cells.map((verdict, at) => `  ${(matrix.lines[at] ?? '').padEnd(6)} ${cellText(verdict)}`),
  ]);
  const changes = matrix.changes.flatMap(({ scenario, kind, what, from, to, before, after }) => [
    `  ${scenario}, ${from} to ${to}: ${KINDS[kind]}: ${what}`,
    ...[`    ${from}: ${before}`, `    ${to}: ${after}`],
  ]);
  return [
    ...['', ...rows],
    `what changed between engines: ${countText(matrix.changes.length, matrix.compared)}`,
    ...[...changes, ...matrix.unclear.map((text) => `  ${text}`)],
    ...[engineTimesText(matrix)].filter((text) => text !== ''),
    ...engineTimeRows(matrix).map((row) => `  ${row.join(', ')}`),
    '',
  ];
}
