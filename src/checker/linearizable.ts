/**
 * Whether operations that overlapped can have taken place one after another, each at one moment between its call and its answer (J. Wing and C. Gong, 1993),
 * with the states that led nowhere kept so that none is tried twice (G. Lowe, 2017).
 */

/** An operation between its call and its answer, in the order of the history; `endN` is Infinity for one that may take place at any time later, or never. */
export interface Interval<Op> {
  readonly op: Op;
  readonly beginN: number;
  readonly endN: number;
}

export interface Model<State, Op> {
  readonly initial: State;
  /** The state after the operation, or null where it cannot take place in this one. */
  readonly step: (state: State, op: Op) => State | null;
  /** Equal for equal states only. */
  readonly keyOf: (state: State) => string;
}

/** `unknown` when the bound was hit before an answer was found. */
export type Answer = 'linearizable' | 'refused' | 'unknown';

/** So many states are looked at before the search gives up. */
export const MOST_STATES = 200_000;

/** A call or an answer in the list of what has not been placed yet. */
interface Entry {
  readonly at: number;
  readonly isCall: boolean;
  previous: Entry | null;
  next: Entry | null;
}

export function linearizable<State, Op>(
  intervals: readonly Interval<Op>[],
  model: Model<State, Op>,
  mostStates = MOST_STATES,
): Answer {
  const { head, calls, answers } = listed(intervals);
  const placed = new Placed(intervals.length);
  const seen = new Set<string>();
  const trail: { readonly at: number; readonly state: State }[] = [];
  let open = intervals.filter(({ endN }) => Number.isFinite(endN)).length;
  let state = model.initial;
  let entry = head.next;
  while (open > 0) {
    if (entry?.isCall === true) {
      const { at } = entry;
      const after = model.step(state, (intervals[at] as Interval<Op>).op);
      if (after !== null && isNew(seen, placed.with(at), model.keyOf(after))) {
        if (seen.size > mostStates) return 'unknown';
        trail.push({ at, state });
        placed.add(at);
        state = after;
        cut(calls[at]);
        cut(answers[at]);
        if (answers[at] !== undefined) open -= 1;
        entry = head.next;
      } else entry = entry.next;
      continue;
    }
    // An answer that comes before its operation was placed: the last placing was wrong.
    const last = trail.pop();
    if (last === undefined) return 'refused';
    state = last.state;
    placed.remove(last.at);
    if (answers[last.at] !== undefined) open += 1;
    mend(answers[last.at]);
    mend(calls[last.at]);
    entry = calls[last.at]?.next ?? null;
  }
  return 'linearizable';
}

function isNew(seen: Set<string>, placed: string, state: string): boolean {
  const key = `${placed} ${state}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function listed<Op>(intervals: readonly Interval<Op>[]): {
  readonly head: Entry;
  readonly calls: readonly Entry[];
  readonly answers: readonly (Entry | undefined)[];
} {
  const entry = (at: number, isCall: boolean): Entry => ({
    at,
    isCall,
    previous: null,
    next: null,
  });
  const calls = intervals.map((_, at) => entry(at, true));
  const answers = intervals.map(({ endN }, at) =>
    Number.isFinite(endN) ? entry(at, false) : undefined,
  );
  const placeOf = ({ at, isCall }: Entry): number => {
    const interval = intervals[at];
    return (isCall ? interval?.beginN : interval?.endN) ?? 0;
  };
  const all = [...calls, ...answers.filter((each) => each !== undefined)].sort(
    (a, b) => placeOf(a) - placeOf(b),
  );
  const head = entry(-1, true);
  let last = head;
  for (const each of all) {
    last.next = each;
    each.previous = last;
    last = each;
  }
  return { head, calls, answers };
}

function cut(entry: Entry | undefined): void {
  if (entry === undefined) return;
  if (entry.previous !== null) entry.previous.next = entry.next;
  if (entry.next !== null) entry.next.previous = entry.previous;
}

/** Undoes the last cut that is not undone yet. */
function mend(entry: Entry | undefined): void {
  if (entry === undefined) return;
  if (entry.previous !== null) entry.previous.next = entry;
  if (entry.next !== null) entry.next.previous = entry;
}

/** Which operations are placed. Those that come first in the history are so nearly always, so the text names what sticks out only. */
class Placed {
  readonly #is: boolean[];
  /** All before this one are placed. */
  #first = 0;
  readonly #beyond = new Set<number>();

  constructor(count: number) {
    this.#is = Array.from({ length: count }, () => false);
  }

  add(at: number): void {
    this.#is[at] = true;
    this.#beyond.add(at);
    while (this.#is[this.#first] === true) this.#beyond.delete(this.#first++);
  }

  remove(at: number): void {
    this.#is[at] = false;
    this.#beyond.delete(at);
    while (this.#first > at) {
      this.#first -= 1;
      if (this.#is[this.#first] === true) this.#beyond.add(this.#first);
    }
  }

  /** The same text for the same set. */
  with(at: number): string {
    this.add(at);
    const text = `${this.#first}:${[...this.#beyond].sort((a, b) => a - b).join()}`;
    this.remove(at);
    return text;
  }
}
