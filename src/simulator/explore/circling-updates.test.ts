import { describe, expect, test } from '@jest/globals';
import type { Service } from '../../model/objects.ts';
import { NANOSECONDS_PER_MS } from '../../model/time.ts';
import { inject } from '../faults.ts';
import { World } from '../world.ts';
import { CirclingUpdates } from './circling-updates.ts';
import { CountedSlots } from './counted-slots.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { HeldUpdates } from './held-updates.ts';
import { LostRestarts } from './lost-restarts.ts';
import { LostTouch } from './lost-touch.ts';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';
import { debtOf } from './service-debt.ts';
import { UnbegunUpdates } from './unbegun-updates.ts';

const HEALED = 'all is healed, nobody asks for anything any more';

/** Three replicas on a worker each are moved to the manager by their constraints, scaled to two, and updated. What happens once nobody asks for anything. */
function circled(condition: 'none' | 'any'): { end: string; text: string; givenUp: string[] } {
  const change = (atMs: number, what: object): Plan['operations'][number] => ({
    ...{ atMs, through: 'any', do: 'update', service: 's1', change: what },
  });
  const plan: Plan = {
    ...{ format: PLAN_FORMAT, code: '', seed: 'circling', dice: 'circling', faults: [] },
    ...{ managers: ['m1'], workers: ['w1', 'w2', 'w3'], faultsMs: 40_000 },
    swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: {
          ...{ service: 's1', image: 'v1', replicas: 3, restart: { condition } },
          ...{ constraints: ['node.role==worker'], update: { parallelism: 0, monitorS: 2 } },
        },
      },
      change(8000, { constraints: ['node.role==manager'] }),
      { atMs: 20_000, through: 'any', do: 'scale', service: 's1', replicas: 2 },
      change(25_000, { env: { GENERATION: '1' } }),
    ],
  };
  const told: string[] = [];
  const { end, violation } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  const givenUp = told
    .slice(told.indexOf(HEALED))
    .flatMap((what) => /^(s1\.\d)\.\w+ on m1 is to be remove$/.exec(what)?.[1] ?? []);
  return { end, text: violation?.text ?? '', givenUp };
}

/** Two replicas that are never restarted, on a worker that is frozen before one of them is given up by hand. What is owed at 1 s, and at 4 s. */
function afterGivingUp(updateStatus: Service['updateStatus'], replicas = 2): readonly string[] {
  const swarm = World.of(1, 1, 'circling');
  const unowed = {
    ...{ counted: new CountedSlots(swarm), held: new HeldUpdates(swarm) },
    ...{ forgotten: new ForgottenTasks(swarm), unbegun: new UnbegunUpdates(swarm) },
    ...{
      lostTouch: new LostTouch(swarm, 5000),
      circling: new CirclingUpdates(swarm),
      lostRestarts: new LostRestarts(swarm),
    },
  };
  swarm.time.onEvent(() => {
    unowed.circling.look();
  });
  swarm.createService('web', 2, {
    TaskTemplate: {
      ...{ ContainerSpec: { Image: 'workload:v1', StopGracePeriod: 1000 * NANOSECONDS_PER_MS } },
      ...{ ForceUpdate: 0, Placement: { Constraints: ['node.role==worker'] } },
      RestartPolicy: { Condition: 'none' },
    },
  });
  swarm.until('both run', () => swarm.running('web').length === 2);
  inject(swarm, { kind: 'pause', node: 'w1' });
  const store = swarm.machine('m1').node.manager!.store;
  store.update((transaction) => {
    const service = swarm.service('web')!;
    const status = updateStatus === undefined ? {} : { updateStatus };
    const spec = { ...service.spec, Mode: { Replicated: { Replicas: replicas } } };
    transaction.update('service', { ...service, spec, ...status });
    const last = swarm.tasks('web').find(({ slot }) => slot === 2)!;
    transaction.update('task', { ...last, desiredState: 'remove' });
  });
  return [1000, 3000].map((ms) => {
    swarm.advance(ms);
    return debtOf(store.read, unowed, swarm.service('web')!);
  });
}

describe('an update that takes a slot that runs for one that is closed', () => {
  test('goes round without end, as in Swarm, and nobody owes its end', () => {
    const { end, text, givenUp } = circled('none');
    expect([end, text]).toEqual(['converged', '']);
    expect(givenUp.length).toBeGreaterThan(3);
    expect(new Set(givenUp)).toEqual(new Set(['s1.2', 's1.3']));
    expect(givenUp.every((slot, at) => slot !== givenUp[at + 1])).toBe(true);
  });

  test('gives up nothing where ended tasks are replaced, so that no slot is closed', () => {
    expect(circled('any')).toEqual({ end: 'converged', text: '', givenUp: [] });
  });

  test('owes the end of each task that it gave up, after the time that one takes', () => {
    const complete = { state: 'completed', startedAt: 0, message: 'update completed' } as const;
    expect(afterGivingUp(complete)).toEqual(['', 'web.2 still running']);
  });

  test('is told from a scale-down, of which each end is owed', () => {
    const complete = { state: 'completed', startedAt: 0, message: 'update completed' } as const;
    const owed = ['web.2 still running', 'web.2 still running'];
    expect(afterGivingUp(complete, 1)).toEqual(owed);
    expect(afterGivingUp(undefined)).toEqual(owed);
  });
});
