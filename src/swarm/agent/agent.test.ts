import { describe, expect, test } from '@jest/globals';
import { configId, secretId } from '../../model/ids.ts';
import { ok } from '../../model/result.ts';
import { makeTask, makeTasks } from '../dispatcher/virtual-swarm.ts';
import type {
  AssignmentsMessage,
  DispatcherClient,
  SessionRequest,
  StreamEvents,
} from '../session.ts';
import { Bench, peer } from './agent-rehearsal.ts';

const META = { version: 0, createdAt: 0, updatedAt: 0 };

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
