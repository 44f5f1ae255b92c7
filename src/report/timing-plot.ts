/** How long things took: a table with what the settings allow, and for several plays a plot with a dot for each time. */
import type { Subject } from '../model/history.ts';
import type { RankTest, ScenarioVerdict, Spread, TimeRange, Timing } from '../model/verdict.ts';
import { isOutside } from '../model/verdict.ts';
import { escape, secondsText } from './escape.ts';

/** Added to the page's style. Subjects differ in shape and lightness too, so that no colour has to be told from another. */
export const PLOT_STYLE = `
.plot{margin:.8rem 0}.plot figcaption{font-weight:600}.plot svg{min-width:30rem;width:100%;display:block;font:11px system-ui,sans-serif}
.plot text{fill:var(--fg)}.plot .label{text-anchor:end}.plot .axis line{stroke:var(--line)}.plot .axis text{fill:var(--dim)}
.plot .allowed{fill:var(--line);opacity:.6}.plot .box{fill:none;stroke:var(--dim)}.plot .median{stroke:var(--fg);stroke-width:2}
.plot .mark{stroke:var(--bg);stroke-width:.5}.plot .s0{fill:var(--plot-0)}.plot .s1{fill:var(--plot-1)}.plot .s2{fill:var(--plot-2)}.plot .s3{fill:var(--plot-3)}.plot .s4{fill:var(--plot-4)}
:root{--plot-0:#0072b2;--plot-1:#d55e00;--plot-2:#009e73;--plot-3:#6f3b7e;--plot-4:#5b6470}
@media (prefers-color-scheme:dark){:root{--plot-0:#56b4e9;--plot-1:#e69f00;--plot-2:#4fd1a5;--plot-3:#d9a3cb;--plot-4:#9aa3ad}}
.outside{color:var(--bad);font-weight:600}
`;

/** The part of a scenario's section; '' where nothing took a time. */
export function timesSection({ timings, spreads = [] }: ScenarioVerdict): string {
  const plots = spreads.length === 0 ? '' : spreads.map(plotFigure).join('');
  if (timings.length === 0) return plots;
  return `<h3>Times</h3>${timingTable(timings)}${plots}`;
}

/** One row for each time; the slots of an update share one. */
function timingTable(timings: readonly Timing[]): string {
  const subjects = [...new Set(timings.map((timing) => timing.subject))];
  const groups = [...Map.groupBy(timings, ({ fault, name }) => `${fault}\t${name}`).values()];
  const rows = groups.map((of) => {
    const cells = subjects.map((subject) =>
      timeCell(of.filter((timing) => timing.subject === subject)),
    );
    const [first] = of;
    return `<tr><td>${escape(first?.fault ?? '')}</td><td>${escape(first?.name ?? '')}</td>${cells.join('')}<td>${rangeText(widestOf(of))}</td></tr>`;
  });
  const heads = subjects.map((subject) => `<th scope="col">${subject}</th>`).join('');
  return `<div class="scroll"><table><thead><tr><th scope="col">of</th><th scope="col">time</th>${heads}<th scope="col">the settings allow</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function timeCell(of: readonly Timing[]): string {
  if (of.length === 0) return '<td class="number">–</td>';
  const shown = of.map((timing) => {
    const where = timing.slot === undefined ? '' : ` title="${escape(timing.slot)}"`;
    const text = secondsText(timing.ms);
    return isOutside(timing)
      ? `<span class="outside"${where}>${text}, outside</span>`
      : `<span${where}>${text}</span>`;
  });
  return `<td class="number">${shown.join('<br>')}</td>`;
}

const widestOf = (of: readonly { readonly range?: TimeRange }[]): TimeRange | undefined =>
  of.flatMap(({ range }) => range ?? []).toSorted((a, b) => b.highMs - a.highMs)[0];

const rangeText = (range: TimeRange | undefined): string =>
  range === undefined ? '<span class="dim">no setting says</span>' : escape(range.formula);

const WIDTH = 700;
const LABEL = 110;
const ROW = 34;
const TOP = 16;

function plotFigure(spread: Spread): string {
  const { name, fault, sides, range } = spread;
  const all = sides.flatMap(({ ms }) => ms);
  const most = Math.max(1000, ...all, ...(range === undefined ? [] : [range.highMs])) * 1.05;
  const x = (ms: number): number => round(LABEL + (ms / most) * (WIDTH - LABEL - 8));
  const height = TOP + sides.length * ROW + 4;
  const allowed =
    range === undefined
      ? ''
      : `<rect class="allowed" x="${x(Math.max(0, range.lowMs))}" y="${TOP}" width="${round(x(range.highMs) - x(Math.max(0, range.lowMs)))}" height="${height - TOP}"><title>${escape(`allowed: ${range.formula}`)}</title></rect>`;
  const rows = sides.map((side, at) => sideRow(side, at, x));
  const words = sides.map(({ subject, ms }) => quantileText(subject, ms)).join('; ');
  return `<figure class="plot"><figcaption>${escape(`${fault}: ${name}`)} <span class="dim">${escape(testText(spread))}</span></figcaption><div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(`${fault}: ${name}. ${words}`)}">${axis(x, most, height)}${allowed}${rows.join('')}</svg></div><p class="dim">${escape(words)}</p></figure>`;
}

function axis(x: (ms: number) => number, mostMs: number, height: number): string {
  const step = [1, 2, 5, 10, 20, 50].find((each) => mostMs / 1000 / each <= 10) ?? 100;
  const lines: string[] = [];
  for (let at = 0; at * 1000 <= mostMs; at += step)
    lines.push(
      `<line x1="${x(at * 1000)}" x2="${x(at * 1000)}" y1="10" y2="${height}"/><text x="${x(at * 1000) + 2}" y="9">${at} s</text>`,
    );
  return `<g class="axis">${lines.join('')}</g>`;
}

function sideRow(
  { subject, ms }: Spread['sides'][number],
  at: number,
  x: (ms: number) => number,
): string {
  const y = TOP + at * ROW;
  const [low, median, high] = [quantile(ms, 0.25), quantile(ms, 0.5), quantile(ms, 0.75)];
  // Dots that would lie on each other step aside, always in the same way.
  const dots = ms.map((each, index) =>
    mark(at, x(each), y + 9 + ((index * 7) % 17), secondsText(each)),
  );
  return `<g><text class="label" x="${LABEL - 6}" y="${y + 20}">${subject}</text><rect class="box" x="${x(low)}" y="${y + 4}" width="${Math.max(1, round(x(high) - x(low)))}" height="${ROW - 8}"/><line class="median" x1="${x(median)}" x2="${x(median)}" y1="${y + 3}" y2="${y + ROW - 3}"/>${dots.join('')}</g>`;
}

/** A circle, a square, a diamond, a triangle, a cross: one shape for each subject. */
function mark(at: number, x: number, y: number, text: string): string {
  const shapes = [
    `<circle cx="${x}" cy="${y}" r="3.5"`,
    `<rect x="${round(x - 3)}" y="${y - 3}" width="6" height="6"`,
    `<path d="M${x} ${y - 4.5}l4.5 4.5l-4.5 4.5l-4.5-4.5z"`,
    `<path d="M${x} ${y - 4}l4.2 7.2h-8.4z"`,
    `<path d="M${round(x - 1)} ${y - 4}h2v3h3v2h-3v3h-2v-3h-3v-2h3z"`,
  ];
  return `${shapes[at % shapes.length] ?? ''} class="mark s${at % shapes.length}"><title>${text}</title></${at % shapes.length === 0 ? 'circle' : at % shapes.length === 1 ? 'rect' : 'path'}>`;
}

/** Between the two nearest, by how near they are. The times come in order. */
export function quantile(ms: readonly number[], share: number): number {
  const place = (ms.length - 1) * share;
  const [below, above] = [ms[Math.floor(place)] ?? 0, ms[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

/** `swarm: median 12.3 s, 11.0 s to 13.1 s in the middle half, 10.2 s to 15.0 s in all, 5 times`. */
function quantileText(subject: Subject, ms: readonly number[]): string {
  const at = (share: number): string => secondsText(quantile(ms, share));
  if (ms.length === 0) return `${subject}: never seen`;
  return `${subject}: median ${at(0.5)}, ${at(0.25)} to ${at(0.75)} in the middle half, ${at(0)} to ${at(1)} in all, ${ms.length} times`;
}

/** What the rank test says of each subject beside the first. */
export const testText = ({ sides }: Spread): string =>
  sides
    .flatMap(({ subject, test }) => (test === undefined ? [] : [saysText(subject, test)]))
    .join('; ');

/** `26.1 took longer (p 0.004, Cliff's delta 0.92)`. */
export const saysText = (subject: string, { says, p, effect }: RankTest): string =>
  says === 'too few'
    ? `${subject}: too few times to tell`
    : `${subject} ${says === 'differ' ? `took ${effect > 0 ? 'longer' : 'shorter'}` : 'alike'} (p ${p < 0.001 ? 'under 0.001' : p.toFixed(3)}, Cliff's delta ${effect.toFixed(2)})`;

const round = (value: number): number => Math.round(value * 10) / 10;

/** For terminals and summaries: what the settings do not allow, and what differs between subjects over several plays. */
export const timeLines = ({ timings, spreads = [] }: ScenarioVerdict): readonly string[] => [
  ...timings
    .filter(isOutside)
    .map(
      ({ subject, fault, slot, name, ms, range }) =>
        `${name} of ${slot ?? fault} took ${secondsText(ms)} on ${subject}, outside ${range?.formula ?? ''}`,
    ),
  ...spreads
    .filter(({ sides }) => sides.some(({ test }) => test?.says === 'differ'))
    .map((spread) => `${spread.name} of ${spread.fault}: ${testText(spread)}`),
];
