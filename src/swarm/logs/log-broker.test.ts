import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { createRandom } from '../../model/random.ts';
import { ok } from '../../model/result.ts';
import type { TaskState } from '../../model/task-state.ts';
import type { Ports } from '../ports.ts';
import { Store } from '../store.ts';
import { VirtualTime } from '../virtual-time.ts';
import type { LogMessage, LogOptions, LogSelector, LogSubscription, PacedSink } from './log-api.ts';
import { LogBroker } from './log-broker.ts';

/** A sink that remembers; `busy` holds back whoever asks for room. */
class Reader<T> implements PacedSink<T> {
  readonly got: T[] = [];
  ended: { readonly error: SwarmError | null } | null = null;
  busy = false;
  readonly waiting: (() => void)[] = [];
  readonly #gone: (() => void)[] = [];

  send(message: T): void {
    this.got.push(message);
  }
  end(error: SwarmError | null): void {
    this.ended ??= { error };
  }
  onClose(callback: () => void): void {
    this.#gone.push(callback);
  }
  whenReady(callback: () => void): void {
    if (this.busy) this.waiting.push(callback);
    else callback();
  }
  leave(): void {
    for (const callback of this.#gone.splice(0)) callback();
  }
}

const OPTIONS: LogOptions = { streams: [], follow: false, tail: 0 };
const FOLLOW: LogOptions = { ...OPTIONS, follow: true };
const SERVICE: LogSelector = { serviceIds: ['web'], nodeIds: [], taskIds: [] };

class Bench {
  readonly store: Store;
  readonly broker: LogBroker;

  constructor() {
    const time = new VirtualTime();
    const ports: Ports = {
      clock: { now: () => time.now },
      timers: time,
      random: createRandom('logs'),
      log: () => undefined,
    };
    this.store = new Store(ports.clock);
    this.store.setProposer({
      commitIndex: () => 1,
      propose: (actions, done) => {
        this.store.apply(actions);
        done(ok(null));
      },
    });
    this.broker = new LogBroker(ports, this.store);
    this.broker.start();
  }

  task(id: string, node: string, state: TaskState = 'running'): void {
    const draft: Omit<Task, 'meta'> = {
      id: taskId(id),
      serviceId: serviceId('web'),
      slot: 1,
      nodeId: nodeId(node),
      serviceName: 'web',
      serviceLabels: {},
      spec: { ForceUpdate: 0 },
      specVersion: 0,
      desiredState: 'running',
      status: { state, timestamp: 0, message: '', err: '' },
    };
    this.store.update((transaction) => {
      const there = transaction.get('task', id);
      if (there === undefined) transaction.create('task', draft);
      else transaction.update('task', { ...there, ...draft });
    });
  }

  listen(node: string): Reader<LogSubscription> {
    const sink = new Reader<LogSubscription>();
    this.broker.listen(nodeId(node), sink);
    return sink;
  }

  subscribe(options = OPTIONS, selector = SERVICE): Reader<readonly LogMessage[]> {
    const sink = new Reader<readonly LogMessage[]>();
    this.broker.subscribe({ selector, options }, sink);
    return sink;
  }
}

const line = (node: string, text: string): LogMessage => ({
  context: { serviceId: 'web', nodeId: node, taskId: 't' },
  time: { seconds: 1, nanoseconds: 2 },
  stream: 'stdout',
  data: Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
  attributes: [],
});

const nothing = (): void => undefined;
const textOf = (reader: Reader<unknown>): string | null => reader.ended?.error?.text ?? null;

describe('a subscription', () => {
  test('goes to the nodes of its tasks and to no other, and ends when all have sent theirs', () => {
    const bench = new Bench();
    const [one, two, three] = ['n1', 'n2', 'n3'].map((node) => bench.listen(node));
    bench.task('a', 'n1');
    bench.task('b', 'n2');
    const reader = bench.subscribe();
    expect([one, two, three].map((sink) => sink?.got.length)).toEqual([1, 1, 0]);
    const { id } = one!.got[0]!;
    for (const node of ['n1', 'n2']) {
      const publisher = bench.broker.publish(nodeId(node), id, nothing);
      publisher.publish([line(node, node)], nothing);
      publisher.close();
    }
    expect(reader.got.flat().map(({ context }) => context.nodeId)).toEqual(['n1', 'n2']);
    expect(reader.ended).toEqual({ error: null });
    expect(one!.got.at(-1)).toMatchObject({ id, close: true });
  });

  test('without tasks it ends at once', () => {
    expect(new Bench().subscribe().ended).toEqual({ error: null });
  });

  test('of a service leaves out tasks that never began to run, unless they are followed', () => {
    const bench = new Bench();
    const agent = bench.listen('n1');
    bench.task('a', 'n1', 'preparing');
    expect(bench.subscribe().ended).toEqual({ error: null });
    expect(bench.subscribe(FOLLOW).ended).toBeNull();
    expect(agent.got).toHaveLength(1);
  });

  test('names at its end what could not be had', () => {
    const bench = new Bench();
    bench.task('a', 'gone');
    bench.task('b', 'leaves');
    bench.task('c', '', 'pending');
    const leaving = bench.listen('leaves');
    const reader = bench.subscribe(OPTIONS, {
      serviceIds: [],
      nodeIds: [],
      taskIds: ['a', 'b', 'c'],
    });
    expect(reader.ended).toBeNull();
    leaving.leave();
    expect(textOf(reader)).toBe(
      'rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be retrieved for the following reasons: node gone is not available, node leaves disconnected unexpectedly, task c has not been scheduled',
    );
  });

  test('without a selector is refused', () => {
    const reader = new Bench().subscribe(OPTIONS, { serviceIds: [], nodeIds: [], taskIds: [] });
    expect(textOf(reader)).toBe(
      'rpc error: code = InvalidArgument desc = log selector must not be empty',
    );
  });

  test('that follows never ends by itself, and reaches the nodes of tasks that come later', () => {
    const bench = new Bench();
    bench.task('a', 'n1');
    const [one, two] = [bench.listen('n1'), bench.listen('n2')];
    const reader = bench.subscribe(FOLLOW);
    const { id } = one.got[0]!;
    bench.broker.publish(nodeId('n1'), id, nothing).close();
    bench.task('b', '', 'new');
    expect(two.got).toEqual([]);
    bench.task('b', 'n2', 'assigned');
    bench.task('b', 'n2', 'running');
    expect(two.got.map((told) => told.id)).toEqual([id]);
    expect(reader.ended).toBeNull();
    reader.leave();
    expect([one, two].map((sink) => sink.got.at(-1)?.close)).toEqual([true, true]);
  });

  test('that follows is told to a node that comes back', () => {
    const bench = new Bench();
    bench.task('a', 'n1');
    bench.listen('n1').leave();
    const reader = bench.subscribe(FOLLOW);
    expect(bench.listen('n1').got).toHaveLength(1);
    expect(reader.ended).toBeNull();
  });
});

describe('a publisher', () => {
  test('waits for a reader that lags', () => {
    const bench = new Bench();
    bench.task('a', 'n1');
    const { got } = bench.listen('n1');
    const reader = bench.subscribe();
    reader.busy = true;
    let ready = 0;
    const publisher = bench.broker.publish(nodeId('n1'), got[0]!.id, nothing);
    publisher.publish([line('n1', 'x')], () => (ready += 1));
    expect(ready).toBe(0);
    for (const callback of reader.waiting.splice(0)) callback();
    expect(ready).toBe(1);
  });

  test('speaks for its own node only', () => {
    const bench = new Bench();
    bench.task('a', 'n1');
    const { got } = bench.listen('n1');
    const reader = bench.subscribe();
    const ended: (SwarmError | null)[] = [];
    const publisher = bench.broker.publish(nodeId('n1'), got[0]!.id, (error) => ended.push(error));
    publisher.publish([line('n2', 'x')], nothing);
    expect(ended[0]?.text).toBe(
      'rpc error: code = PermissionDenied desc = invalid NodeID: expected=n1;received=n2',
    );
    expect(reader.got).toEqual([]);
    expect(textOf(reader)).toContain('invalid NodeID');
  });

  test('of an unknown subscription is refused', () => {
    const ended: (SwarmError | null)[] = [];
    new Bench().broker.publish(nodeId('n1'), 'x', (error) => ended.push(error));
    expect(ended[0]?.code).toBe('NotFound');
  });

  test('that breaks off leaves its reason', () => {
    const bench = new Bench();
    bench.task('a', 'n1');
    const { got } = bench.listen('n1');
    const reader = bench.subscribe();
    const ended: (SwarmError | null)[] = [];
    const publisher = bench.broker.publish(nodeId('n1'), got[0]!.id, (error) => ended.push(error));
    publisher.fail(new SwarmError('Canceled', 'cut off'));
    publisher.close();
    expect(ended).toHaveLength(1);
    expect(textOf(reader)).toContain('reasons: rpc error: code = Canceled desc = cut off');
  });
});

test('a broker that stops ends everything; agents are sent to look for another, readers are told', () => {
  const bench = new Bench();
  bench.task('a', 'n1');
  const agent = bench.listen('n1');
  const reader = bench.subscribe(FOLLOW);
  bench.broker.stop();
  expect(agent.ended).toEqual({ error: null });
  expect(textOf(reader)).toBe('rpc error: code = Canceled desc = context canceled');
  expect(textOf(bench.subscribe())).toBe('rpc error: code = Unknown desc = broker is not running');
  expect(textOf(bench.listen('n1'))).toBe('rpc error: code = Unknown desc = broker is not running');
});
