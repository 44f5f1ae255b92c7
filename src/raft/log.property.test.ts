/** The log against a plain list of entries with four marks on it, through whatever a replica does with it. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Log } from './log.ts';
import type { Entry, Snapshot } from './messages.ts';

interface Model {
  /** entries[i] has index i + 1; what is compacted away is kept here. */
  entries: Entry<string>[];
  offset: number;
  stable: number;
  commit: number;
  applied: number;
  incoming: Snapshot<string> | null;
}

type Step = readonly [
  kind: 'append' | 'accept' | 'commit' | 'store' | 'apply' | 'compact' | 'restore',
  a: number,
  b: number,
];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    ...(['append', 'append', 'accept', 'accept', 'commit', 'commit', 'store', 'store'] as const),
    ...(['apply', 'apply', 'compact', 'restore'] as const),
  ),
  fc.nat({ max: 6 }),
  fc.nat({ max: 6 }),
);

const entryAt = (index: number, term: number, tag = ''): Entry<string> => ({
  ...{ index, term },
  ...(index % 5 === 0
    ? { kind: 'conf', change: { type: 'add', raftId: String(index), context: tag } }
    : { kind: 'normal', payload: `${index}/${term}${tag}` }),
});
const last = (model: Model): number => model.entries.length;
const termAt = (model: Model, index: number): number => model.entries[index - 1]?.term ?? 0;
const between = (model: Model, after: number, upTo: number): Entry<string>[] =>
  model.entries.slice(Math.max(after, model.offset), Math.max(upTo, after, model.offset));

/** Some index from `low` to `high`, by a small number. */
const within = (low: number, high: number, by: number): number =>
  low + (high > low ? by % (high - low + 1) : 0);

function take(log: Log<string, string>, model: Model, [kind, a, b]: Step): void {
  const lastTerm = Math.max(1, termAt(model, last(model)));
  switch (kind) {
    case 'append': {
      const entry = entryAt(last(model) + 1, lastTerm + (a === 0 ? 1 : 0));
      log.append(entry);
      model.entries.push(entry);
      return;
    }
    case 'accept': {
      acceptSome(log, model, a, b);
      return;
    }
    case 'commit': {
      const index = model.commit + a;
      const reached = Math.max(model.commit, Math.min(index, last(model)));
      expect(log.commitTo(index)).toBe(reached > model.commit);
      model.commit = reached;
      return;
    }
    case 'store': {
      // The host may have stored less than there is by now.
      const index = within(model.stable, last(model), a);
      const entry = model.entries[index - 1];
      if (entry === undefined || index <= model.stable) return;
      log.stored(entry);
      model.stable = index;
      return;
    }
    case 'apply': {
      if (model.incoming !== null) {
        log.restored(model.incoming);
        model.applied = Math.max(model.applied, model.incoming.index);
        model.incoming = null;
      }
      const index = within(model.applied, Math.min(model.commit, model.stable), a);
      log.appliedTo(index);
      model.applied = Math.max(model.applied, index);
      return;
    }
    case 'compact': {
      if (model.incoming !== null || model.applied <= model.offset) return;
      const index = within(model.offset, Math.min(model.applied, model.stable), a);
      log.compact(index, snapshotOf(model, model.applied, termAt(model, model.applied)));
      model.offset = Math.max(model.offset, index);
      return;
    }
    case 'restore': {
      const index = model.commit + 1 + a;
      const snapshot = snapshotOf(model, index, lastTerm + 1);
      model.entries = Array.from({ length: index }, (_, at) => entryAt(at + 1, lastTerm + 1, 's'));
      model.offset = model.stable = model.commit = index;
      model.incoming = snapshot;
      log.restore(snapshot);
    }
  }
}

/** A leader's page: some entries that we have, then entries of a later term, which replace what is not committed. */
function acceptSome(log: Log<string, string>, model: Model, a: number, b: number): void {
  const previous = within(model.offset, last(model), a);
  const differs = Math.max(model.commit, within(previous, last(model), b)) + 1;
  const term = Math.max(1, termAt(model, last(model))) + 1;
  const known = model.entries.slice(previous, differs - 1);
  const added = Array.from({ length: b }, (_, at) => entryAt(differs + at, term, 'l'));
  if (previous + known.length + 1 !== differs) return;
  expect(log.accept(previous, [...known, ...added])).toBe(previous + known.length + added.length);
  if (added.length === 0) return;
  model.entries = [...model.entries.slice(0, differs - 1), ...added];
  model.stable = Math.min(model.stable, differs - 1);
}

const snapshotOf = (_: Model, index: number, term: number): Snapshot<string> => ({
  ...{ index, term, members: ['1'], data: `state ${index}` },
});

/** One comparison for all marks and entries, for there are thousands of steps. */
function expectSame(log: Log<string, string>, model: Model): void {
  const { offset, stable, commit, applied, incoming, entries } = model;
  const newest = termAt(model, last(model));
  const due = between(model, applied, commit);
  const indices = entries.map(({ index }) => index).filter((index) => index > offset);
  expect({
    marks: [log.firstIndex, log.lastIndex, log.stable, log.commit, log.applied],
    terms: indices.map((index) => log.termAt(index)),
    outside: [log.termAt(offset), log.termAt(last(model) + 1), log.termAt(offset - 1)],
    unstable: log.unstable(),
    committed: log.committed(),
    has: [log.hasUnstable, log.hasCommitted, log.hasUnappliedChange],
    upToDate: [
      log.isUpToDate(last(model), newest),
      log.isUpToDate(last(model) - 1, newest),
      log.isUpToDate(0, newest + 1),
    ],
  }).toEqual({
    marks: [offset + 1, last(model), stable, commit, applied],
    terms: indices.map((index) => termAt(model, index)),
    outside: [termAt(model, offset), null, null],
    unstable: between(model, stable, last(model)),
    committed: incoming === null ? due : [],
    has: [
      stable < last(model),
      incoming === null && applied < commit,
      due.some(({ kind }) => kind === 'conf'),
    ],
    upToDate: [true, false, true],
  });
}

/** Pages from any entry on are without a gap, hold no more bytes than allowed but for a single entry, and could not have held the next one. */
function expectPages(log: Log<string, string>, model: Model): void {
  const sizeOf = ({ index }: Entry<string>): number => 1 + (index % 6);
  const most = 4;
  for (let from = model.offset + 1; from <= last(model); from += 1) {
    const page = log.slice(from, most, sizeOf);
    expect(page).toEqual(model.entries.slice(from - 1, from - 1 + page.length));
    const bytes = page.reduce((sum, entry) => sum + sizeOf(entry), 0);
    expect(page.length === 1 || (page.length > 1 && bytes <= most)).toBe(true);
    const next = model.entries[from - 1 + page.length];
    if (next !== undefined) expect(bytes + sizeOf(next)).toBeGreaterThan(most);
  }
}

test('whatever is appended, taken over, committed, stored, applied, compacted and restored, the log is the list with its marks', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const stored = { hardState: { term: 0, vote: '', commit: 0 }, snapshot: null, entries: [] };
      const log = new Log<string, string>(stored, 0);
      const model: Model = {
        ...{ entries: [], offset: 0, stable: 0, commit: 0, applied: 0, incoming: null },
      };
      for (const each of steps) {
        take(log, model, each);
        expectSame(log, model);
      }
      expectPages(log, model);
    }),
    { seed: 3001, numRuns: 100 },
  );
});

test('the point to try next skips no entry that could be shared', () => {
  const terms = fc.array(fc.nat({ max: 3 }), { maxLength: 12 }).map((steps) => {
    let term = 1;
    return steps.map((grows) => (term += grows === 3 ? 1 : 0));
  });
  fc.assert(
    fc.property(terms, fc.nat({ max: 13 }), fc.nat({ max: 6 }), (list, from, term) => {
      const entries = list.map((each, at) => entryAt(at + 1, each));
      const hardState = { term: 9, vote: '', commit: 0 };
      const log = new Log<string, string>({ hardState, snapshot: null, entries }, 0);
      const index = Math.min(from, list.length);
      const best = entries.filter((entry) => entry.index <= index && entry.term <= term).at(-1);
      expect(log.lastIndexUpToTerm(index, term)).toBe(best?.index ?? 0);
    }),
    { seed: 3001, numRuns: 300 },
  );
});
