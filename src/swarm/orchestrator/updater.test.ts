import { describe, expect, test } from '@jest/globals';
import { SECOND, Rehearsal } from './rehearsal.ts';
import { finish, image, images, is, made, serving, state, update } from './update-rehearsal.ts';

const PAUSED = /^paused\|update paused due to failure or early termination of task [0-9a-z]{25}$/;

describe('U1 U2 U3 order', () => {
  test('U1 stop-first, one slot at a time: prepared, old one stopped, new one started, delay, next', () => {
    const swarm = serving({ config: update({ Delay: 2 * SECOND }) });
    const begin = swarm.now;
    swarm.image('web', 'v2');
    const tookMs = finish(swarm, 'completed');
    const stopped = swarm.when(begin, is('v1', 'shutdown'));
    const running = swarm.when(begin, is('v2', 'running'));
    expect(stopped).toHaveLength(4);
    for (const at of [0, 1, 2, 3]) {
      expect(running[at]!).toBeGreaterThan(stopped[at]!);
      if (at > 0)
        expect(made(swarm, 'v2')[at]! - begin - running[at - 1]!).toBeGreaterThanOrEqual(2_000);
    }
    // Last one running + delay + monitor, as measured.
    expect(tookMs - running[3]!).toBeGreaterThanOrEqual(7_000 - 10);
    expect(tookMs - running[3]!).toBeLessThan(7_100);
  });

  test('U1 the new task is made in desired ready at the instant the old one is to shut down', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    swarm.advance(5);
    const slot = swarm.tasks('web').find((task) => image(task) === 'v2')!.slot;
    expect(swarm.states('web', slot)).toEqual(['shutdown/running', 'ready/new']);
    swarm.advance(1_000);
    expect(swarm.states('web', slot)).toEqual(['shutdown/running', 'ready/ready']);
  });

  test('U2 parallelism 2 takes two slots at once; 0 takes all', () => {
    for (const [parallelism, atOnce] of [
      [2, 2],
      [0, 4],
    ] as const) {
      const swarm = serving({ config: update({ Parallelism: parallelism }) });
      swarm.image('web', 'v2');
      swarm.advance(1_000);
      expect(images(swarm).filter((each) => each === 'v2')).toHaveLength(atOnce);
      finish(swarm, 'completed');
      expect(images(swarm)).toEqual(Array(4).fill('v2'));
    }
  });

  test('U3 start-first runs the new task before the old one is told to stop', () => {
    const swarm = serving({ config: update({ Order: 'start-first' }) });
    const begin = swarm.now;
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    const told = swarm.when(
      begin,
      (task) => image(task) === 'v1' && task.desiredState === 'shutdown',
    );
    expect(told[0]!).toBeGreaterThanOrEqual(swarm.when(begin, is('v2', 'running'))[0]!);
  });

  test('U3 start-first does not wait for the old task to stop before the next slot', () => {
    const swarm = serving({
      config: update({ Order: 'start-first' }),
      template: { ContainerSpec: { Image: 'stubborn' } },
    });
    const begin = swarm.now;
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    expect(swarm.now - begin).toBeLessThan(8_000);
  });

  test('N4 a forced update restarts every task, one slot at a time, in an order drawn by chance', () => {
    const orders = ['a', 'b', 'c', 'd', 'e'].map((seed) => {
      const swarm = new Rehearsal(3, seed);
      swarm.loops.start();
      swarm.createService('web');
      swarm.converge('web');
      const before = swarm.live('web').map((task) => task.id);
      swarm.template('web', { ForceUpdate: 1 });
      finish(swarm, 'completed');
      const after = swarm.live('web');
      expect(after.filter((task) => before.includes(task.id))).toEqual([]);
      expect(new Set(after.map((task) => task.nodeId)).size).toBe(3);
      return after
        .toSorted((a, b) => a.meta.createdAt - b.meta.createdAt)
        .map((task) => task.slot)
        .join();
    });
    expect(new Set(orders).size).toBeGreaterThan(1);
  });

  test('a task that is never placed holds the update for ever', () => {
    const swarm = serving();
    swarm.image('web', 'stuck');
    swarm.advance(600_000);
    expect(state(swarm)).toBe('updating');
    expect(images(swarm).filter((each) => each === 'v1')).toHaveLength(3);
  });
});

describe('U4 failure actions', () => {
  test('pause stops the update with a message that names the task', () => {
    const swarm = serving({ config: update({ Delay: 2 * SECOND }) });
    swarm.image('web', 'fails');
    const tookMs = finish(swarm, 'paused');
    expect(tookMs).toBeLessThan(3_000);
    expect(swarm.updates('web').slice(-2)[0]).toBe('updating|update in progress');
    expect(swarm.updates('web').at(-1)).toMatch(PAUSED);
    expect(swarm.service('web').updateStatus).not.toHaveProperty('completedAt');
    swarm.advance(60_000);
    expect(state(swarm)).toBe('paused');
    expect(images(swarm).filter((each) => each === 'v1')).toHaveLength(3);
  });

  test('pause is the default, on an image that does not exist too', () => {
    const swarm = serving();
    swarm.image('web', 'missing');
    expect(finish(swarm, 'paused')).toBeLessThan(500);
  });

  test('a paused update goes on with the next service update', () => {
    const swarm = serving();
    swarm.image('web', 'fails');
    finish(swarm, 'paused');
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    expect(images(swarm)).toEqual(Array(4).fill('v2'));
  });

  test('restarts during a pause already use the new spec', () => {
    const swarm = serving();
    swarm.image('web', 'fails');
    finish(swarm, 'paused');
    const old = swarm.live('web').find((task) => image(task) === 'v1')!;
    swarm.report(old, 'failed');
    swarm.advance(10);
    expect(swarm.slot('web', old.slot).map(image)).toEqual(['v1', 'fails']);
  });

  test('continue goes on to the end', () => {
    const swarm = serving({ config: update({ FailureAction: 'continue' }) });
    swarm.image('web', 'fails');
    finish(swarm, 'completed');
    expect(images(swarm)).toEqual(Array(4).fill('fails'));
  });

  test('rollback goes back by itself, keeps the start time and has no previous spec afterwards', () => {
    const swarm = serving({ config: update({ FailureAction: 'rollback' }) });
    swarm.image('web', 'fails');
    finish(swarm, 'rollback_started');
    const { startedAt, message } = swarm.service('web').updateStatus!;
    expect(message).toMatch(
      /^update rolled back due to failure or early termination of task [0-9a-z]{25}$/,
    );
    const tookMs = finish(swarm, 'rollback_completed');
    // Measured: the failed task's replacement has the failing spec and is replaced in its turn, so it takes the monitor's 5 s.
    expect(tookMs).toBeGreaterThan(5_000);
    const service = swarm.service('web');
    expect(service.updateStatus).toMatchObject({
      startedAt,
      message: 'rollback completed',
      completedAt: swarm.service('web').meta.updatedAt,
    });
    expect(service).not.toHaveProperty('previousSpec');
    swarm.converge('web', 4);
    expect(images(swarm)).toEqual(Array(4).fill('v1'));
  });

  test('when all new tasks of a batch fail in one transaction the rollback is complete at once', () => {
    const swarm = serving({
      config: update({
        Parallelism: 2,
        Delay: 2 * SECOND,
        Order: 'start-first',
        FailureAction: 'rollback',
      }),
    });
    swarm.image('web', 'never-ends');
    swarm.until(
      'both run',
      () => swarm.live('web').filter(is('never-ends', 'running')).length === 2,
    );
    swarm.advance(5);
    swarm.change((transaction) => {
      for (const task of swarm.live('web').filter(is('never-ends', 'running')))
        transaction.update('task', {
          ...task,
          status: { ...task.status, state: 'failed', timestamp: swarm.now, appliedAt: swarm.now },
        });
    });
    swarm.advance(20);
    expect(swarm.updates('web').at(-1)).toBe('rollback_completed|rollback completed');
  });

  test('without a previous spec a rollback changes nothing', () => {
    const swarm = serving({ config: update({ FailureAction: 'rollback' }) });
    swarm.change((transaction) => {
      const service = swarm.service('web');
      const TaskTemplate = { ...service.spec.TaskTemplate, ContainerSpec: { Image: 'fails' } };
      const spec = { ...service.spec, TaskTemplate };
      transaction.update('service', { ...service, spec, specVersion: 99 });
    });
    swarm.advance(30_000);
    expect(state(swarm)).toBe('updating');
  });
});

describe('U5 what counts as a failure', () => {
  test('a task that fails after the monitor period is not counted', () => {
    const swarm = serving();
    swarm.image('web', 'fails-late');
    finish(swarm, 'completed');
  });

  test('a longer monitor period counts it', () => {
    const swarm = serving({ config: update({ Monitor: 10 * SECOND }) });
    swarm.image('web', 'fails-late');
    finish(swarm, 'paused');
  });

  test('a clean exit counts too', () => {
    const swarm = serving();
    swarm.image('web', 'exits');
    finish(swarm, 'paused');
  });

  test('one that nobody has seen at running counts, however long it has taken', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    swarm.until('the first starts', () => swarm.live('web').some(is('v2', 'starting')));
    const first = swarm.live('web').find(is('v2', 'starting'))!;
    swarm.silence(first.nodeId);
    swarm.advance(60_000);
    expect(state(swarm)).toBe('updating');
    swarm.report(first, 'failed');
    expect(finish(swarm, 'paused')).toBeLessThan(100);
  });

  test('failures over dirty slots must exceed the ratio: 0.5 of 4 is the third', () => {
    const swarm = serving({ config: update({ MaxFailureRatio: 0.5 }) });
    swarm.image('web', 'fails');
    finish(swarm, 'paused');
    const failed = swarm.tasks('web').filter((task) => is('fails', 'failed')(task));
    expect(new Set(failed.map((task) => task.slot)).size).toBe(3);
  });

  test('restarted tasks of the new spec do not count', () => {
    const swarm = serving({
      config: update({ MaxFailureRatio: 0.25, Monitor: 60 * SECOND }),
      template: { RestartPolicy: { Delay: 0 } },
    });
    swarm.image('web', 'stuck-once');
    swarm.until('the first runs', () => swarm.live('web').some(is('stuck-once', 'running')));
    const first = swarm.live('web').find(is('stuck-once', 'running'))!;
    swarm.report(first, 'failed');
    swarm.advance(1_000);
    swarm.report(
      swarm.live('web').find((task) => task.slot === first.slot)!,
      'failed',
    );
    swarm.advance(1_000);
    expect(state(swarm)).toBe('updating');
  });

  test('with a delay of at least the monitor period, tasks are watched for the delay and a second', () => {
    const swarm = serving({ replicas: 1, config: update({ Delay: 10 * SECOND }) });
    const begin = swarm.now;
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    const ran = swarm.when(begin, is('v2', 'running'))[0]!;
    expect(swarm.now - begin - ran).toBeGreaterThanOrEqual(21_000 - 10);
    expect(swarm.now - begin - ran).toBeLessThan(21_100);
  });

  test('a failure while the last slots are still worked on is judged when they are done', () => {
    const swarm = serving({ replicas: 2, config: update({ Parallelism: 0 }) });
    swarm.silence('n2');
    swarm.availability('n2', 'pause');
    const quick = swarm.live('web').find((task) => task.nodeId !== 'n2')!.slot;
    swarm.image('web', 'v2');
    swarm.until('the quick slot runs', () => swarm.slot('web', quick).some(is('v2', 'running')));
    swarm.report(
      swarm.live('web').find((task) => task.slot === quick)!,
      'failed',
    );
    swarm.advance(20_000);
    expect(state(swarm)).toBe('updating');
    // The silent node's task is waited for a minute; by then the failure is too long ago to count.
    finish(swarm, 'completed');
  });
});
