/** A window of a timeline's lines as SVG. */
import {
  TONES,
  type BarData,
  type LineData,
  type MomentData,
  type TimelineData,
} from '../model/page-data.ts';

export const LINE_HEIGHT = 20;
/** About so wide is a letter of the bars' text. */
const LETTER = 5.6;

/** Tenths of a second to pixels. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

export const xOf = ({ from, to, width }: Scale, at: number): number =>
  Math.round(((at - from) / (to - from)) * width * 10) / 10;

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

export const seconds = (tenths: number): string => `${(tenths / 10).toFixed(1)} s`;

/** What a bar says in full. */
export const barText = ([from, to, , , text, title]: BarData): string =>
  `${title === '' ? text : title}, ${seconds(from)} to ${seconds(to)}`;

const LINE = '<rect width="5" height="1.2" style="fill:var(--inner)"/>';

/** What a bar means has to be seen without its colour: every tone but running has a pattern of its own. */
export const PATTERNS = `<defs>${(
  [
    ['calm', 0, '<rect width="5" height=".8" style="fill:var(--inner)"/>'],
    ['waiting', 90, LINE],
    ['leaving', 45, LINE],
    ['failed', -45, LINE],
    ['ended', 0, '<circle cx="2.5" cy="2.5" r="1.1" style="fill:var(--inner)"/>'],
  ] as const
)
  .map(
    ([tone, angle, figure]) =>
      `<pattern id="p-${tone}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="5" height="5" style="fill:var(--${tone})"/>${figure}</pattern>`,
  )
  .join('')}</defs>`;

/** The lines from `first` up to `last`, the first at the top. */
export function linesSvg(data: TimelineData, scale: Scale, first: number, last: number): string {
  const parts = data.lines.slice(first, last).map((line, index) => {
    const y = index * LINE_HEIGHT;
    const isFirst = data.lines[first + index - 1]?.label !== line.label;
    const rule = isFirst
      ? `<line class="row-line" x1="0" x2="${scale.width}" y1="${y}" y2="${y}"/>`
      : '';
    return (
      rule +
      bandsSvg(data, line, scale, y) +
      barsSvg(line, scale, y, first + index) +
      edgesSvg(data, line, scale, y)
    );
  });
  return ticksSvg(scale, (last - first) * LINE_HEIGHT) + parts.join('');
}

const faultsOf = (data: TimelineData, of: number): readonly MomentData[] =>
  (data.moments[of] ?? []).filter(([, , isFault]) => isFault === 1);

/** Behind the bars: when a fault was in force. */
const bandsSvg = (data: TimelineData, { of }: LineData, scale: Scale, y: number): string =>
  faultsOf(data, of)
    .map(([from, to, , text]) => {
      const x = xOf(scale, from);
      const width = Math.max(1.5, xOf(scale, to) - x);
      return `<rect class="band" x="${x}" y="${y}" width="${width}" height="${LINE_HEIGHT}"><title>${escape(text)}</title></rect>`;
    })
    .join('');

/** Over the bars: where a fault begins and ends, which node it is on, and what clients asked for meanwhile. */
function edgesSvg(data: TimelineData, line: LineData, scale: Scale, y: number): string {
  const edges = faultsOf(data, line.of).map(([from, to, , , nodes]) => {
    const [x, end] = [xOf(scale, from), xOf(scale, to)];
    const isHit = line.kind === 'node' && nodes.includes(line.label);
    const hit = isHit
      ? `<rect class="hit" x="${x}" y="${y}" width="${Math.max(2, end - x)}" height="3"/>`
      : '';
    return `${hit}<path class="edge" d="M${x} ${y}v${LINE_HEIGHT}M${end} ${y}v${LINE_HEIGHT}"/>`;
  });
  const asked =
    line.kind !== 'leader'
      ? []
      : (data.moments[line.of] ?? [])
          .filter(([, , isFault]) => isFault === 0)
          .map(([from, to, , text]) => {
            const x = xOf(scale, from);
            const width = Math.max(2, xOf(scale, to) - x);
            return `<rect class="asked" x="${x}" y="${y + LINE_HEIGHT - 5}" width="${width}" height="5"><title>${escape(text)}</title></rect>`;
          });
  return edges.join('') + asked.join('');
}

/** What stands at the foot of a line is drawn over the rest. */
function barsSvg({ bars }: LineData, scale: Scale, y: number, line: number): string {
  const drawn = bars.map((bar, index) => ({ bar, index }));
  const order = [
    ...drawn.filter(({ bar }) => bar[3] === 0),
    ...drawn.filter(({ bar }) => bar[3] === 1),
  ];
  return order.map(({ bar, index }) => barSvg(bar, scale, y, `${line}.${index}`)).join('');
}

function barSvg(bar: BarData, scale: Scale, y: number, id: string): string {
  const [from, to, tone, thin, text] = bar;
  const x = xOf(scale, from);
  const width = Math.max(1.5, xOf(scale, to) - x);
  const [top, height] = thin === 1 ? [y + LINE_HEIGHT - 6, 5] : [y + 2, LINE_HEIGHT - 4];
  const words =
    thin === 0 && width > text.length * LETTER + 4
      ? `<text x="${x + 3}" y="${y + 12}">${escape(text)}</text>`
      : '';
  return `<rect class="bar ${TONES[tone] ?? ''}" data-bar="${id}" x="${x}" y="${top}" width="${width}" height="${height}"/>${words}`;
}

/** About a tick every 90 pixels, at round seconds. */
export function ticksOf({ from, to, width }: Scale): readonly number[] {
  const most = Math.max(2, width / 90);
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300].find((each) => (to - from) / 10 / each <= most) ?? 600;
  const first = Math.ceil(from / 10 / step) * step;
  const count = Math.floor((to / 10 - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index * step) * 10);
}

const ticksSvg = (scale: Scale, height: number): string =>
  ticksOf(scale)
    .map(
      (at) =>
        `<line class="tick" x1="${xOf(scale, at)}" x2="${xOf(scale, at)}" y1="0" y2="${height}"/>`,
    )
    .join('');

/** The axis above the lines: seconds, and the faults by name. */
export function axisSvg(data: TimelineData, scale: Scale): string {
  const ticks = ticksOf(scale).map(
    (at) => `<text x="${xOf(scale, at) + 2}" y="11">${at / 10} s</text>`,
  );
  const faults = (data.moments[0] ?? [])
    .filter(([, , isFault]) => isFault === 1)
    .map((moment, index, all) => faultSvg(moment, all[index + 1]?.[0] ?? data.to, scale));
  return ticks.join('') + faults.join('');
}

/** Its name as far as there is room before the next one. */
function faultSvg([from, to, , text]: MomentData, next: number, scale: Scale): string {
  const x = xOf(scale, from);
  const width = Math.max(2, xOf(scale, to) - x);
  const room = Math.floor((xOf(scale, next) - x - 4) / LETTER);
  const words = text.length <= room ? text : room < 3 ? '' : `${text.slice(0, room - 1)}…`;
  return `<rect class="band named" x="${x}" y="15" width="${width}" height="14"><title>${escape(text)}</title></rect><text x="${x + 2}" y="26">${escape(words)}</text>`;
}
