/** The store against a plain list of objects: transactions, what watchers hear, versions, and that followers get the same state by whatever way. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SwarmError } from '../model/errors.ts';
import type { Node, StoreAction, Task } from '../model/objects.ts';
import { failed, ok, type Done } from '../model/result.ts';
import { makeNode, makeTask } from './dispatcher/virtual-swarm.ts';
import type { StoreEvent } from './store-watch.ts';
import { Store } from './store.ts';
import type { Reader } from './tables.ts';
import type { Transaction } from './transaction.ts';

type Kind = 'node' | 'task';
/** `put` creates or updates, whichever is right; of the others many must fail. */
type Act = 'put' | 'remove' | 'create' | 'update' | 'stale';
type Change = readonly [act: Act, kind: Kind, id: number, place: number];

const act = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Act>('put') },
  { weight: 3, arbitrary: fc.constant<Act>('remove') },
  { weight: 1, arbitrary: fc.constantFrom<Act>('create', 'update', 'stale') },
);
const change: fc.Arbitrary<Change> = fc.tuple(
  act,
  fc.constantFrom('node' as const, 'task' as const),
  fc.nat({ max: 5 }),
  fc.nat({ max: 2 }),
);
const changes = fc.array(change, { minLength: 1, maxLength: 6, size: 'max' });
/** Transactions, each with how its proposal ends; `later` commits only after the next two were asked for. */
const plan = fc.array(
  fc.tuple(changes, fc.constantFrom('commits', 'commits', 'later', 'refused' as const)),
  { minLength: 1, maxLength: 12, size: 'max' },
);

interface Kept {
  readonly id: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly place: string;
  readonly service: string;
}
type State = Readonly<Record<Kind, ReadonlyMap<string, Kept>>>;
const EMPTY: State = { node: new Map(), task: new Map() };

const SERVICES = ['web', 'db'];
const placeOf = (place: number): string => (place === 0 ? '' : `n${place}`);
const serviceOf = (number: number): string => SERVICES[number % 2] ?? '';
const idOf = (kind: Kind, id: number): string => `${kind}${id}`;

/** What a transaction makes of a state, and whether there is anything to write; null where it must fail, with nothing done. */
function modelled(
  state: State,
  list: readonly Change[],
  version: number,
  now: number,
): { readonly state: State; readonly writes: boolean } | null {
  const next = { node: new Map(state.node), task: new Map(state.task) };
  let writes = false;
  for (const [wish, kind, number, place] of list) {
    const id = idOf(kind, number);
    const stored = next[kind].get(id);
    const act = wish === 'put' && stored === undefined ? 'create' : wish;
    if (act === 'create') {
      if (stored !== undefined) return null;
      const service = kind === 'task' ? serviceOf(number) : '';
      const times = { version, createdAt: now, updatedAt: now };
      next[kind].set(id, { id, ...times, place: placeOf(place), service });
    } else if (act === 'remove') {
      if (!next[kind].delete(id)) continue;
    } else if (stored === undefined || act === 'stale') return null;
    else next[kind].set(id, { ...stored, version, updatedAt: now, place: placeOf(place) });
    writes = true;
  }
  return { state: next, writes };
}

function apply(transaction: Transaction, list: readonly Change[]): void {
  for (const [wish, kind, number, place] of list) {
    const id = idOf(kind, number);
    const stored = transaction.get(kind, id);
    const act = wish === 'put' && stored === undefined ? 'create' : wish;
    if (act === 'create') {
      const serviceId = serviceOf(number) as Task['serviceId'];
      if (kind === 'task')
        transaction.create('task', makeTask(id, { node: placeOf(place), serviceId }));
      else transaction.create('node', { ...makeNode(id), role: 'worker', status: statusOf(place) });
      continue;
    }
    if (act === 'remove') {
      transaction.remove(kind, id);
      continue;
    }
    if (stored === undefined) throw new SwarmError('NotFound', `${id} is not there`);
    const meta = { ...stored.meta, version: stored.meta.version - (act === 'stale' ? 1 : 0) };
    if ('slot' in stored) {
      const nodeId = placeOf(place) as Task['nodeId'];
      transaction.update('task', { ...stored, meta, nodeId });
    } else transaction.update('node', { ...stored, meta, status: statusOf(place) });
  }
}

const statusOf = (place: number) =>
  ({ state: 'ready', message: '', addr: placeOf(place) }) as const;

const keptOf = (object: Node | Task): Kept => ({
  id: object.id,
  ...object.meta,
  place: 'slot' in object ? object.nodeId : object.status.addr,
  service: 'slot' in object ? object.serviceId : '',
});

/** The tables as the model's lists, in the order in which they are read. */
function seen(read: Reader): unknown {
  return {
    node: read.all('node').map(keptOf),
    task: read.all('task').map(keptOf),
    services: SERVICES.map((service) => read.tasksOfService(service).map(({ id }) => id)),
    nodes: ['n1', 'n2'].map((node) =>
      read
        .tasksOfNode(node)
        .map(({ id }) => id)
        .sort(),
    ),
  };
}

function expected(state: State): unknown {
  const tasks = [...state.task.values()];
  return {
    node: [...state.node.values()],
    task: tasks,
    services: SERVICES.map((service) =>
      tasks.filter((task) => task.service === service).map(({ id }) => id),
    ),
    nodes: ['n1', 'n2'].map((node) =>
      tasks
        .filter((task) => task.place === node)
        .map(({ id }) => id)
        .sort(),
    ),
  };
}

/** A leader whose proposals end as they are told to. */
class Bench {
  now = 1000;
  index = 7;
  readonly store = new Store({ now: () => this.now });
  readonly proposals: { readonly actions: readonly StoreAction[]; readonly done: Done<null> }[] =
    [];
  readonly committed: (readonly StoreAction[])[] = [];
  readonly heard: (readonly StoreEvent[])[] = [];

  constructor() {
    this.store.watch((events) => this.heard.push(events));
    this.store.setProposer({
      commitIndex: () => this.index,
      propose: (actions, done) => this.proposals.push({ actions, done }),
    });
  }

  /** Ends the proposal that is out. */
  end(how: string): void {
    const proposal = this.proposals.shift();
    if (proposal === undefined) return;
    expect(this.proposals).toHaveLength(0);
    this.now += 10;
    if (how === 'refused') {
      proposal.done(failed(new SwarmError('Unavailable', 'refused by the test')));
      return;
    }
    this.index += 3;
    this.committed.push(proposal.actions);
    this.store.apply(proposal.actions);
    proposal.done(ok(null));
  }
}

type Plan = readonly (readonly [readonly Change[], string])[];

/** Plays the plan and answers what must be there; every step is compared on the way. */
function play(bench: Bench, list: Plan): State {
  let state = EMPTY;
  const waiting: (readonly [readonly Change[], string])[] = [];
  const outcomes: boolean[] = [];
  const wanted: boolean[] = [];
  const settle = (): void => {
    for (const [each, how] of waiting.splice(0)) {
      const next = modelled(state, each, bench.index, bench.now);
      const isTaken = next !== null && !(next.writes && how === 'refused');
      if (isTaken) ({ state } = next);
      wanted.push(isTaken);
      if (next?.writes === true) bench.end(how);
      expect(seen(bench.store.read)).toEqual(expected(state));
    }
  };
  for (const [each, how] of list) {
    bench.store.update(
      (transaction) => {
        apply(transaction, each);
        const then = modelled(modelOf(bench.store.read), each, bench.index, bench.now);
        expect(inAnyOrder(listedBy(transaction))).toEqual(inAnyOrder(listed(then?.state ?? EMPTY)));
      },
      (result) => outcomes.push(result.ok),
    );
    waiting.push([each, how]);
    if (how !== 'later') settle();
  }
  settle();
  expect(outcomes).toEqual(wanted);
  return state;
}

const modelOf = (read: Reader): State => ({
  node: new Map(read.all('node').map((node) => [node.id, keptOf(node)])),
  task: new Map(read.all('task').map((task) => [task.id, keptOf(task)])),
});
/** A model to be read as the store is. */
const listed = ({ node, task }: State): Lists => ({
  objects: [...node.values(), ...task.values()],
  ofService: (id) => [...task.values()].filter(({ service }) => service === id),
  ofNode: (id) => [...task.values()].filter(({ place }) => place === id),
});
const listedBy = (read: Reader): Lists => ({
  objects: [...read.all('node'), ...read.all('task')].map(keptOf),
  ofService: (id) => read.tasksOfService(id).map(keptOf),
  ofNode: (id) => read.tasksOfNode(id).map(keptOf),
});
interface Lists {
  readonly objects: readonly Kept[];
  readonly ofService: (id: string) => readonly Kept[];
  readonly ofNode: (id: string) => readonly Kept[];
}
const inAnyOrder = ({ objects, ofService, ofNode }: Lists): unknown =>
  [objects, ...SERVICES.map(ofService), ...['n1', 'n2'].map(ofNode)].map((list) =>
    list.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );

const RUNS = { seed: 3002, numRuns: 120 };
const TIMEOUT_MS = 60_000;

test(
  'transactions come one after another, each on the newest state, and leave what a plain list would hold',
  () => {
    fc.assert(
      fc.property(plan, (list) => {
        play(new Bench(), list);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'watchers hear every commit once, in its order, with what was there before',
  () => {
    fc.assert(
      fc.property(plan, (list) => {
        const bench = new Bench();
        const state = play(bench, list);
        const mirror = new Map<string, unknown>();
        expect(bench.heard).toHaveLength(bench.committed.length);
        bench.heard.forEach((events, at) => {
          const actions = bench.committed[at] ?? [];
          expect(events.map(({ action }) => action)).toEqual(actions.map(({ action }) => action));
          for (const event of events) {
            const { id } = event.object;
            if (event.action === 'create') expect(mirror.has(id)).toBe(false);
            if (event.action === 'update') expect(mirror.get(id)).toBe(event.previous);
            if (event.action === 'remove') expect(mirror.get(id)).toBe(event.object);
            if (event.action === 'remove') mirror.delete(id);
            else mirror.set(id, event.object);
          }
        });
        expect([...mirror.keys()].sort()).toEqual(
          [...state.node.keys(), ...state.task.keys()].sort(),
        );
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a follower that applied the log, one that took a snapshot on the way and the leader hold the same, in the same order',
  () => {
    fc.assert(
      fc.property(plan, fc.nat({ max: 12 }), (list, at) => {
        const bench = new Bench();
        play(bench, list);
        const replayed = new Store({ now: () => 0 });
        const restored = new Store({ now: () => 0 });
        restored.apply(bench.committed[0] ?? []);
        bench.committed.forEach((actions, index) => {
          if (index === at) restored.restore(replayed.snapshot());
          replayed.apply(actions);
          if (index >= at) restored.apply(actions);
        });
        if (at >= bench.committed.length) restored.restore(replayed.snapshot());
        for (const store of [replayed, restored]) {
          expect(store.snapshot()).toEqual(bench.store.snapshot());
          expect(seen(store.read)).toEqual(seen(bench.store.read));
        }
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'versions never fall, and a later commit has a higher one',
  () => {
    fc.assert(
      fc.property(plan, (list) => {
        const bench = new Bench();
        play(bench, list);
        const versions = bench.committed.map((actions) => [
          ...new Set(
            actions.flatMap((action) => ('object' in action ? [action.object.meta.version] : [])),
          ),
        ]);
        for (const each of versions) expect(each.length).toBeLessThanOrEqual(1);
        const all = versions.flat();
        expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a batch does all that can be done, in order, in transactions of at most 200 changes',
  () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.nat({ max: 5 }), (count, every) => {
        const bench = new Bench();
        let done = 0;
        const fails = (at: number): boolean => every > 0 && at % (every + 1) === 0;
        bench.store.batch(
          Array.from({ length: count }, (_, at) => (transaction: Transaction) => {
            if (fails(at)) throw new SwarmError('NotFound', 'the object of this change is gone');
            transaction.create('node', makeNode(`node${at}`));
          }),
          (result) => (done += result.ok ? 1 : 10),
        );
        while (bench.proposals.length > 0) bench.end('commits');
        const wanted = Array.from({ length: count }, (_, at) => at).filter((at) => !fails(at));
        expect(done).toBe(1);
        expect(bench.store.read.all('node').map(({ id }) => id)).toEqual(
          wanted.map((at) => `node${at}`),
        );
        expect(bench.committed).toHaveLength(Math.ceil(wanted.length / 200));
        for (const actions of bench.committed) expect(actions.length).toBeLessThanOrEqual(200);
      }),
      { ...RUNS, numRuns: 60 },
    );
  },
  TIMEOUT_MS,
);
