import { describe, expect, test } from '@jest/globals';
import { configId, secretId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import type { AssignmentsMessage } from '../session.ts';
import { DispatcherBench, type Recorder } from './dispatcher-bench.ts';
import { makeTask, makeTasks } from './virtual-swarm.ts';

const META = { version: 0, createdAt: 0, updatedAt: 0 };

describe('assignments', () => {
  const nameOf = (change: AssignmentsMessage['changes'][number]): string => {
    if (change.action === 'remove') return `-${change.kind} ${change.id}`;
    if (change.kind === 'task') return `task ${change.task.id}`;
    return change.kind === 'secret' ? `secret ${change.secret.id}` : `config ${change.config.id}`;
  };
  const tasksOf = (message: AssignmentsMessage): string[] => message.changes.map(nameOf);

  const open = (bench: DispatcherBench): Recorder<AssignmentsMessage> =>
    bench.assignments('n1', bench.register('n1').last.sessionId);

  test('begin with all there is and go on with what changed, each message naming the one it follows', () => {
    const bench = new DispatcherBench(['n1']);
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
    const bench = new DispatcherBench(['n1']);
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
    const bench = new DispatcherBench(['n1']);
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
    const bench = new DispatcherBench(['n1']);
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
    const bench = new DispatcherBench(['n1'], ['n2']);
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
