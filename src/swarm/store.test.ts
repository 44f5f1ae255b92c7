import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../model/errors.ts';
import type { StoreAction } from '../model/objects.ts';
import { failed, ok, type Done } from '../model/result.ts';
import { makeNode, makeTask } from './dispatcher/virtual-swarm.ts';
import type { StoreEvent } from './store-watch.ts';
import { Store } from './store.ts';

/** A store whose proposals the test answers. */
class Bench {
  readonly store = new Store({ now: () => this.now });
  readonly proposals: { readonly actions: readonly StoreAction[]; readonly done: Done<null> }[] =
    [];
  now = 1000;
  index = 7;
  /** Commits inside the proposal. */
  atOnce = true;

  constructor() {
    this.lead();
  }

  lead(): void {
    this.store.setProposer({
      commitIndex: () => this.index,
      propose: (actions, done) => {
        if (this.atOnce) this.#commit(actions, done);
        else this.proposals.push({ actions, done });
      },
    });
  }

  commitNext(): void {
    const next = this.proposals.shift();
    if (next !== undefined) this.#commit(next.actions, next.done);
  }

  add(...ids: readonly string[]): void {
    this.store.update((transaction) => {
      for (const id of ids) transaction.create('node', makeNode(id));
    });
  }

  get nodes(): readonly string[] {
    return this.store.read.all('node').map((node) => node.id);
  }

  #commit(actions: readonly StoreAction[], done: Done<null>): void {
    this.index += 1;
    this.store.apply(actions);
    done(ok(null));
  }
}

describe('a transaction', () => {
  test('gives what it writes the commit index of its beginning and the leader’s time', () => {
    const bench = new Bench();
    bench.add('a');
    bench.now = 2000;
    bench.store.update((transaction) => {
      const node = transaction.get('node', 'a');
      if (node !== undefined) transaction.update('node', { ...node, role: 'manager' });
    });
    const meta = bench.store.read.get('node', 'a')?.meta;
    expect(meta).toEqual({ version: 8, createdAt: 1000, updatedAt: 2000 });
  });

  test('on an older version of an object is out of sequence and writes nothing', () => {
    const bench = new Bench();
    bench.add('a');
    const stale = bench.store.read.get('node', 'a');
    bench.store.update((transaction) => {
      if (stale !== undefined) transaction.update('node', stale);
    });
    let text = '';
    bench.store.update(
      (transaction) => {
        transaction.create('node', makeNode('b'));
        if (stale !== undefined) transaction.update('node', stale);
      },
      (result) => {
        if (!result.ok) text = result.error.text;
      },
    );
    expect(text).toBe('rpc error: code = Unknown desc = update out of sequence');
    expect(bench.nodes).toEqual(['a']);
  });

  test('begins when the one before is committed, so that it sees what that wrote', () => {
    const bench = new Bench();
    bench.atOnce = false;
    const seen: number[] = [];
    for (const id of ['a', 'b', 'c']) {
      bench.store.update((transaction) => {
        seen.push(transaction.all('node').length);
        transaction.create('node', makeNode(id));
      });
    }
    expect(bench.proposals).toHaveLength(1);
    bench.commitNext();
    bench.commitNext();
    bench.commitNext();
    expect(seen).toEqual([0, 1, 2]);
    expect(bench.nodes).toEqual(['a', 'b', 'c']);
  });

  test('without a change is answered and never proposed', () => {
    const bench = new Bench();
    bench.atOnce = false;
    let answer: unknown = null;
    bench.store.update(
      () => 5,
      (result) => (answer = result),
    );
    expect(answer).toEqual({ ok: true, value: 5 });
    expect(bench.proposals).toEqual([]);
  });

  test('reads its own changes, in every index', () => {
    const bench = new Bench();
    bench.store.update((transaction) => {
      transaction.create('task', makeTask('t', { node: 'n1' }));
      expect(transaction.tasksOfNode('n1')).toHaveLength(1);
      const task = transaction.get('task', 't');
      if (task !== undefined)
        transaction.update('task', { ...task, nodeId: makeTask('x', { node: 'n2' }).nodeId });
      expect(transaction.tasksOfNode('n1')).toEqual([]);
      expect(transaction.tasksOfNode('n2')).toHaveLength(1);
      transaction.remove('task', 't');
      expect(transaction.all('task')).toEqual([]);
    });
    expect(bench.store.read.all('task')).toEqual([]);
  });
});

describe('many transactions', () => {
  test('that change nothing do not deepen the stack, nor do those committed at once', () => {
    const bench = new Bench();
    bench.atOnce = false;
    bench.add('first');
    let answered = 0;
    for (let n = 0; n < 15_000; n += 1) {
      bench.store.update(
        (transaction) => {
          if (n % 1000 === 0) transaction.create('node', makeNode(`n${n}`));
        },
        () => (answered += 1),
      );
    }
    bench.atOnce = true;
    bench.commitNext();
    expect(answered).toBe(15_000);
    expect(bench.nodes).toHaveLength(16);
  });

  test('in a batch take as few commits as 200 changes each allow, and leave out what no longer fits', () => {
    const bench = new Bench();
    bench.add('known');
    const begin = bench.index;
    let answer: unknown = null;
    bench.store.batch(
      Array.from({ length: 450 }, (_, n) => (transaction) => {
        if (n === 100) throw new SwarmError('NotFound', 'gone meanwhile');
        transaction.create('node', makeNode(`n${n}`));
      }),
      (result) => (answer = result),
    );
    expect(answer).toEqual({ ok: true, value: null });
    expect(bench.index - begin).toBe(3);
    expect(bench.nodes).toHaveLength(450);
  });

  test('that wait when the lead is lost fail, and later answers do not release a new lead’s queue', () => {
    const bench = new Bench();
    bench.atOnce = false;
    const texts: string[] = [];
    const note: Done<unknown> = (result) => texts.push(result.ok ? 'ok' : result.error.message);
    bench.store.update((transaction) => transaction.create('node', makeNode('a')), note);
    bench.store.update((transaction) => transaction.create('node', makeNode('b')), note);
    bench.store.setProposer(null);
    const lost = 'raft: failed to process the request: node lost leader status';
    expect(texts).toEqual([lost]);
    bench.store.update(() => null, note);
    expect(texts).toEqual([lost, lost]);
    const [late] = bench.proposals.splice(0);
    bench.lead();
    bench.add('c');
    bench.add('d');
    late?.done(failed(new SwarmError('Unknown', 'late')));
    expect(bench.proposals).toHaveLength(1);
    expect(texts).toEqual([lost, lost, 'late']);
  });
});

describe('a watcher', () => {
  test('is told of a whole transaction when all of it is in the tables', () => {
    const bench = new Bench();
    const told: (readonly StoreEvent[])[] = [];
    const stop = bench.store.watch((events) => {
      told.push(events);
      expect(bench.nodes).toEqual(['a', 'b']);
    });
    bench.add('a', 'b');
    stop();
    bench.add('c');
    expect(told).toHaveLength(1);
    expect(told[0]?.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      'create node',
      'create node',
    ]);
  });

  test('may write, which is done in a transaction after', () => {
    const bench = new Bench();
    bench.store.watch((events) => {
      for (const { kind, object } of events)
        if (kind === 'node' && object.id === 'a') bench.add('b');
    });
    bench.add('a');
    expect(bench.nodes).toEqual(['a', 'b']);
  });
});

test('a snapshot restores the same state, indexes included', () => {
  const bench = new Bench();
  bench.store.update((transaction) => {
    transaction.create('task', makeTask('t', { node: 'n1' }));
  });
  const other = new Store({ now: () => 0 });
  other.restore(bench.store.snapshot());
  expect(other.snapshot()).toEqual(bench.store.snapshot());
  expect(other.read.tasksOfNode('n1')).toHaveLength(1);
  expect(other.read.tasksOfService('web')).toHaveLength(1);
});
