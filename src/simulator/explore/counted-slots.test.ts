import { describe, expect, test } from '@jest/globals';
import { World } from '../world.ts';
import { CountedSlots } from './counted-slots.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { HeldUpdates } from './held-updates.ts';
import { LostTouch } from './lost-touch.ts';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';
import { debtOf } from './service-debt.ts';
import { UnbegunUpdates } from './unbegun-updates.ts';

/** Four replicas that are never restarted are scaled to two at 10 s, and to three somewhat later. */
function scaledUp(atMs: number): { made: number; end: string; text: string } {
  const plan: Plan = {
    ...{ format: PLAN_FORMAT, code: '', seed: 'counted', dice: 'counted', faults: [] },
    ...{ managers: ['m1'], workers: ['w1', 'w2'], faultsMs: 20_000 },
    swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: { service: 's1', image: 'v1', replicas: 4, restart: { condition: 'none' } },
      },
      { atMs: 10_000, through: 'any', do: 'scale', service: 's1', replicas: 2 },
      { atMs, through: 'any', do: 'scale', service: 's1', replicas: 3 },
    ],
  };
  const told: string[] = [];
  const { end, violation } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  const made = told.filter((what) => /^s1\.\d\.\w+ new$/.test(what)).length;
  return { made, end, text: violation?.text ?? '' };
}

/** Two replicas that are never restarted; the task of one is given up by hand, and its record goes. What the service owes then. */
function afterGivingUp(isWrittenBetween: boolean): string {
  const swarm = World.of(1, 1, 'counted');
  const counted = new CountedSlots(swarm);
  const unowed = {
    ...{ counted, held: new HeldUpdates(swarm), forgotten: new ForgottenTasks(swarm) },
    ...{ unbegun: new UnbegunUpdates(swarm), lostTouch: new LostTouch(swarm, 5000) },
  };
  swarm.time.onEvent(() => {
    counted.look();
  });
  swarm.createService('web', 2, {
    TaskTemplate: {
      ...{ ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
      RestartPolicy: { Condition: 'none' },
    },
  });
  swarm.until('both run', () => swarm.running('web').length === 2);
  const store = swarm.machine('m1').node.manager!.store;
  store.update((transaction) => {
    transaction.update('task', { ...swarm.tasks('web')[0]!, desiredState: 'remove' });
  });
  swarm.advance(100);
  if (isWrittenBetween)
    store.update((transaction) => {
      const service = swarm.service('web')!;
      transaction.update('service', { ...service, spec: { ...service.spec, Labels: { a: '1' } } });
    });
  swarm.until('its record goes', () => swarm.tasks('web').length === 1);
  swarm.advance(10_000);
  return debtOf(store.read, unowed, swarm.service('web')!);
}

describe('a slot whose task was given up, and would not be restarted', () => {
  test('counts while its record is there: a scale-up makes no task for it, as in Swarm, and none is owed', () => {
    expect(scaledUp(10_500)).toEqual({ made: 4, end: 'converged', text: '' });
  });

  test('counts no more when its record is gone', () => {
    expect(scaledUp(15_000)).toEqual({ made: 5, end: 'converged', text: '' });
  });

  test('is not owed where the service was looked at before its record went', () => {
    expect(afterGivingUp(true)).toBe('');
  });

  test('is owed where nobody looked at the service meanwhile', () => {
    expect(afterGivingUp(false)).toBe(
      'web has 1 slots to run and 0 that are not filled again, of 2',
    );
  });
});
