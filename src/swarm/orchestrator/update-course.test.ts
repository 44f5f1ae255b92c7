import { describe, expect, test } from '@jest/globals';
import { createOrchestrationLoops } from './loops.ts';
import { SECOND, type Rehearsal } from './rehearsal.ts';
import { finish, images, is, made, serving, update } from './update-rehearsal.ts';

describe('U6 U7 rollback by hand, defaults', () => {
  test('U6 a manual rollback returns to the previous spec, and a second one forward again', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    swarm.rollBack('web');
    expect(swarm.updates('web').at(-1)).toBe('rollback_started|manually requested rollback');
    finish(swarm, 'rollback_completed');
    expect(images(swarm)).toEqual(Array(4).fill('v1'));
    swarm.rollBack('web');
    finish(swarm, 'rollback_completed');
    expect(images(swarm)).toEqual(Array(4).fill('v2'));
  });

  test('U6 a rollback goes by the rollback settings', () => {
    const swarm = serving({ rollback: update({ Parallelism: 4, Monitor: SECOND }) });
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    swarm.rollBack('web');
    swarm.advance(100);
    expect(images(swarm)).toEqual(Array(4).fill('v1'));
    expect(finish(swarm, 'rollback_completed')).toBeLessThan(4_000);
  });

  test('a rollback fills slots too whose old task ended and may not be restarted', () => {
    const swarm = serving({ template: { RestartPolicy: { Condition: 'none' } } });
    swarm.image('web', 'stuck');
    swarm.advance(1_000);
    const updated = swarm.live('web').find(is('stuck', 'new'))!.slot;
    const other = swarm.live('web').find((task) => task.slot !== updated)!;
    swarm.report(other, 'failed');
    swarm.advance(10);
    swarm.rollBack('web');
    swarm.converge('web', 4);
    expect(images(swarm)).toEqual(Array(4).fill('v1'));
  });

  test('a rollback that fails is paused, never rolled back', () => {
    const swarm = serving({ template: { ContainerSpec: { Image: 'fails-late' } } });
    swarm.template('web', { ContainerSpec: { Image: 'v2' } });
    finish(swarm, 'completed');
    swarm.updateService('web', (spec) => ({
      ...spec,
      RollbackConfig: update({ Monitor: 60 * SECOND }),
    }));
    swarm.change((transaction) => {
      const service = swarm.service('web');
      const TaskTemplate = { ...service.spec.TaskTemplate, ContainerSpec: { Image: 'fails' } };
      const previousSpec = { ...service.spec, TaskTemplate };
      transaction.update('service', { ...service, previousSpec, previousSpecVersion: 1 });
    });
    swarm.rollBack('web');
    finish(swarm, 'rollback_paused');
    expect(swarm.updates('web').at(-1)).toMatch(
      /^rollback_paused\|update paused due to failure or early/,
    );
  });

  test('quirk: with failure action rollback a failing rollback is paused and later overwritten as completed', () => {
    const swarm = serving({ rollback: update({ FailureAction: 'rollback' }) });
    swarm.change((transaction) => {
      const service = swarm.service('web');
      const TaskTemplate = { ...service.spec.TaskTemplate, ContainerSpec: { Image: 'fails' } };
      const previousSpec = { ...service.spec, TaskTemplate };
      transaction.update('service', { ...service, previousSpec, previousSpecVersion: 1 });
    });
    swarm.rollBack('web');
    finish(swarm, 'rollback_paused');
    expect(swarm.updates('web').at(-1)).toMatch(
      /^rollback_paused\|rollback paused due to failure or early/,
    );
    finish(swarm, 'completed');
    expect(swarm.updates('web').at(-1)).toBe('completed|update completed');
  });

  test('U7 defaults: one at a time, pause, monitor 5 s, stop-first', () => {
    const swarm = serving();
    const begin = swarm.now;
    swarm.image('web', 'v2');
    const tookMs = finish(swarm, 'completed');
    const running = swarm.when(begin, is('v2', 'running'));
    const stopped = swarm.when(begin, is('v1', 'shutdown'));
    expect(stopped[1]!).toBeGreaterThan(running[0]!);
    expect(tookMs - running[3]!).toBeGreaterThanOrEqual(5_000 - 10);
    expect(tookMs - running[3]!).toBeLessThan(5_100);
  });
});

describe('what starts, ends and survives an update', () => {
  test('scaling and labels alone show no update status', () => {
    const swarm = serving();
    swarm.scale('web', 5);
    swarm.converge('web', 5);
    swarm.updateService('web', (spec) => ({ ...spec, Labels: { a: 'b' } }));
    swarm.advance(10_000);
    expect(swarm.service('web').updateStatus).toBeUndefined();
    expect(new Set(swarm.live('web').map((task) => task.specVersion)).size).toBe(2);
  });

  test('a newer update cancels the one under way', () => {
    const swarm = serving({ config: update({ Delay: 3 * SECOND }) });
    swarm.image('web', 'v2');
    swarm.advance(4_000);
    swarm.image('web', 'v3');
    finish(swarm, 'completed');
    expect(images(swarm)).toEqual(Array(4).fill('v3'));
    expect(made(swarm, 'v2').length).toBeLessThanOrEqual(2);
  });

  test('a newer update that ends one already paused begins once, and fills a new slot once', () => {
    const config = update({ Parallelism: 2, Order: 'start-first' });
    const swarm = serving({ config });
    swarm.image('web', 'stuck');
    swarm.advance(1_000);
    swarm.report(swarm.live('web').find(is('stuck', 'new'))!, 'failed');
    finish(swarm, 'paused');
    swarm.updateService('web', (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: 5 } },
      TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { Image: 'v2' } },
    }));
    swarm.advance(100);
    expect(swarm.slot('web', 5)).toHaveLength(1);
    expect(made(swarm, 'v2')).toHaveLength(3);
  });

  test('a newer update in the very moment in which a slot is written loses nothing', () => {
    const swarm = serving();
    const service = swarm.service('web');
    swarm.store.update((transaction) => {
      const TaskTemplate = { ...service.spec.TaskTemplate, ContainerSpec: { Image: 'v2' } };
      const spec = { ...service.spec, TaskTemplate };
      transaction.update('service', { ...service, spec, specVersion: 50 });
    });
    swarm.advance(1);
    swarm.store.update((transaction) => {
      const now = transaction.get('service', service.id)!;
      const TaskTemplate = { ...now.spec.TaskTemplate, ContainerSpec: { Image: 'v3' } };
      transaction.update('service', {
        ...now,
        spec: { ...now.spec, TaskTemplate },
        specVersion: 51,
      });
    });
    finish(swarm, 'completed');
    swarm.converge('web', 4);
    expect(images(swarm)).toEqual(Array(4).fill('v3'));
  });

  test('scaling down during an update keeps the update going', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    swarm.advance(2_000);
    swarm.scale('web', 2);
    finish(swarm, 'completed');
    swarm.converge('web', 2);
    expect(images(swarm)).toEqual(['v2', 'v2']);
  });

  test('scaling up during an update makes the new slots of the new spec', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    swarm.advance(2_000);
    swarm.scale('web', 6);
    finish(swarm, 'completed');
    swarm.converge('web', 6);
    expect(images(swarm)).toEqual(Array(6).fill('v2'));
  });

  test('removing the service in the middle of an update leaves nothing', () => {
    const swarm = serving();
    swarm.image('web', 'v2');
    swarm.advance(500);
    swarm.removeService('web');
    swarm.advance(20_000);
    expect(swarm.tasks('web')).toEqual([]);
  });

  test('a new leader goes on with the slots that are still dirty', () => {
    const swarm = serving({ config: update({ Delay: SECOND }) });
    swarm.image('web', 'v2');
    swarm.until('half is done', () => swarm.live('web').filter(is('v2', 'running')).length === 2);
    swarm.advance(1_100);
    swarm.loops.stop();
    swarm.loseLead();
    swarm.advance(12_000);
    swarm.lead();
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    finish(swarm, 'completed');
    expect(images(swarm)).toEqual(Array(4).fill('v2'));
    expect(made(swarm, 'v2')).toHaveLength(4);
  });

  test('a new leader counts failures from zero', () => {
    const failedSlots = (swarm: Rehearsal): number =>
      new Set(
        swarm
          .tasks('web')
          .filter(is('fails', 'failed'))
          .map((task) => task.slot),
      ).size;
    const config = update({ MaxFailureRatio: 0.6, Delay: 2 * SECOND });
    const steady = serving({ config });
    steady.image('web', 'fails');
    finish(steady, 'paused');
    expect(failedSlots(steady)).toBe(3);

    const swarm = serving({ config });
    swarm.image('web', 'fails');
    swarm.until('two failed', () => failedSlots(swarm) === 2);
    swarm.loops.stop();
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    finish(swarm, 'paused');
    expect(failedSlots(swarm)).toBe(4);
  });

  test('U9 an update places by what is true then: nothing on a drained node', () => {
    const swarm = serving();
    swarm.availability('n1', 'drain');
    swarm.converge('web', 4);
    swarm.image('web', 'v2');
    finish(swarm, 'completed');
    expect(swarm.live('web').filter((task) => task.nodeId === 'n1')).toEqual([]);
  });

  test('U8 old tasks stay under their slot up to the history limit', () => {
    const swarm = serving({ replicas: 2, config: update({ Parallelism: 0, Monitor: SECOND }) });
    for (let version = 2; version < 10; version += 1) {
      swarm.image('web', `v${version}`);
      finish(swarm, 'completed');
      expect(swarm.slot('web', 1)).toHaveLength(Math.min(version, 5));
      expect(swarm.slot('web', 2)).toHaveLength(Math.min(version, 5));
    }
  });
});
