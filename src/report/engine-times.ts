/** The times of real Swarm that differ between engines, for every form of report. */
import type { EngineMatrix, EngineTime } from '../model/verdict.ts';
import { escape, secondsText } from './escape.ts';
import { quantile, saysText } from './timing-plot.ts';

const differing = ({ times = [] }: EngineMatrix): readonly EngineTime[] =>
  times.filter(({ test }) => test.says === 'differ');

/** `2 of 40 times differ between engines`, and how many were too few to tell; '' where nothing was played several times. */
export function engineTimesText(matrix: EngineMatrix): string {
  const { times = [] } = matrix;
  if (times.length === 0) return '';
  const few = times.filter(({ test }) => test.says === 'too few').length;
  const open = few === 0 ? '' : `, ${few} were measured too few times to tell`;
  return `${differing(matrix).length} of ${times.length} times of real Swarm differ between engines${open}`;
}

const medianText = (ms: readonly number[]): string =>
  `${secondsText(quantile(ms, 0.5))} (${ms.length} times)`;

/** A row for each time that differs: scenario, time, engines, medians, and what the rank test says. */
export const engineTimeRows = (matrix: EngineMatrix): readonly (readonly string[])[] =>
  differing(matrix).map(({ scenario, fault, name, from, to, beforeMs, afterMs, test }) => [
    ...[scenario, `${fault}: ${name}`, `${from} to ${to}`],
    ...[medianText(beforeMs), medianText(afterMs), saysText(to, test)],
  ]);

export const ENGINE_TIME_HEADS = ['scenario', 'time', 'engines', 'was', 'became', 'rank test'];

/** The part of the page; '' where nothing was played several times. */
export function engineTimesHtml(matrix: EngineMatrix): string {
  const text = engineTimesText(matrix);
  if (text === '') return '';
  const heads = ENGINE_TIME_HEADS.map((head) => `<th scope="col">${head}</th>`).join('');
  const rows = engineTimeRows(matrix).map(
    (row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`,
  );
  const table =
    rows.length === 0
      ? ''
      : `<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  return `<h4>Times</h4><p>${escape(text)}.</p>${table}`;
}
