import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import { configId, nodeId, secretId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { ok } from '../../model/result.ts';
import { Dispatcher } from '../dispatcher/dispatcher.ts';
import { makeNode, makeTask, makeTasks, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import type {
  AssignmentsMessage,
  DispatcherClient,
  SessionMessage,
  SessionRequest,
  StreamEvents,
  WeightedPeer,
} from '../session.ts';
import { Agent } from './agent.ts';
import { DirectDialer, FakeExecutor } from './fake-executor.ts';
import { MemoryAgentStorage } from './storage.ts';

const META = { version: 0, createdAt: 0, updatedAt: 0 };
const peer = (id: string): WeightedPeer => ({ nodeId: nodeId(id), addr: `${id}:2377`, weight: 10 });

/** A leader's dispatcher and one agent, joined without a network. */
class Bench extends VirtualSwarm {
  readonly engine = new FakeExecutor('n1');
  readonly storage = new MemoryAgentStorage();
  readonly sessions: SessionMessage[] = [];
  readonly dispatcher: Dispatcher;
  readonly dialer: DirectDialer;
  managers: WeightedPeer[] = [peer('m1')];
  local: DispatcherClient | null = null;
  agent: Agent;

  constructor(seed = 'agent') {
    super(seed);
    this.dispatcher = new Dispatcher(this.ports, this.store, {
      self: nodeId('m1'),
      managers: () => this.managers,
      managersChanged: () => () => undefined,
      rootCa: () => 'root',
    });
    const all = new Map(['m1', 'm2', 'm3'].map((id) => [id, this.dispatcher]));
    this.dialer = new DirectDialer({ nodeId: nodeId('n1'), addr: '10.0.0.5' }, all);
    this.create('node', makeNode('n1', { state: 'unknown' }));
    this.dispatcher.start();
    this.agent = this.makeAgent();
  }

  makeAgent(): Agent {
    return new Agent(this.ports, {
      nodeId: nodeId('n1'),
      dialer: this.dialer,
      executor: this.engine,
      storage: this.storage,
      localManager: () => this.local,
      onSession: (message) => this.sessions.push(message),
    });
  }

  /** Starts the agent and lets it register. */
  join(): this {
    this.agent.start(this.managers);
    this.time.advance(200);
    return this;
  }

  /** The daemon goes down and comes up; containers run on. */
  restart(): void {
    this.agent.stop(() => undefined);
    this.engine.controllers.clear();
    this.agent = this.makeAgent();
    this.join();
  }

  assign(...ids: string[]): void {
    this.create('task', ...ids.map((id) => makeTask(id, { node: 'n1' })));
    for (const id of ids)
      this.change('task', id, (task) => ({
        ...task,
        status: { ...task.status, state: 'assigned' },
      }));
    this.time.advance(300);
  }

  desire(id: string, desiredState: Task['desiredState']): void {
    this.change('task', id, (task) => ({ ...task, desiredState }));
  }
}

describe('a session', () => {
  test('makes the node ready and keeps it so', () => {
    const bench = new Bench().join();
    expect(bench.node('n1').status).toEqual({ state: 'ready', message: '', addr: '10.0.0.5' });
    bench.time.advance(600_000);
    expect(bench.node('n1').status.state).toBe('ready');
    expect(bench.dialer.dialled).toEqual(['m1']);
    expect(bench.sessions[0]).toMatchObject({
      node: { id: 'n1' },
      managers: bench.managers,
      rootCa: 'root',
    });
  });

  test('that breaks is taken up again with another manager, after waits that grow to 8 s at most', () => {
    const bench = new Bench();
    bench.managers = [peer('m1'), peer('m2'), peer('m3')];
    bench.join();
    for (const id of ['m1', 'm2', 'm3']) bench.dialer.cutOff(id);
    bench.time.advance(120_000);
    expect(bench.lines[0]?.level).toBe('warn');
    const tries = bench.dialer.dialled.length;
    // 100, 300, 700, … 8000 ms at most; half of that on average.
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(60);
    expect(new Set(bench.dialer.dialled).size).toBe(3);
    bench.dialer.cut.delete('m2');
    bench.time.advance(60_000);
    expect(bench.node('n1').status.state).toBe('ready');
    expect(bench.dialer.dialled.at(-1)).toBe('m2');
  });

  test('prefers the manager on its own node and never closes it', () => {
    const bench = new Bench();
    let closed = 0;
    bench.local = { ...bench.dialer.client('m1'), close: () => (closed += 1) };
    bench.join();
    expect(bench.dialer.dialled).toEqual([]);
    expect(bench.node('n1').status.state).toBe('ready');
    bench.local = null;
    bench.dispatcher.stop();
    bench.dispatcher.start();
    bench.time.advance(1000);
    expect(bench.dialer.dialled).toEqual(['m1']);
    expect(closed).toBe(0);
  });

  test('is rebuilt after a change of leader, and every status is reported again', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.dispatcher.stop();
    bench.engine.of('t').kill(1);
    bench.time.advance(5000);
    expect(bench.task('t').status.state).toBe('running');
    bench.dispatcher.start();
    expect(bench.node('n1').status.state).toBe('unknown');
    bench.time.advance(9000);
    expect(bench.node('n1').status.state).toBe('ready');
    expect(bench.task('t').status).toMatchObject({
      state: 'failed',
      err: 'task: non-zero exit (1)',
    });
  });

  test('brings back what a leader took in but never wrote', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.engine.of('t').kill(1);
    bench.dispatcher.stop();
    bench.time.advance(1000);
    expect(bench.task('t').status.state).toBe('running');
    bench.dispatcher.start();
    bench.time.advance(9000);
    expect(bench.task('t').status.state).toBe('failed');
  });

  test('is renewed under its id within 20 s of a changed description', () => {
    const bench = new Bench().join();
    const { description } = bench.engine;
    bench.engine.description = {
      ...description,
      engine: { ...description.engine, labels: { disk: 'ssd' } },
    };
    bench.time.advance(20_200);
    expect(bench.node('n1').description?.engine.labels).toEqual({ disk: 'ssd' });
    expect(new Set(bench.sessions.map((message) => message.sessionId)).size).toBe(1);
    const dialled = bench.dialer.dialled.length;
    bench.time.advance(60_000);
    expect(bench.dialer.dialled).toHaveLength(dialled);
    bench.engine.description = description;
    bench.engine.engineRestarted();
    bench.time.advance(200);
    expect(bench.node('n1').description?.engine.labels).toEqual({});
  });

  test('is not waited for longer than 5 s', () => {
    const bench = new Bench();
    bench.commitMs = 60_000;
    bench.agent.start(bench.managers);
    bench.time.advance(5500);
    expect(bench.lines.map((line) => line.message)).toContain(
      'session failed: session initiation timed out',
    );
    // A node that never had one may simply be too early.
    expect(bench.lines.map((line) => line.level)).not.toContain('warn');
    expect(bench.dialer.dialled.length).toBeGreaterThan(1);
  });

  test('is looked for until a manager is known', () => {
    const bench = new Bench();
    bench.agent.start([]);
    bench.time.advance(3000);
    expect(bench.dialer.dialled).toEqual([]);
    bench.agent.setPeers([peer('m1')]);
    bench.time.advance(9000);
    expect(bench.node('n1').status.state).toBe('ready');
  });
});

describe('assigned tasks', () => {
  test('run, and their state is known to the manager', () => {
    const bench = new Bench().join();
    bench.assign('a', 'b');
    expect(['a', 'b'].map((id) => bench.task(id).status.state)).toEqual(['running', 'running']);
  });

  test('that the manager removes lose their container, and are forgotten', () => {
    const bench = new Bench().join();
    bench.assign('a', 'b');
    bench.remove('task', 'a');
    bench.time.advance(200);
    expect([...bench.engine.running]).toEqual(['b']);
    expect(bench.engine.of('a').calls.slice(-3)).toEqual(['shutdown', 'remove', 'close']);
    expect(bench.storage.load().tasks.map(({ task }) => task.id)).toEqual(['b']);
  });

  test('that a new session does not list are removed', () => {
    const bench = new Bench().join();
    bench.assign('a', 'b');
    bench.dispatcher.stop();
    bench.remove('task', 'a');
    bench.dispatcher.start();
    bench.time.advance(2000);
    expect([...bench.engine.running]).toEqual(['b']);
  });

  test('find their secrets and configs, and these go with the last task that uses them', () => {
    const bench = new Bench().join();
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
    const ContainerSpec = {
      Image: 'v1',
      Secrets: [{ SecretID: 's', SecretName: 's' }],
      Configs: [{ ConfigID: 'c', ConfigName: 'c' }],
    };
    bench.create('task', makeTask('t', { node: 'n1', spec: { ContainerSpec } }));
    bench.change('task', 't', (task) => ({
      ...task,
      status: { ...task.status, state: 'assigned' },
    }));
    bench.time.advance(300);
    const { dependencies } = bench.engine.of('t');
    expect([...dependencies.secrets, ...dependencies.configs].map(({ id }) => id)).toEqual([
      's',
      'c',
    ]);
    bench.engine.of('t').kill(0);
    bench.time.advance(300);
    expect([...dependencies.secrets, ...dependencies.configs]).toEqual([]);
  });

  test('are stopped within 1.1 to 1.7 s of the order', () => {
    const bench = new Bench().join();
    bench.assign('t');
    const from = bench.time.now();
    bench.desire('t', 'shutdown');
    bench.time.advance(300);
    expect(bench.task('t').status).toMatchObject({ state: 'running', container: { exitCode: -1 } });
    while (bench.task('t').status.state === 'running') bench.time.advance(10);
    expect(bench.task('t').status.state).toBe('shutdown');
    expect(bench.time.now() - from).toBeGreaterThanOrEqual(1100);
    expect(bench.time.now() - from).toBeLessThanOrEqual(1700);
  });

  test('R5: of a node that is cut off run on, and are stopped after the heal', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.dialer.cutOff('m1');
    bench.time.advance(60_000);
    expect(bench.node('n1').status.state).toBe('down');
    bench.desire('t', 'shutdown');
    bench.time.advance(30_000);
    expect(bench.engine.running.has('t')).toBe(true);
    bench.dialer.cut.delete('m1');
    bench.time.advance(11_000);
    expect(bench.engine.running.has('t')).toBe(false);
    expect(bench.task('t').status.state).toBe('shutdown');
  });

  test('may be as many as there are: reports are sent together', () => {
    const bench = new Bench().join();
    bench.create('task', ...makeTasks(2500, 't', { node: 'n1' }));
    bench.store.batch(
      bench.store.read.all('task').map((task) => (transaction) => {
        transaction.update('task', { ...task, status: { ...task.status, state: 'assigned' } });
      }),
    );
    bench.time.advance(1000);
    expect(bench.store.read.all('task').every((task) => task.status.state === 'running')).toBe(
      true,
    );
  });
});

describe('a restart of the daemon', () => {
  test('R3: finds a container that ended meanwhile and reports it failed with exit 255', () => {
    const bench = new Bench().join();
    bench.assign('gone', 'stays');
    bench.agent.stop(() => undefined);
    bench.engine.running.delete('gone');
    bench.restart();
    expect(bench.task('gone').status).toMatchObject({
      state: 'failed',
      message: 'started',
      err: 'task: non-zero exit (255)',
      container: { exitCode: 255 },
    });
    expect(bench.task('stays').status.state).toBe('running');
    expect(bench.engine.of('stays').calls).toEqual(['wait']);
  });

  test('resumes without a manager, and does not start anew what runs', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.dialer.cutOff('m1');
    bench.restart();
    expect(bench.engine.of('t').calls).toEqual(['wait']);
  });

  test('goes on with the removal of a withdrawn task', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.engine.removeErrors.push(new SwarmError('Unavailable', 'busy'));
    bench.remove('task', 't');
    bench.time.advance(150);
    expect(bench.storage.load().tasks).toMatchObject([{ assigned: false }]);
    bench.restart();
    expect(bench.engine.of('t').calls).toEqual(['shutdown', 'remove', 'close']);
    expect(bench.storage.load().tasks).toEqual([]);
  });

  test('a stopped agent leaves its containers running, its session closed and no timer', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.dispatcher.stop();
    let done = false;
    bench.agent.stop(() => {
      done = true;
    });
    expect([done, bench.engine.running.has('t'), bench.time.pending]).toEqual([true, true, 0]);
    expect(bench.engine.of('t').calls.at(-1)).toBe('close');
  });

  test('an agent that leaves the swarm removes every container', () => {
    const bench = new Bench().join();
    bench.assign('a', 'b');
    let done = false;
    bench.agent.leave(() => {
      done = true;
    });
    expect([done, bench.engine.running.size, bench.storage.load().tasks.length]).toEqual([
      true,
      0,
      0,
    ]);
  });
});

test('a gap in the assignments opens the stream anew, and the message after the gap is not applied', () => {
  const bench = new Bench();
  const streams: StreamEvents<AssignmentsMessage>[] = [];
  const requests: SessionRequest[] = [];
  const client: DispatcherClient = {
    session: (request, events) => {
      requests.push(request);
      events.message({ sessionId: 's1', node: bench.node('n1'), managers: [], rootCa: '' });
      return { close: () => undefined };
    },
    heartbeat: (_id, done) => {
      done(ok({ periodMs: 5000 }));
    },
    updateTaskStatus: (_id, _updates, done) => {
      done(ok(null));
    },
    assignments: (_id, events) => {
      streams.push(events);
      return { close: () => undefined };
    },
    close: () => undefined,
  };
  bench.local = client;
  bench.agent.start([]);
  const update = (id: string): AssignmentsMessage['changes'][number] => ({
    kind: 'task',
    action: 'update',
    task: makeTask(id, { node: 'n1', state: 'assigned' }),
  });
  streams[0]!.message({ type: 'complete', appliesTo: '', resultsIn: '1', changes: [update('a')] });
  streams[0]!.message({
    type: 'incremental',
    appliesTo: '1',
    resultsIn: '2',
    changes: [update('b')],
  });
  streams[0]!.message({
    type: 'incremental',
    appliesTo: '3',
    resultsIn: '4',
    changes: [update('c')],
  });
  expect(streams).toHaveLength(2);
  expect([...bench.engine.running]).toEqual(['a', 'b']);
  streams[1]!.message({
    type: 'complete',
    appliesTo: '',
    resultsIn: '1',
    changes: [update('a'), update('c')],
  });
  expect([...bench.engine.running]).toEqual(['a', 'c']);
  expect(requests).toHaveLength(1);
});
