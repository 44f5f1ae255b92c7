/** An outage on a terminal: when what happened, then what it cost. Plain text; whoever prints it may colour a line by its tone. */
import type { ControlGap, Outage, OutageTone, ServiceOutage } from '../model/outage.ts';

export interface OutageLine {
  readonly tone: OutageTone;
  readonly text: string;
}

const MARKS: Readonly<Record<OutageTone, string>> = {
  action: '!',
  bad: '-',
  good: '+',
  plain: ' ',
};
/** Room for `1234.5 s`. */
const TIME_WIDTH = 9;

/** `width` is the terminal's; longer events go on in the next line, set in. */
export function renderOutage(outage: Outage, width = 100): readonly OutageLine[] {
  const plain = (text: string): OutageLine => ({ tone: 'plain', text });
  return [
    plain(headline(outage)),
    plain(''),
    ...outage.events.flatMap(({ atMs, tone, text }) =>
      wrapped(`${seconds(atMs).padStart(TIME_WIDTH)}  ${MARKS[tone]} `, text, width).map(
        (line) => ({
          tone,
          text: line,
        }),
      ),
    ),
    ...(outage.events.length === 0 ? [plain('nothing happened')] : []),
    plain(''),
    ...table(outage.services).map(plain),
    plain(''),
    plain(controlText(outage.control, outage.endMs)),
    plain(leaderText(outage)),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function headline({ managers, workers, services, endMs, seed, subject }: Outage): string {
  const stack = services
    .map(
      ({ service, declared, isGlobal }) =>
        `${service} ${isGlobal ? 'on every node' : `x ${declared}`}`,
    )
    .join(', ');
  return `${subject}: ${count(managers, 'manager')}, ${count(workers, 'worker')}; ${stack}; ${seconds(endMs)} from when all was up; seed ${seed}`;
}

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;

function wrapped(prefix: string, text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = prefix;
  let isFresh = true;
  for (const word of text.split(' ')) {
    if (!isFresh && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(prefix.length);
      isFresh = true;
    }
    line += isFresh ? word : ` ${word}`;
    isFresh = false;
  }
  return [...lines, line];
}

const COLUMNS = [
  'service',
  'wants',
  'lowest',
  'below for',
  'longest',
  'twice for',
  'moved',
  'restarted',
];

function table(services: readonly ServiceOutage[]): readonly string[] {
  const none = (ms: number): string => (ms === 0 ? '-' : seconds(ms));
  const rows = services.map((each) => [
    each.service,
    String(each.declared),
    String(each.lowest),
    none(each.belowMs),
    none(each.longestBelowMs),
    none(each.doubledMs),
    String(each.moved),
    String(each.restarted),
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lined = (row: readonly string[], last: string): string =>
    [
      ...row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
      last,
    ].join('  ');
  return [
    lined(COLUMNS, 'at the end'),
    ...services.map((each, at) => lined(rows[at] ?? [], endText(each))),
  ];
}

function endText({ placement, declared }: ServiceOutage): string {
  const running = placement.reduce((sum, { tasks }) => sum + tasks, 0);
  const where = placement.map(({ node, tasks }) => `${node} ${tasks}`).join(', ');
  return `${running} of ${declared} run${where === '' ? '' : `: ${where}`}`;
}

function controlText(gaps: readonly ControlGap[], endMs: number): string {
  if (gaps.length === 0) return 'control: never lost';
  const lost = gaps.reduce((sum, { fromMs, toMs }) => sum + ((toMs ?? endMs) - fromMs), 0);
  const spans = gaps.map(({ fromMs, toMs }) =>
    toMs === null ? `from ${seconds(fromMs)} on` : `from ${seconds(fromMs)} to ${seconds(toMs)}`,
  );
  return `control: lost for ${seconds(lost)} (${spans.join(', ')})`;
}

const leaderText = ({ leader }: Outage): string =>
  leader === '' ? 'at the end nobody leads' : `at the end ${leader} leads`;
