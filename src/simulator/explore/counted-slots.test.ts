import { describe, expect, test } from '@jest/globals';
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

interface Ended {
  readonly told: readonly string[];
  readonly end: string;
}

function played(change: Pick<Plan, 'operations'> & Partial<Plan>): Ended {
  const plan: Plan = {
    ...{ format: PLAN_FORMAT, code: '', seed: 'counted', dice: 'b', faults: [] },
    ...{ managers: ['m1'], workers: ['w1', 'w2'], faultsMs: 20_000 },
    swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    ...change,
  };
  const told: string[] = [];
  const { end } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  return { told, end };
}

/** An update of 16 replicas, of which two fit, waits for room while they are scaled to three. */
const scaledTwice = (): Ended =>
  played({
    workers: ['w1'],
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: {
          ...{ service: 's1', image: 'v1', replicas: 16, maxReplicas: 1 },
          ...{ restart: { condition: 'none' }, update: { parallelism: 1, order: 'start-first' } },
        },
      },
      { ...{ atMs: 8000, through: 'any', do: 'update' }, service: 's1', change: { image: 'v2' } },
      { atMs: 12_000, through: 'any', do: 'scale', service: 's1', replicas: 3 },
    ],
  });

/** Two workers with a replica each. One is away from 5 s to 60 s, and at 40 s both containers on the other end well. */
const endedFirst = (): Ended =>
  played({
    faultsMs: 60_000,
    swarm: { historyLimit: 1, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: {
          ...{ service: 's1', image: 'v1', replicas: 2, restart: { condition: 'on-failure' } },
          constraints: ['node.role==worker'],
        },
      },
    ],
    faults: [
      { kind: 'pause', node: 'w1', atMs: 5000, forMs: 55_000 },
      { kind: 'exit', service: 's1', pick: 1, code: 0, atMs: 40_000, forMs: 0 },
      { kind: 'exit', service: 's1', pick: 1, code: 0, atMs: 41_000, forMs: 0 },
    ],
  });

/** Two replicas that are never restarted; the task of one is given up by hand, and its record goes. What the service owes then. */
function afterGivingUp(isWrittenBetween: boolean): string {
  const swarm = World.of(1, 1, 'counted');
  const counted = new CountedSlots(swarm);
  const unowed = {
    ...{ counted, held: new HeldUpdates(swarm), forgotten: new ForgottenTasks(swarm) },
    ...{ unbegun: new UnbegunUpdates(swarm), lostTouch: new LostTouch(swarm, 5000) },
    circling: new CirclingUpdates(swarm),
    lostRestarts: new LostRestarts(swarm),
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

  test('is kept by the look at a service that was written meanwhile, and another given up for it, as in Swarm', () => {
    const { told, end } = scaledTwice();
    const before = told.slice(told.findIndex((what) => what.includes('replicas 3, update status')));
    const from = before.findIndex((what) => what.endsWith('is to be remove'));
    const isGivenUp = before.slice(from).map((what) => what.endsWith('is to be remove'));
    expect(isGivenUp.lastIndexOf(true)).toBeGreaterThan(isGivenUp.indexOf(false));
    expect(end).toBe('converged');
  });
});

test('a slot whose task ended well is not owed, though its record went before that of an older task on a node that was away', () => {
  const { told, end } = endedFirst();
  const gone = told.flatMap((what) => /^(s1\.\d\.\w+) on w2 record removed/.exec(what)?.[1] ?? []);
  expect(gone).toHaveLength(1);
  expect(told).toContain(`${gone[0] ?? ''} on w2 complete`);
  expect(end).toBe('converged');
});
