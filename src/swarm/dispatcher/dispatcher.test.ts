import { describe, expect, test } from '@jest/globals';
import type { SwarmError } from '../../model/errors.ts';
import { clusterId, configId, nodeId, secretId, taskId } from '../../model/ids.ts';
import type { Cluster, Task, TaskStatus } from '../../model/objects.ts';
import type { Result } from '../../model/result.ts';
import { DEFAULT_SWARM_SPEC } from '../../model/specs.ts';
import type { AssignmentsMessage, SessionMessage, Sink, WeightedPeer } from '../session.ts';
import { Dispatcher } from './dispatcher.ts';
import { makeNode, makeTask, makeTasks, VirtualSwarm } from './virtual-swarm.ts';

const META = { version: 0, createdAt: 0, updatedAt: 0 };

/** A sink that remembers; `leave` is the other side going away. */
class Recorder<T> implements Sink<T> {
  readonly messages: T[] = [];
  ended: SwarmError | null | undefined;
  #closed: () => void = () => undefined;

  send(message: T): void {
    this.messages.push(message);
  }

  end(error: SwarmError | null): void {
    this.ended = error;
  }

  onClose(callback: () => void): void {
    this.#closed = callback;
  }

  leave(): void {
    this.#closed();
  }

  get last(): T {
    return this.messages.at(-1)!;
  }
}

class Bench extends VirtualSwarm {
  managers: WeightedPeer[] = [{ nodeId: nodeId('m1'), addr: '10.0.0.9:2377', weight: 10 }];
  rootCa = 'root 1';
  managersChanged: () => void = () => undefined;
  readonly dispatcher: Dispatcher;

  constructor(...nodes: Parameters<typeof makeNode>[]) {
    super();
    this.dispatcher = new Dispatcher(this.ports, this.store, {
      self: nodeId('m1'),
      managers: () => this.managers,
      managersChanged: (callback) => {
        this.managersChanged = callback;
        return () => undefined;
      },
      rootCa: () => this.rootCa,
    });
    this.create('node', ...nodes.map((args) => makeNode(...args)));
    this.dispatcher.start();
  }

  /** Opens a session and waits for its answer. */
  register(id: string, sessionId?: string): Recorder<SessionMessage> {
    const sink = this.open(id, sessionId);
    this.time.advance(100);
    return sink;
  }

  open(id: string, sessionId?: string): Recorder<SessionMessage> {
    const sink = new Recorder<SessionMessage>();
    const { description } = makeNode(id);
    const renewed = sessionId === undefined ? {} : { sessionId };
    this.dispatcher.session(this.caller(id), { description: description!, ...renewed }, sink);
    return sink;
  }

  caller(id: string): { nodeId: ReturnType<typeof nodeId>; addr: string } {
    return { nodeId: nodeId(id), addr: '10.1.2.3:5000' };
  }

  beat(id: string, sessionId: string): Result<{ readonly periodMs: number }> {
    let answer: Result<{ readonly periodMs: number }> | undefined;
    this.dispatcher.heartbeat(this.caller(id), sessionId, (result) => {
      answer = result;
    });
    return answer!;
  }

  report(id: string, sessionId: string, task: string, status: Partial<TaskStatus>): Result<null> {
    let answer: Result<null> | undefined;
    const full: TaskStatus = {
      state: 'running',
      timestamp: 5,
      message: 'started',
      err: '',
      ...status,
    };
    this.dispatcher.updateTaskStatus(
      this.caller(id),
      sessionId,
      [{ taskId: taskId(task), status: full }],
      (result) => {
        answer = result;
      },
    );
    return answer!;
  }

  assignments(id: string, sessionId: string): Recorder<AssignmentsMessage> {
    const sink = new Recorder<AssignmentsMessage>();
    this.dispatcher.assignments(this.caller(id), sessionId, sink);
    return sink;
  }

  /** The time in ms until the node is in the state, up to `limitMs`. */
  until(id: string, state: string, limitMs: number): number {
    for (let passed = 0; passed <= limitMs; passed += 50) {
      if (this.node(id).status.state === state) return passed;
      this.time.advance(50);
    }
    throw new Error(`node ${id} is still ${this.node(id).status.state}`);
  }
}

const errorOf = (result: Result<unknown>): string =>
  result.ok ? 'ok' : `${result.error.code} ${result.error.message}`;

describe('a node that falls silent', () => {
  test.each([1, 2, 3, 4, 5])('is down 13.5 to 16.5 s after its last beat (run %i)', (run) => {
    const bench = new Bench(['n1']);
    for (let draw = 0; draw < run; draw += 1) bench.ports.random.next();
    const { sessionId } = bench.register('n1').last;
    bench.time.advance(3000);
    bench.beat('n1', sessionId);
    const downMs = bench.until('n1', 'down', 20_000);
    expect(downMs).toBeGreaterThanOrEqual(13_500);
    expect(downMs).toBeLessThanOrEqual(16_500 + 150);
    expect(bench.node('n1').status.message).toBe('heartbeat failure');
  });

  test('loses its session and must register again', () => {
    const bench = new Bench(['n1']);
    const session = bench.register('n1');
    const stream = bench.assignments('n1', session.last.sessionId);
    bench.until('n1', 'down', 20_000);
    expect(session.ended).toMatchObject({ code: 'NotFound', message: 'node not registered' });
    expect(stream.ended).toMatchObject({ code: 'NotFound', message: 'node not registered' });
    expect(errorOf(bench.beat('n1', session.last.sessionId))).toBe('NotFound node not registered');
    bench.register('n1');
    expect(bench.node('n1').status).toEqual({ state: 'ready', message: '', addr: '10.1.2.3' });
  });

  test('stays ready for as long as it beats, each period drawn between 4.5 and 5.5 s', () => {
    const bench = new Bench(['n1']);
    const { sessionId } = bench.register('n1').last;
    const periods = new Set<number>();
    for (let beat = 0; beat < 40; beat += 1) {
      const answer = bench.beat('n1', sessionId);
      if (!answer.ok) throw answer.error;
      periods.add(answer.value.periodMs);
      bench.time.advance(answer.value.periodMs);
    }
    expect(bench.node('n1').status.state).toBe('ready');
    expect(periods.size).toBe(40);
    expect(Math.min(...periods)).toBeGreaterThanOrEqual(4500);
    expect(Math.max(...periods)).toBeLessThan(5500);
  });

  test('is down sooner where the cluster asks for more beats', () => {
    const bench = new Bench(['n1']);
    const spec = { ...DEFAULT_SWARM_SPEC, Dispatcher: { HeartbeatPeriod: 1_000_000_000 } };
    const cluster: Cluster = {
      id: clusterId('c'),
      meta: META,
      spec,
      joinTokens: { worker: '', manager: '' },
      rootCa: { certificate: '', key: '' },
      defaultAddressPool: [],
      subnetSize: 24,
      dataPathPort: 4789,
      blacklist: {},
    };
    bench.create('cluster', cluster);
    bench.register('n1');
    expect(bench.until('n1', 'down', 5000)).toBeLessThanOrEqual(4500 + 150);
  });

  test('has its live tasks orphaned a day later, and only their state is touched', () => {
    const bench = new Bench(['n1']);
    bench.create(
      'task',
      makeTask('live', { node: 'n1', state: 'running' }),
      makeTask('over', { node: 'n1', state: 'failed' }),
    );
    bench.until('n1', 'down', 40_000);
    bench.time.advance(86_400_000 - 1000);
    expect(bench.task('live').status.state).toBe('running');
    bench.time.advance(2000);
    expect(bench.task('live').status).toMatchObject({
      state: 'orphaned',
      message: 'pending task scheduling',
    });
    expect(bench.task('over').status.state).toBe('failed');
  });

  test('keeps its tasks when it comes back within the day', () => {
    const bench = new Bench(['n1']);
    bench.create('task', makeTask('live', { node: 'n1', state: 'running' }));
    bench.until('n1', 'down', 40_000);
    const { sessionId } = bench.register('n1').last;
    for (let hour = 0; hour < 90_000; hour += 10) {
      bench.beat('n1', sessionId);
      bench.time.advance(10_000);
    }
    expect(bench.task('live').status.state).toBe('running');
  });
});

describe('a new leader', () => {
  test.each([1, 2, 3, 4])(
    'Q7: finds every node unknown, and those that stay away are down 27 to 33 s later (run %i)',
    (run) => {
      const bench = new Bench(['n1'], ['n2'], ['gone', { state: 'down' }]);
      bench.dispatcher.stop();
      for (let draw = 0; draw < run; draw += 1) bench.ports.random.next();
      bench.dispatcher.start();
      expect(bench.node('n1').status).toMatchObject({
        state: 'unknown',
        message: 'Node moved to "unknown" state due to leadership change in cluster',
      });
      expect(bench.node('gone').status.state).toBe('down');
      const { sessionId } = bench.register('n1').last;
      expect(bench.node('n1').status).toMatchObject({ state: 'ready', message: '' });
      const beats = (): void => {
        bench.beat('n1', sessionId);
        bench.time.after(5000, beats);
      };
      beats();
      const downMs = bench.until('n2', 'down', 40_000) + 100;
      expect(downMs).toBeGreaterThanOrEqual(27_000);
      expect(downMs).toBeLessThanOrEqual(33_000 + 150);
      expect(bench.node('n2').status.message).toBe('heartbeat failure for node in "unknown" state');
      expect(bench.node('n1').status.state).toBe('ready');
    },
  );

  test('does not make a node unknown that registered while the marks were still being written', () => {
    const bench = new Bench();
    bench.dispatcher.stop();
    bench.create('node', ...Array.from({ length: 450 }, (_, at) => makeNode(`n${at}`)));
    bench.commitMs = 300;
    bench.dispatcher.start();
    bench.register('n449');
    bench.time.advance(3000);
    expect(bench.node('n449').status.state).toBe('ready');
    expect(bench.node('n448').status.state).toBe('unknown');
  });

  test('that loses the lead ends every stream and refuses every call', () => {
    const bench = new Bench(['n1'], ['n2']);
    const session = bench.register('n1');
    const stream = bench.assignments('n1', session.last.sessionId);
    const waiting = bench.open('n2');
    bench.dispatcher.stop();
    for (const sink of [session, stream, waiting, bench.open('n1')])
      expect(sink.ended).toMatchObject({ code: 'Aborted', message: 'dispatcher is stopped' });
    expect(errorOf(bench.beat('n1', session.last.sessionId))).toBe('Aborted dispatcher is stopped');
    expect(bench.time.pending).toBe(0);
  });
});

describe('a session', () => {
  test('is answered after its commit, with the node, the managers and the root certificate', () => {
    const bench = new Bench(['n1']);
    bench.commitMs = 30;
    const sink = bench.open('n1');
    bench.time.advance(100);
    expect(sink.messages).toEqual([]);
    bench.time.advance(60);
    expect(sink.messages).toHaveLength(1);
    expect(sink.last.sessionId).toHaveLength(25);
    expect(sink.last).toMatchObject({
      node: { id: 'n1', status: { state: 'ready' } },
      managers: bench.managers,
      rootCa: 'root 1',
    });
  });

  test('is told when managers, root certificate or its node change, and of nothing else', () => {
    const bench = new Bench(['n1'], ['n2']);
    const sink = bench.register('n1');
    bench.managers = [
      ...bench.managers,
      { nodeId: nodeId('m2'), addr: '10.0.0.8:2377', weight: 10 },
    ];
    bench.managersChanged();
    expect(sink.last.managers).toHaveLength(2);
    bench.change('node', 'n1', (node) => ({
      ...node,
      spec: { ...node.spec, Availability: 'drain' },
    }));
    expect(sink.last.node.spec.Availability).toBe('drain');
    bench.change('node', 'n2', (node) => ({
      ...node,
      spec: { ...node.spec, Availability: 'drain' },
    }));
    bench.managersChanged();
    expect(sink.messages).toHaveLength(3);
  });

  test('keeps its id when it is renewed with a new description', () => {
    const bench = new Bench(['n1']);
    const first = bench.register('n1').last.sessionId;
    for (let again = 0; again < 6; again += 1)
      expect(bench.register('n1', first).last.sessionId).toBe(first);
    expect(errorOf(bench.beat('n1', first))).toBe('ok');
  });

  test('is refused to a node that registers more than three times within 8 s of each other', () => {
    const bench = new Bench(['n1']);
    for (let again = 0; again < 3; again += 1) expect(bench.register('n1').ended).toBeUndefined();
    const refused = bench.register('n1');
    expect(refused.ended).toMatchObject({
      code: 'Unavailable',
      message: 'node n1 exceeded rate limit count of registrations',
    });
    bench.time.advance(8000);
    expect(bench.register('n1').ended).toBeUndefined();
  });

  test('is refused to a node that is not in the swarm, and ends when the node is removed', () => {
    const bench = new Bench(['n1']);
    expect(bench.register('stranger').ended).toMatchObject({
      code: 'Unknown',
      message: 'node not found',
    });
    const session = bench.register('n1');
    bench.remove('node', 'n1');
    expect(session.ended).toMatchObject({ code: 'NotFound' });
    expect(errorOf(bench.beat('n1', session.last.sessionId))).toBe('NotFound node not registered');
  });

  test('of another node, or of an earlier registration, is invalid', () => {
    const bench = new Bench(['n1'], ['n2']);
    const first = bench.register('n1').last.sessionId;
    const second = bench.register('n1').last.sessionId;
    for (const wrong of [first, '', 'x']) {
      expect(errorOf(bench.beat('n1', wrong))).toBe('InvalidArgument session invalid');
      expect(errorOf(bench.report('n1', wrong, 't', {}))).toBe('InvalidArgument session invalid');
      expect(bench.assignments('n1', wrong).ended).toMatchObject({ message: 'session invalid' });
    }
    expect(errorOf(bench.beat('n1', second))).toBe('ok');
  });
});

describe('task reports', () => {
  const reporting = (): { bench: Bench; sessionId: string } => {
    const bench = new Bench(['n1'], ['n2']);
    bench.create(
      'task',
      makeTask('t', { node: 'n1', state: 'assigned' }),
      makeTask('other', { node: 'n2', state: 'assigned' }),
    );
    return { bench, sessionId: bench.register('n1').last.sessionId };
  };

  test('are written within 100 ms with the time and name of who took them in', () => {
    const { bench, sessionId } = reporting();
    const container = { containerId: 'c', pid: 7, exitCode: 0 };
    expect(errorOf(bench.report('n1', sessionId, 't', { container }))).toBe('ok');
    expect(bench.task('t').status.state).toBe('assigned');
    bench.time.advance(100);
    expect(bench.task('t').status).toEqual({
      state: 'running',
      timestamp: 5,
      message: 'started',
      err: '',
      container,
      appliedAt: bench.time.now(),
      appliedBy: 'm1',
    });
  });

  test('never lower a state, and one that says nothing new writes nothing', () => {
    const { bench, sessionId } = reporting();
    bench.report('n1', sessionId, 't', { state: 'running' });
    bench.time.advance(100);
    const before = bench.task('t');
    bench.report('n1', sessionId, 't', { state: 'starting', message: 'starting' });
    bench.time.advance(100);
    bench.report('n1', sessionId, 't', { state: 'running' });
    bench.time.advance(100);
    expect(bench.task('t')).toBe(before);
    bench.report('n1', sessionId, 't', {
      state: 'running',
      container: { containerId: 'c', pid: 0, exitCode: -1 },
    });
    bench.time.advance(100);
    expect(bench.task('t').status.container?.exitCode).toBe(-1);
  });

  test('R2, R3: change a stale task only once its node is heard again', () => {
    const { bench } = reporting();
    bench.change('task', 't', (task) => ({
      ...task,
      status: { ...task.status, state: 'running' },
    }));
    bench.until('n1', 'down', 40_000);
    bench.change('task', 't', (task) => ({ ...task, desiredState: 'shutdown' }));
    bench.time.advance(60_000);
    expect(bench.task('t')).toMatchObject({
      desiredState: 'shutdown',
      status: { state: 'running' },
    });
    const { sessionId } = bench.register('n1').last;
    bench.report('n1', sessionId, 't', { state: 'failed', err: 'task: non-zero exit (255)' });
    bench.time.advance(100);
    expect(bench.task('t').status).toMatchObject({
      state: 'failed',
      err: 'task: non-zero exit (255)',
    });
  });

  test("of another node's task are refused, of a task that is gone passed over", () => {
    const { bench, sessionId } = reporting();
    expect(errorOf(bench.report('n1', sessionId, 'other', {}))).toBe(
      'PermissionDenied cannot update a task not assigned this node',
    );
    expect(errorOf(bench.report('n1', sessionId, 'nowhere', {}))).toBe('ok');
    bench.time.advance(100);
    expect(bench.task('other').status.state).toBe('assigned');
  });
});

describe('assignments', () => {
  const nameOf = (change: AssignmentsMessage['changes'][number]): string => {
    if (change.action === 'remove') return `-${change.kind} ${change.id}`;
    if (change.kind === 'task') return `task ${change.task.id}`;
    return change.kind === 'secret' ? `secret ${change.secret.id}` : `config ${change.config.id}`;
  };
  const tasksOf = (message: AssignmentsMessage): string[] => message.changes.map(nameOf);

  const open = (bench: Bench): Recorder<AssignmentsMessage> =>
    bench.assignments('n1', bench.register('n1').last.sessionId);

  test('begin with all there is and go on with what changed, each message naming the one it follows', () => {
    const bench = new Bench(['n1']);
    bench.create(
      'task',
      makeTask('a', { node: 'n1', state: 'running' }),
      makeTask('b', { node: 'n1', state: 'pending' }),
    );
    const stream = open(bench);
    expect(
      stream.messages.map((message) => [
        message.type,
        message.appliesTo,
        message.resultsIn,
        tasksOf(message),
      ]),
    ).toEqual([['complete', '', '1', ['task a']]]);
    bench.change('task', 'b', (task) => ({
      ...task,
      status: { ...task.status, state: 'assigned' },
    }));
    bench.time.advance(99);
    expect(stream.messages).toHaveLength(1);
    bench.time.advance(1);
    bench.remove('task', 'a');
    bench.time.advance(100);
    expect(
      stream.messages
        .slice(1)
        .map((message) => [message.type, message.appliesTo, message.resultsIn, tasksOf(message)]),
    ).toEqual([
      ['incremental', '1', '2', ['task b']],
      ['incremental', '2', '3', ['-task a']],
    ]);
  });

  test('wait for 100 ms of quiet, but not for more than 100 changes', () => {
    const bench = new Bench(['n1']);
    bench.create('task', ...makeTasks(150, 't', { node: 'n1', state: 'pending' }));
    const stream = open(bench);
    const assign = (at: number): void => {
      bench.change('task', `t${at}`, (task) => ({
        ...task,
        status: { ...task.status, state: 'assigned' },
      }));
    };
    for (let at = 1; at <= 99; at += 1) {
      assign(at);
      bench.time.advance(90);
    }
    expect(stream.messages).toHaveLength(1);
    assign(100);
    expect(stream.messages).toHaveLength(2);
    expect(stream.last.changes).toHaveLength(100);
    assign(101);
    bench.time.advance(100);
    expect(tasksOf(stream.last)).toEqual(['task t101']);
  });

  test('do not repeat to an agent what it reported itself, but tell it a new desired state', () => {
    const bench = new Bench(['n1']);
    bench.create('task', makeTask('t', { node: 'n1', state: 'assigned' }));
    const { sessionId } = bench.register('n1').last;
    const stream = bench.assignments('n1', sessionId);
    bench.report('n1', sessionId, 't', { state: 'running' });
    bench.time.advance(500);
    expect(stream.messages).toHaveLength(1);
    bench.change('task', 't', (task) => ({ ...task, desiredState: 'shutdown' }));
    bench.time.advance(100);
    expect(stream.last.changes).toMatchObject([
      { kind: 'task', task: { desiredState: 'shutdown' } },
    ]);
  });

  test('carry secrets and configs while a live task uses them, before the task that needs them', () => {
    const bench = new Bench(['n1']);
    bench.create('secret', {
      id: secretId('s'),
      meta: META,
      spec: { Name: 's', Labels: {}, Data: 'x' },
    });
    bench.create('config', {
      id: configId('c'),
      meta: META,
      spec: { Name: 'c', Labels: {}, Data: 'y' },
    });
    const spec: Partial<Task['spec']> = {
      ContainerSpec: {
        Image: 'v1',
        Secrets: [{ SecretID: 's', SecretName: 's' }],
        Configs: [{ ConfigID: 'c', ConfigName: 'c' }],
      },
    };
    const common = { node: 'n1', spec } as const;
    bench.create(
      'task',
      makeTask('a', { ...common, state: 'running' }),
      makeTask('b', { ...common, state: 'assigned' }),
      makeTask('old', { ...common, state: 'failed' }),
    );
    const { sessionId } = bench.register('n1').last;
    const stream = bench.assignments('n1', sessionId);
    expect(tasksOf(stream.last)).toEqual(['secret s', 'config c', 'task a', 'task b', 'task old']);
    bench.report('n1', sessionId, 'a', { state: 'complete' });
    bench.time.advance(300);
    expect(stream.messages).toHaveLength(1);
    bench.report('n1', sessionId, 'b', { state: 'complete' });
    bench.time.advance(300);
    expect(tasksOf(stream.last)).toEqual(['-secret s', '-config c']);
    bench.remove('task', 'a');
    bench.time.advance(100);
    expect(tasksOf(stream.last)).toEqual(['-task a']);
  });

  test('of one node cost nothing when another node changes', () => {
    const bench = new Bench(['n1'], ['n2']);
    const stream = open(bench);
    bench.create('task', makeTask('t', { node: 'n2', state: 'pending' }));
    bench.change('task', 't', (task) => ({
      ...task,
      status: { ...task.status, state: 'assigned' },
    }));
    bench.time.advance(500);
    expect(stream.messages).toHaveLength(1);
    stream.leave();
  });
});
