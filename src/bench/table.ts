/** The rows as a table for people. */
import type { Row } from './readings.ts';

/** `both` is for what the two subjects do together. */
const SIDES = ['swarm', 'twin', 'ratio', 'both'] as const;
const HEAD = ['figure', 'unit', ...SIDES, 'n', 'load', 'aim', ''];
const NUMERIC = new Set<string>([...SIDES, 'n']);

/** One line a metric: both medians, their ratio, the number of samples, the load while they were taken, and the aims with ok or OVER. */
export function tableLines(rows: readonly Row[]): readonly string[] {
  const lines = [HEAD, ...metricNames(rows).map((name) => cells(name, rows))];
  const columns = HEAD.map((head, at) => ({
    at,
    isNumeric: NUMERIC.has(head),
    width: Math.max(...lines.map((line) => (line[at] ?? '').length)),
  }));
  return lines.map((line) =>
    columns
      .map(({ at, isNumeric, width }) => {
        const cell = line[at] ?? '';
        return isNumeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** The rows that miss their aim, each as a sentence. */
export function overLines(rows: readonly Row[]): readonly string[] {
  return rows
    .filter((row) => row.met === false)
    .map(
      (row) =>
        `${row.name} is ${shown(row.value)} ${row.unit}, ${missed(row).toLowerCase()} its aim of ${row.aim ?? ''}`,
    );
}

function metricNames(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.map((row) => row.name.slice(0, row.name.lastIndexOf('.'))))];
}

function cells(name: string, rows: readonly Row[]): string[] {
  const sides = SIDES.map((side) => rows.find((row) => row.name === `${name}.${side}`));
  const there = sides.filter((row) => row !== undefined);
  const aimed = there.filter((row) => row.aim !== undefined);
  return [
    name,
    there[0]?.unit ?? '',
    ...sides.map((row) => (row === undefined ? '' : shown(row.value))),
    countOf(there),
    loadOf(there),
    aimed.map((row) => `${sideOf(row)} ${row.atLeast ? '≥' : '≤'} ${row.aim ?? ''}`).join(', '),
    verdictOf(there),
  ];
}

const missed = (row: Row): 'OVER' | 'UNDER' => (row.atLeast ? 'UNDER' : 'OVER');

const sideOf = (row: Row): string => row.name.split('.').at(-1) ?? '';

function verdictOf(rows: readonly Row[]): string {
  const over = rows.filter((row) => row.met === false);
  const judged = rows.some((row) => row.met !== undefined) ? 'ok' : '';
  const reason = rows.find((row) => row.reason !== undefined)?.reason;
  const words = [
    over[0] === undefined ? judged : `${missed(over[0])} (${over.map(sideOf).join(', ')})`,
    reason === undefined ? '' : `stopped: ${reason}`,
  ];
  return words.filter((word) => word !== '').join('; ');
}

/** The ratio has no samples of its own. */
function countOf(rows: readonly Row[]): string {
  const measured = rows.filter((row) => sideOf(row) !== 'ratio');
  return [...new Set(measured.map((row) => row.samples.length))].join('/');
}

function loadOf(rows: readonly Row[]): string {
  const loads = rows.flatMap((row) => row.loads);
  if (loads.length === 0) return '';
  return `${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`;
}

function shown(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
