/** Sequences of states, compared while what may have been missed may be missing. */
import { BRIEF_MS } from './exclusions.ts';

/** One element of a sequence. `lastedMs` is how long it was seen to last. */
export interface Phase {
  readonly text: string;
  readonly lastedMs: number;
}

/** Phases from dated forms: equal neighbours become one, each lasts until the next, the last one until the end. */
export function phasesOf(
  forms: readonly { readonly text: string; readonly atMs: number }[],
  endMs = Infinity,
): readonly Phase[] {
  const starts = forms.filter((form, index) => form.text !== forms[index - 1]?.text);
  return starts.map((form, index) => ({
    text: form.text,
    lastedMs: (starts[index + 1]?.atMs ?? endMs) - form.atMs,
  }));
}

/** Without the phases that a rule leaves out; neighbours that become equal are one. */
export function without(phases: readonly Phase[], left: (phase: Phase) => boolean): Phase[] {
  const kept: Phase[] = [];
  for (const phase of phases) {
    if (left(phase)) continue;
    const last = kept.at(-1);
    if (last?.text === phase.text)
      kept[kept.length - 1] = { ...phase, lastedMs: last.lastedMs + phase.lastedMs };
    else kept.push(phase);
  }
  return kept;
}

/** Repeats of a passage count once: a b a b c becomes a b c. */
export function withoutRepeats(phases: readonly Phase[]): readonly Phase[] {
  for (let size = 1; size <= phases.length / 2; size += 1) {
    for (let at = 0; at + 2 * size <= phases.length; at += 1) {
      const first = phases.slice(at, at + size);
      const second = phases.slice(at + size, at + 2 * size);
      if (first.every((phase, index) => phase.text === second[index]?.text))
        return withoutRepeats([...phases.slice(0, at), ...phases.slice(at + size)]);
    }
  }
  return phases;
}

const isBrief = (phase: Phase): boolean => phase.lastedMs < BRIEF_MS;

/** Whether two sequences are the same but for brief phases that only one side saw. */
export function sameSequence(left: readonly Phase[], right: readonly Phase[]): boolean {
  const known = new Map<string, boolean>();
  const match = (i: number, j: number, last: string): boolean => {
    if (i === left.length && j === right.length) return true;
    const key = `${i} ${j} ${last}`;
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const a = left[i];
    const b = right[j];
    const found =
      (a !== undefined && b !== undefined && a.text === b.text && match(i + 1, j + 1, a.text)) ||
      (a !== undefined && (isBrief(a) || a.text === last) && match(i + 1, j, last)) ||
      (b !== undefined && (isBrief(b) || b.text === last) && match(i, j + 1, last));
    known.set(key, found);
    return found;
  };
  return match(0, 0, '');
}

export const sequenceText = (phases: readonly Phase[]): string =>
  phases.map((phase) => phase.text).join(' > ') || '(nothing)';
