/** How often predictions were right, as plain lines: the rates first, then the times, then each miss. */
import {
  ASPECT_TEXTS,
  type FidelityReport,
  type FidelityRun,
  type PhaseSummary,
  type Rate,
  type Spread,
} from '../model/fidelity.ts';

export function renderFidelity(report: FidelityReport): readonly string[] {
  const { runs } = report;
  const doubted = runs.filter(({ doubt }) => doubt !== '');
  const strained = runs.filter(({ strain }) => strain !== '');
  const misses = runs.filter(({ aspects }) => aspects.some(({ right }) => !right));
  return [
    headline(report, doubted.length),
    '',
    ...rateTable(report.rates),
    ...(strained.length === 0
      ? []
      : [
          '',
          `with the ${strained.length} during which the machine did not keep up:`,
          ...rateTable(report.ratesWithStrained),
        ]),
    NOTE,
    '',
    ...phaseTable(report.phases),
    ...(misses.length === 0 ? [] : ['', 'not as predicted:', ...misses.flatMap(missLines)]),
    ...(doubted.length === 0 ? [] : ['', 'not judged:']),
    ...doubted.map(({ scenario, doubt }) => `  ${scenario}: ${doubt}`),
  ];
}

function headline({ runs, draws, seed, facts }: FidelityReport, doubted: number): string {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return [
    `${runs.length} outage${runs.length === 1 ? '' : 's'} of seed ${seed}, predicted with ${draws} draw${draws === 1 ? '' : 's'} each and played to real Swarm`,
    ...(doubted === 0 ? [] : [`${doubted} of them could not be judged`]),
    ...told,
  ].join('; ');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const rateText = ({ right, of, low, high }: Rate): string =>
  of === 0
    ? 'none judged'
    : `${right}/${of} ${percent(right / of)} (${percent(low)} to ${percent(high)})`;

const shareText = ({ right, of }: Rate): string => (of === 0 ? '-' : percent(right / of));

const NOTE =
  '(in brackets the 95 % interval, Wilson; itself: the simulator against one more of its own draws, which is what chance alone leaves open)';

function rateTable(rates: FidelityReport['rates']): readonly string[] {
  const rows = rates.map(({ aspect, predicted, possible, itself }) => [
    ...[aspect, rateText(predicted), shareText(itself.predicted)],
    ...[rateText(possible), shareText(itself.possible)],
    aspect === 'all' ? 'all of these in one run' : ASPECT_TEXTS[aspect],
  ]);
  const head = ['', 'as predicted', '(itself)', 'as one of the draws', '(itself)', ''];
  return columns([head, ...rows]);
}

function phaseTable(phases: readonly PhaseSummary[]): readonly string[] {
  if (phases.length === 0) return ['no phase of an outage was seen'];
  const rows = phases.map(({ name, real, simulated, realInRange, simulatedInRange, formula }) => [
    ...[name, spreadText(real), spreadText(simulated)],
    ...[`${realInRange.right}/${realInRange.of}`],
    ...[`${simulatedInRange.right}/${simulatedInRange.of}`, formula],
  ]);
  return columns([
    ['phase', 'real', 'predicted', 'in range', 'in range', 'the range, of the first that was seen'],
    ...rows,
  ]);
}

const spreadText = (spread: Spread | null): string => {
  if (spread === null) return '-';
  const { leastMs, medianMs, mostMs } = spread;
  const [least, median, most] = [leastMs, medianMs, mostMs].map((ms) => (ms / 1000).toFixed(1));
  return `${median} s (${least} to ${most})`;
};

/** Rows with their cells under each other; the last column is free. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(width(at))))
      .join('  ')
      .trimEnd(),
  );
}

function missLines({ scenario, title, aspects, strain }: FidelityRun): readonly string[] {
  const wrong = aspects.filter(({ right }) => !right);
  return [
    `  ${scenario}: ${title}${strain === '' ? '' : ` (${strain})`}`,
    ...wrong.map(
      ({ aspect, possible, text }) =>
        `    ${aspect}${possible ? ' (as another draw had it)' : ''}: ${text}`,
    ),
  ];
}
