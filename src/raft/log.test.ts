import { describe, expect, test } from '@jest/globals';
import { Log } from './log.ts';
import type { Entry, Snapshot } from './messages.ts';

describe('a log read back', () => {
  test('hands out again what is committed but not applied', () => {
    const log = logOf([1, 1, 2], { commit: 2 });
    expect(log.committed().map(({ index }) => index)).toEqual([1, 2]);
    expect(log.unstable()).toEqual([]);
  });
  test('continues after its snapshot and forgets what the snapshot covers', () => {
    const log = logOf([1, 1, 2, 2], { snapshot: snapshotAt(2, 1) });
    expect([log.firstIndex, log.lastIndex, log.commit, log.applied]).toEqual([3, 4, 2, 2]);
  });
  test('is refused when entries are missing', () => {
    expect(() => logOf([1, 1], { from: 2 })).toThrow('stored entry 2 leaves a gap');
  });
  test('is refused when more is committed than stored', () => {
    expect(() => logOf([1], { commit: 2 })).toThrow('commit 2 is past the stored log');
  });
  test('is refused when the entries after a snapshot are from before it', () => {
    expect(() => logOf([1, 1, 2], { snapshot: snapshotAt(2, 3) })).toThrow('of an older log');
  });
});

describe('entries of a leader', () => {
  test('that are known already change nothing, not even what follows them', () => {
    const log = logOf([1, 1, 2]);
    expect(log.accept(1, [entry(2, 1)])).toBe(2);
    expect(log.lastIndex).toBe(3);
    expect(log.unstable()).toEqual([]);
  });
  test('replace ours from the first that differs, which then has to be stored again', () => {
    const log = logOf([1, 1, 2, 2]);
    expect(log.accept(1, [entry(2, 1), entry(3, 3)])).toBe(3);
    expect([log.lastIndex, log.lastTerm, log.stable]).toEqual([3, 3, 2]);
    expect(log.unstable()).toEqual([entry(3, 3)]);
  });
  test('never replace what is committed', () => {
    const log = logOf([1, 1], { commit: 2 });
    expect(() => log.accept(0, [entry(1, 1), entry(2, 2)])).toThrow('entry 2 is committed');
  });
});

describe('the stored mark', () => {
  test('moves up to what the host reports', () => {
    const log = logOf([]);
    log.append(entry(1, 1));
    log.append(entry(2, 1));
    log.stored(entry(1, 1));
    expect([log.stable, log.unstable().length]).toEqual([1, 1]);
  });
  test('does not move for an entry that was replaced while the disk was busy', () => {
    const log = logOf([1]);
    log.append(entry(2, 1));
    log.accept(1, [entry(2, 2)]);
    log.stored(entry(2, 1));
    expect(log.stable).toBe(1);
  });
});

describe('the point to try next', () => {
  test('skips every entry of a newer term at once', () => {
    const log = logOf([1, 1, 4, 4, 4, 4]);
    expect(log.lastIndexUpToTerm(6, 3)).toBe(2);
    expect(log.lastIndexUpToTerm(6, 4)).toBe(6);
  });
  test('does not reach below the compacted part', () => {
    const log = logOf([4, 4, 4, 4], { snapshot: snapshotAt(2, 4) });
    expect(log.lastIndexUpToTerm(4, 3)).toBe(1);
  });
});

describe('a candidate is up to date', () => {
  test.each([
    [3, 2, true],
    [4, 2, true],
    [2, 2, false],
    [9, 1, false],
    [1, 3, true],
  ])('with last entry %i of term %i against entry 3 of term 2: %s', (index, term, expected) => {
    expect(logOf([1, 1, 2]).isUpToDate(index, term)).toBe(expected);
  });
});

describe('a page of entries', () => {
  const five = () => logOf([1, 1, 1, 1, 1]);
  test('holds as many as fit', () => {
    expect(five().slice(2, 25, () => 10)).toEqual([entry(2, 1), entry(3, 1)]);
  });
  test('holds at least one, however large', () => {
    expect(five().slice(2, 5, () => 10)).toEqual([entry(2, 1)]);
  });
  test('past the end is empty', () => {
    expect(five().slice(6, 100, () => 10)).toEqual([]);
  });
});

describe('a snapshot from the leader', () => {
  test('replaces the log, and nothing is applied before it is installed', () => {
    const log = logOf([1, 1, 1], { commit: 1 });
    const snapshot = snapshotAt(10, 3);
    log.restore(snapshot);
    log.accept(10, [entry(11, 3)]);
    log.commitTo(11);
    expect([log.lastTerm, log.commit, log.committed()]).toEqual([3, 11, []]);
    log.restored(snapshot);
    expect(log.committed()).toEqual([entry(11, 3)]);
    expect(log.incoming).toBeNull();
  });
  test('still waits when the host reports an older one', () => {
    const log = logOf([]);
    log.restore(snapshotAt(5, 1));
    log.restore(snapshotAt(9, 1));
    log.restored(snapshotAt(5, 1));
    expect(log.incoming?.index).toBe(9);
  });
});

describe('compaction', () => {
  test('forgets entries but not the term of the last forgotten one', () => {
    const log = applied([1, 1, 2, 2]);
    log.compact(3, snapshotAt(4, 2));
    expect([log.firstIndex, log.termAt(3), log.termAt(2)]).toEqual([4, 2, null]);
    expect(log.snapshot?.index).toBe(4);
    expect(log.slice(4, 100, () => 1)).toEqual([entry(4, 2)]);
  });
  test('needs a snapshot that covers what is forgotten', () => {
    expect(() => {
      applied([1, 1, 1]).compact(3, snapshotAt(2, 1));
    }).toThrow('no snapshot covers');
  });
  test('needs a snapshot of what is applied', () => {
    expect(() => {
      logOf([1, 1, 1], { commit: 3 }).compact(1, snapshotAt(2, 1));
    }).toThrow('is not yet applied');
  });
});

interface Shape {
  readonly commit?: number;
  readonly from?: number;
  readonly snapshot?: Snapshot<string>;
}

/** A stored log with entries of these terms from index 1 (or `from`) on. */
function logOf(terms: readonly number[], shape: Shape = {}): Log<string, string> {
  const { commit = 0, from = 1, snapshot = null } = shape;
  const entries = terms.map((term, at) => entry(from + at, term));
  return new Log({ hardState: { term: 9, vote: '', commit }, snapshot, entries }, 0);
}

function applied(terms: readonly number[]): Log<string, string> {
  const log = logOf(terms, { commit: terms.length });
  log.appliedTo(terms.length);
  return log;
}

function entry(index: number, term: number): Entry<string> {
  return { index, term, kind: 'normal', payload: `${index}` };
}

function snapshotAt(index: number, term: number): Snapshot<string> {
  return { index, term, members: ['1'], data: '' };
}
