/** Records of a history in words, for whoever reads a report without the history at hand. */
import type { HistoryRecord, ObserveRecord } from '../model/history.ts';
import type { EvidenceLine } from '../model/evidence.ts';

/** Longer texts are cut: the history has them whole. */
const LONGEST = 220;

/** The lines of these numbers, by time. `zeroMs` is the moment that times are counted from. */
export function evidenceOf(
  records: readonly HistoryRecord[],
  numbers: readonly number[],
  zeroMs: number,
): readonly EvidenceLine[] {
  const wanted = new Set(numbers);
  return records.filter((record) => wanted.has(record.n)).map((record) => lineOf(record, zeroMs));
}

export const lineOf = (record: HistoryRecord, zeroMs: number): EvidenceLine => ({
  n: record.n,
  atMs: Math.round(record.atMs - zeroMs),
  text: cut(recordText(record)),
});

const cut = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;

/** One record as a sentence without its time. */
export function recordText(record: HistoryRecord): string {
  switch (record.type) {
    case 'header':
      return `${record.subject}, engine ${record.engine}, ${record.nodes.length} nodes`;
    case 'step':
      return `step: ${record.title}`;
    case 'step-end':
      return `step ${record.outcome}${tail(record.text)}`;
    case 'invoke':
      return `${record.node} is asked ${record.method} ${record.path} (${record.label})`;
    case 'complete':
      return `answer ${record.status === 0 ? 'none' : record.status}, ${record.outcome}${tail(record.text)}`;
    case 'fault':
      return `fault ${record.name} (${record.fault.kind}) ${record.phase}`;
    case 'mark':
      return `mark ${record.name}`;
    case 'end':
      return `end: ${record.outcome}${tail(record.text)}`;
    case 'observe':
      return seenText(record);
  }
}

const tail = (text: string): string => (text === '' ? '' : `: ${text}`);

function seenText(seen: ObserveRecord): string {
  switch (seen.what) {
    case 'control':
      return `${seen.by} answers ${seen.answer}${seen.status === 0 ? '' : ` ${seen.status}`}${tail(seen.text)}`;
    case 'node':
      return `${seen.by} sees ${seen.name}: ${[seen.state, seen.availability, seen.role, seen.reachability, seen.leader ? 'leader' : ''].filter(Boolean).join(' ')}${tail(seen.message)}`;
    case 'service':
      return `${seen.by} sees service ${seen.name}, version ${seen.version}${seen.updateState === '' ? '' : `, ${seen.updateState}${tail(seen.updateMessage)}`}`;
    case 'task':
      return `${seen.by} sees ${seen.service}.${seen.slot === 0 ? seen.node : seen.slot} (task ${seen.id.slice(0, 8)}) on ${seen.node || 'no node'}: ${seen.state}, wanted ${seen.desired}${tail(seen.err)}`;
    case 'gone':
      return `${seen.by} no longer sees ${seen.kind} ${seen.id.slice(0, 8)}`;
    case 'container':
      return `on ${seen.node} container ${seen.name || seen.id.slice(0, 12)} is ${seen.state}`;
    case 'engine':
      return `engine of ${seen.node} ${seen.answers ? 'answers' : 'does not answer'}${tail(seen.text)}`;
    case 'eye':
      return `from now on ${seen.by} is asked first`;
    case 'strain':
      return `the machine was short of time: ${Math.round(seen.pressure * 100)} % of work waited, timer ${Math.round(seen.lagMs)} ms late`;
    // What later observers see is told by its name, until somebody gives it better words here.
    default:
      return (seen as { readonly what: string }).what;
  }
}
