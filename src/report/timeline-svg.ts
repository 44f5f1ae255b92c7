/** Timelines as inline SVG: both subjects in one scale, aligned on the first fault. */
import type { Bar, Moment, Timeline } from '../model/timeline.ts';
import { escape } from './escape.ts';

const WIDTH = 1000;
const LABEL = 90;
const ROW = 16;
const TOP = 22;
/** About so wide is a letter of the bars' text. */
const LETTER = 5.2;

interface Scale {
  readonly x: (ms: number) => number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The pictures of a scenario, one for each subject, all in the same scale. */
export function timelinesSvg(timelines: readonly Timeline[]): string {
  const fromMs = Math.min(0, ...timelines.map((timeline) => timeline.fromMs));
  const toMs = Math.max(1000, ...timelines.map((timeline) => timeline.toMs));
  const x = (ms: number): number => LABEL + ((ms - fromMs) / (toMs - fromMs)) * (WIDTH - LABEL - 4);
  return timelines.map((timeline) => timelineSvg(timeline, { x, fromMs, toMs })).join('\n');
}

function timelineSvg(timeline: Timeline, scale: Scale): string {
  const height = TOP + timeline.rows.length * ROW + 6;
  const rows = timeline.rows.map((row, index) => {
    const y = TOP + index * ROW;
    const label = `<text class="label" x="${LABEL - 6}" y="${y + 11}">${escape(short(row.label))}</text>`;
    return `<g><title>${escape(row.label)}</title>${label}${inDrawingOrder(row.bars)
      .map((bar) => barSvg(bar, y, scale))
      .join('')}</g>`;
  });
  const moments = timeline.moments.map((moment) => momentSvg(moment, height, scale));
  return `<figure><figcaption>${timeline.subject}</figcaption><div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="timeline of ${timeline.subject}">${axis(scale, height)}${moments.join('')}${rows.join('')}</svg></div></figure>`;
}

/** What stands at the foot is drawn over the rest. */
const inDrawingOrder = (bars: readonly Bar[]): readonly Bar[] => [
  ...bars.filter((bar) => bar.thin !== true),
  ...bars.filter((bar) => bar.thin === true),
];

const short = (label: string): string => (label.length > 14 ? `${label.slice(0, 13)}…` : label);

function barSvg(bar: Bar, y: number, { x }: Scale): string {
  const left = x(bar.fromMs);
  const width = Math.max(1, x(bar.toMs) - left);
  const thin = bar.thin === true;
  const text = !thin && width > bar.text.length * LETTER + 4 ? bar.text : '';
  const [top, height] = thin ? [y + ROW - 6, 5] : [y + 1, ROW - 2];
  const words =
    text === '' ? '' : `<text x="${round(left + 3)}" y="${y + 11}">${escape(text)}</text>`;
  const when = `${(bar.fromMs / 1000).toFixed(1)} s to ${(bar.toMs / 1000).toFixed(1)} s`;
  return `<g class="bar ${bar.tone}"><title>${escape(`${bar.title}, ${when}`)}</title><rect x="${round(left)}" y="${top}" width="${round(width)}" height="${height}"/>${words}</g>`;
}

function momentSvg(moment: Moment, height: number, { x }: Scale): string {
  const left = x(moment.fromMs);
  const width = Math.max(1.5, x(moment.toMs) - left);
  const words =
    moment.kind === 'fault'
      ? `<text x="${round(left + 2)}" y="19">${escape(moment.text)}</text>`
      : '';
  const top = moment.kind === 'fault' ? 11 : 2;
  const tall = moment.kind === 'fault' ? height - top : 6;
  return `<g class="${moment.kind}"><title>${escape(moment.text)}</title><rect x="${round(left)}" y="${top}" width="${round(width)}" height="${tall}"/>${words}</g>`;
}

function axis({ x, fromMs, toMs }: Scale, height: number): string {
  const step = [1, 2, 5, 10, 20, 30, 60].find((each) => (toMs - fromMs) / 1000 / each <= 14) ?? 120;
  const lines: string[] = [];
  const first = Math.ceil(fromMs / 1000 / step) * step;
  for (let at = first; at * 1000 <= toMs; at += step)
    lines.push(
      `<line x1="${round(x(at * 1000))}" x2="${round(x(at * 1000))}" y1="8" y2="${height}"/><text x="${round(x(at * 1000) + 2)}" y="9">${at} s</text>`,
    );
  return `<g class="axis">${lines.join('')}</g>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
