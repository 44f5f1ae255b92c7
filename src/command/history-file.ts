/** A history as it lies in a file: what is no record, or stands in another place than it was written to, is refused. */
import { readFileSync } from 'node:fs';
import { SwarmtwinError } from '../model/errors.ts';
import {
  HISTORY_SCHEMA,
  SUBJECTS,
  type HeaderRecord,
  type HistoryRecord,
} from '../model/history.ts';

export interface HistoryText {
  readonly records: readonly HistoryRecord[];
  /** Whether the last line was cut off in the middle. */
  readonly cut: boolean;
}

/** Errors: `bad-history` for a file that cannot be read, or holds what is no history. */
export function readHistory(path: string): HistoryText {
  return parseHistory(textOf(path), path);
}

/** Errors: `bad-history` with the line. One of another schema is left as it is, for `headerOf` to refuse. */
export function parseHistory(text: string, path: string): HistoryText {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const values = lines.map((line, at) => parseLine(line, `${path}, line ${at + 1}`));
  const [first] = values;
  const isOurs = !isObject(first) || first['schema'] === HISTORY_SCHEMA;
  const records = values.map((value, at) => {
    const wrong = isOurs ? wrongWith(value, at + 1) : '';
    if (wrong === '') return value as HistoryRecord;
    throw changed(`${path}, line ${at + 1}: ${wrong}`);
  });
  return { records, cut: last !== '' };
}

/** Errors: `bad-history` for a history without a header, of another schema, or whose header lacks what the judge goes by. */
export function headerOf(records: readonly HistoryRecord[], what: string): HeaderRecord {
  const [header] = records;
  if (header?.type !== 'header')
    throw new SwarmtwinError(
      'bad-history',
      `${what} does not begin with a header`,
      'Play the scenario again.',
    );
  if (header.schema !== HISTORY_SCHEMA)
    throw new SwarmtwinError(
      'bad-history',
      `${what} has schema ${header.schema}, and this judge reads ${HISTORY_SCHEMA}`,
      'Judge it with the version that recorded it, or play the scenario again.',
    );
  const missing = missingIn(header);
  if (missing === undefined) return header;
  throw new SwarmtwinError(
    'bad-history',
    `${what} has a header without ${missing}`,
    'Play the scenario again.',
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (caught) {
    throw SwarmtwinError.from(
      caught,
      'bad-history',
      path,
      'Give it back what the run wrote, or play the scenario again.',
    );
  }
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (caught) {
    throw changed(where, caught);
  }
}

const changed = (what: string, caught?: unknown): SwarmtwinError => {
  const next = 'That file was changed after the run; record it anew.';
  return caught === undefined
    ? new SwarmtwinError('bad-history', what, next)
    : SwarmtwinError.from(caught, 'bad-history', what, next);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The compiler asks for each kind. */
const KINDS: Readonly<Record<HistoryRecord['type'], true>> = {
  ...{ header: true, step: true, 'step-end': true, invoke: true, complete: true },
  ...{ fault: true, observe: true, mark: true, end: true },
};

/** Why a line is no record; '' when it is one. A record's number is its line, so a line that was taken out is noticed. */
function wrongWith(value: unknown, line: number): string {
  if (!isObject(value)) return 'is no record';
  const { type, n, atMs } = value;
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type))
    return `is no record: type ${String(type)}`;
  if (typeof atMs !== 'number') return 'is a record without a time';
  return n === line ? '' : `is record ${String(n)}: lines were taken out or put in`;
}

/** What the judge cannot do without. */
function missingIn(header: HeaderRecord): string | undefined {
  const { scenario, subject, engine, settings, nodes, startedAt } = header as Partial<HeaderRecord>;
  const { shape, steps, claims } = (scenario ?? {}) as Partial<HeaderRecord['scenario']>;
  const has: Readonly<Record<string, boolean>> = {
    'a scenario': isObject(shape) && Array.isArray(steps) && Array.isArray(claims),
    'a subject': SUBJECTS.some((each) => each === subject),
    'an engine': typeof engine === 'string',
    settings: isObject(settings),
    nodes: Array.isArray(nodes),
    'the time of its begin': typeof startedAt === 'number',
  };
  return Object.keys(has).find((each) => has[each] === false);
}
