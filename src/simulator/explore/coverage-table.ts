/** What an exploration has met, and what it never met, as lines. */
import { TASK_STATES } from '../../model/task-state.ts';
import { COVERAGE_KINDS, type Coverage, type CoverageKind } from './coverage.ts';
import { FAULT_KEYS } from './fault-words.ts';

/** What there is to be met, where that is known. `remove` and `orphaned` are listed too: never to see them is an answer. */
const KNOWN: Partial<Record<CoverageKind, readonly string[]>> = {
  'task state': TASK_STATES.filter((state) => state !== 'remove'),
  'desired state': ['ready', 'running', 'complete', 'shutdown', 'remove'],
  'update state': [
    ...['updating', 'paused', 'completed'],
    ...['rollback_started', 'rollback_paused', 'rollback_completed'],
  ],
  'node state': ['unknown', 'ready', 'down', 'disconnected'],
  'raft role': ['follower', 'candidate', 'leader'],
  fault: FAULT_KEYS,
};
/** Texts are many, and the rare ones are in the file of the run that met them. */
const MOST_TEXTS = 12;
const WIDTH = 110;

/** A block for each kind: how often each key was seen, most often first, and which never. */
export function coverageLines(coverage: Coverage): readonly string[] {
  return COVERAGE_KINDS.flatMap((kind) => linesOf(coverage, kind));
}

function linesOf(coverage: Coverage, kind: CoverageKind): readonly string[] {
  const rows = coverage.rows(kind);
  if (kind === 'error text') return textLines(rows);
  const seen = rows.map(([key, times]) => `${key} ${times}`);
  const never = (KNOWN[kind] ?? []).filter((known) => !rows.some(([key]) => key === known));
  return [
    ...(seen.length === 0 ? [] : wrapped(kind, seen)),
    ...(never.length === 0
      ? []
      : wrapped(seen.length === 0 ? kind : '', [], `never: ${never.join(', ')}`)),
  ];
}

function textLines(rows: readonly (readonly [string, number])[]): readonly string[] {
  if (rows.length === 0) return [];
  const rest = rows.length - MOST_TEXTS;
  return [
    `error text     ${rows.length} different`,
    ...rows
      .slice(0, MOST_TEXTS)
      .map(([text, times]) => `${String(times).padStart(13)}  ${clip(text)}`),
    ...(rest > 0 ? [`${' '.repeat(15)}and ${rest} more`] : []),
  ];
}

/** Items on as many lines as they need, the kind in front of the first. */
function wrapped(kind: string, items: readonly string[], whole = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of whole === '' ? items : [whole]) {
    const next = line === '' ? item : `${line}, ${item}`;
    if (next.length > WIDTH && line !== '') {
      lines.push(`${line},`);
      line = item;
    } else line = next;
  }
  lines.push(line);
  return lines.map((text, index) => `${(index === 0 ? kind : '').padEnd(15)}${text}`);
}

const clip = (text: string): string =>
  text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text;
