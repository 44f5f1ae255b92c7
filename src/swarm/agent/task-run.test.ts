import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import type { Task, TaskStatus } from '../../model/objects.ts';
import { failed, ok } from '../../model/result.ts';
import { makeTask, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import { FakeExecutor, type FakeController } from './fake-executor.ts';
import { TaskRun } from './task-run.ts';

class Bench extends VirtualSwarm {
  readonly engine = new FakeExecutor('n1');
  readonly statuses: TaskStatus[] = [];

  run(options: Parameters<typeof makeTask>[1] = {}): TaskRun {
    const task = makeTask('t', { node: 'n1', state: 'assigned', ...options });
    const run = new TaskRun(
      this.ports,
      task,
      task.status,
      () => this.engine.controller(task, { secrets: [], configs: [] }),
      (_task, status) => this.statuses.push(status),
    );
    this.statuses.push(run.status);
    run.begin();
    return run;
  }

  get controller(): FakeController {
    return this.engine.of('t');
  }

  get states(): string[] {
    return this.statuses.map((status) => status.state);
  }

  get calls(): string[] {
    return this.controller.calls;
  }
}

const desired = (run: TaskRun, desiredState: Task['desiredState']): void => {
  run.update({ ...run.task, desiredState });
};

describe('towards running', () => {
  test('a task goes through every state with its message, and on to complete when its container ends well', () => {
    const bench = new Bench();
    bench.run();
    bench.controller.kill(0);
    expect(bench.statuses.map((status) => `${status.state}|${status.message}`)).toEqual([
      'accepted|accepted',
      'preparing|preparing',
      'ready|prepared',
      'starting|starting',
      'running|started',
      'complete|finished',
    ]);
    expect(bench.calls).toEqual(['prepare', 'start', 'wait']);
  });

  test('a task that shall be ready is prepared and waits until it shall run', () => {
    const bench = new Bench();
    const run = bench.run({ desiredState: 'ready' });
    expect(bench.states.at(-1)).toBe('ready');
    expect(run.status.container).toBeUndefined();
    bench.time.advance(60_000);
    expect(bench.calls).toEqual(['prepare']);
    desired(run, 'running');
    expect(bench.calls).toEqual(['prepare', 'update running', 'start', 'wait']);
    expect(run.status).toMatchObject({ state: 'running', container: { containerId: 'c-t' } });
  });

  test('a container that ends with an error has failed, with the exit code and the message of its last step', () => {
    const bench = new Bench();
    const run = bench.run();
    bench.controller.kill(137);
    expect(run.status).toMatchObject({
      state: 'failed',
      message: 'started',
      err: 'task: non-zero exit (137)',
      container: { exitCode: 137 },
    });
  });

  test('an error before the start rejects the task, one during the start fails it', () => {
    const bench = new Bench();
    bench.engine.hold.add('prepare');
    const run = bench.run();
    bench.controller.preparing[0]!(failed(new SwarmError('NotFound', 'No such image: x:1')));
    expect(run.status).toMatchObject({
      state: 'rejected',
      message: 'preparing',
      err: 'No such image: x:1',
    });

    const other = new Bench();
    other.engine.hold.add('start');
    const second = other.run();
    const err = 'task: non-zero exit (137): dockerexec: unhealthy container';
    expect(second.status).toMatchObject({ state: 'starting', message: 'starting' });
    other.controller.starting[0]!(failed(new SwarmError('Unknown', err)));
    expect(second.status).toMatchObject({ state: 'failed', message: 'starting', err });
  });

  test.each(['Unavailable', 'DeadlineExceeded'] as const)(
    'an error %s is repeated after 1 s',
    (code) => {
      const bench = new Bench();
      bench.engine.hold.add('prepare');
      const run = bench.run();
      bench.controller.preparing[0]!(failed(new SwarmError(code, 'not yet')));
      bench.time.advance(999);
      expect(bench.calls).toEqual(['prepare']);
      expect(run.status).toMatchObject({ state: 'preparing', err: 'not yet' });
      bench.time.advance(1);
      bench.controller.preparing[1]!(ok(bench.controller.container));
      expect(bench.calls).toEqual(['prepare', 'prepare', 'start', 'wait']);
      expect(run.status).toMatchObject({ state: 'running', err: '' });
    },
  );

  test.each([
    ['assigned', 'rejected'],
    ['running', 'failed'],
    ['failed', 'failed'],
  ] as const)('a spec without a controller makes a task that is %s %s', (state, end) => {
    const bench = new Bench();
    bench.engine.refusal = new SwarmError('InvalidArgument', 'invalid mount target');
    const run = bench.run({ state });
    expect(run.status.state).toBe(end);
    if (state !== 'failed')
      expect(run.status).toMatchObject({
        message: 'resolving controller failed',
        err: 'invalid mount target',
      });
  });

  test('the time of a status changes only with the status', () => {
    const bench = new Bench();
    const run = bench.run();
    const { timestamp } = run.status;
    bench.time.advance(5000);
    run.update({ ...run.task, status: { ...run.task.status, message: 'other' } });
    expect(run.status.timestamp).toBe(timestamp);
    expect(bench.statuses).toHaveLength(5);
  });

  test('a running task told anew in the spelling of another manager is left alone', () => {
    const bench = new Bench();
    const run = bench.run();
    const { status, task } = run;
    bench.time.advance(5000);
    const RestartPolicy = { Condition: 'any', MaxAttempts: 0 } as const;
    run.update({ ...task, spec: { ...task.spec, RestartPolicy } });
    bench.time.advance(5000);
    expect(run.status).toEqual(status);
    expect(bench.calls).toEqual(['prepare', 'start', 'wait']);
  });
});

describe('towards the end', () => {
  test('stopping a running task takes a second more than its container needs, with exit code -1 meanwhile', () => {
    const bench = new Bench();
    const run = bench.run();
    desired(run, 'shutdown');
    expect(run.status).toMatchObject({
      state: 'running',
      message: 'started',
      container: { exitCode: -1 },
    });
    bench.time.advance(999);
    expect(bench.calls).toEqual(['prepare', 'start', 'wait']);
    bench.time.advance(1);
    expect(bench.calls).toEqual(['prepare', 'start', 'wait', 'update shutdown', 'shutdown']);
    expect(run.status).toMatchObject({
      state: 'shutdown',
      message: 'shutdown',
      container: { exitCode: 0 },
    });
  });

  test('the end of a container that was stopped by the task is not taken for a failure', () => {
    const bench = new Bench();
    const run = bench.run();
    desired(run, 'shutdown');
    bench.controller.kill(143);
    bench.time.advance(1000);
    bench.controller.kill(143);
    expect(bench.states.slice(-3)).toEqual(['running', 'running', 'shutdown']);
  });

  test('a second update cuts the waiting second short', () => {
    const bench = new Bench();
    const run = bench.run();
    desired(run, 'shutdown');
    desired(run, 'remove');
    expect(run.status.state).toBe('shutdown');
  });

  test('a task that never ran is shut down too, and one that has ended is left alone', () => {
    const bench = new Bench();
    expect(bench.run({ desiredState: 'shutdown' }).status.state).toBe('shutdown');
    expect(bench.calls).toEqual(['shutdown']);
    const other = new Bench();
    const run = other.run();
    other.controller.kill(1);
    desired(run, 'shutdown');
    other.time.advance(5000);
    expect(other.calls).toEqual(['prepare', 'start', 'wait', 'update shutdown']);
    expect(run.status.state).toBe('failed');
  });

  test('a desired state never goes back', () => {
    const bench = new Bench();
    const run = bench.run({ desiredState: 'shutdown' });
    desired(run, 'running');
    bench.time.advance(5000);
    expect(run.task.desiredState).toBe('shutdown');
    expect(bench.lines.map((line) => line.message)).toEqual([
      'task t: desired state running refused, it is shutdown',
    ]);
  });

  test('a start that never ends is given up for a shutdown', () => {
    const bench = new Bench();
    bench.engine.hold.add('start');
    const run = bench.run();
    desired(run, 'shutdown');
    bench.time.advance(1000);
    expect(run.status.state).toBe('shutdown');
    bench.controller.starting[0]!(ok({ container: bench.controller.container, ports: [] }));
    expect(run.status.state).toBe('shutdown');
  });

  test('a preparation is given up where the engine can, else waited for', () => {
    const waits = new Bench();
    waits.engine.hold.add('prepare');
    const run = waits.run();
    desired(run, 'shutdown');
    waits.time.advance(5000);
    expect(waits.calls).toEqual(['prepare']);
    waits.controller.preparing[0]!(ok(waits.controller.container));
    expect(waits.states.slice(-2)).toEqual(['ready', 'shutdown']);

    const gives = new Bench();
    gives.engine.hold.add('prepare');
    gives.engine.cancellable = true;
    const other = gives.run();
    desired(other, 'shutdown');
    gives.time.advance(1000);
    expect(gives.calls).toEqual(['prepare', 'cancel', 'update shutdown', 'shutdown']);
    expect(other.status.state).toBe('shutdown');
  });

  test('a removed task has its container stopped and removed, again and again while the engine is busy', () => {
    const bench = new Bench();
    const run = bench.run();
    bench.engine.removeErrors.push(new SwarmError('Unavailable', 'busy'));
    const gone: boolean[] = [];
    run.remove((result) => gone.push(result.ok));
    expect(gone).toEqual([]);
    bench.time.advance(1000);
    expect(gone).toEqual([true]);
    expect(bench.calls.slice(3)).toEqual(['shutdown', 'remove', 'remove', 'close']);
    expect(bench.states.at(-1)).toBe('running');
  });

  test('a task that is removed while it is prepared leaves no container behind', () => {
    const bench = new Bench();
    bench.engine.hold.add('prepare');
    const run = bench.run();
    const gone: boolean[] = [];
    run.remove((result) => gone.push(result.ok));
    expect(bench.calls).toEqual(['prepare']);
    bench.controller.preparing[0]!(ok(bench.controller.container));
    expect(bench.calls).toEqual(['prepare', 'shutdown', 'remove', 'close']);
    expect(gone).toEqual([true]);
  });
});
