import { expect, test } from '@jest/globals';
import { taskId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { World } from '../world.ts';
import { ForgottenTasks } from './forgotten-tasks.ts';
import { PLAN_FORMAT, type Plan } from './plan.ts';
import { playPlan } from './play-plan.ts';

/** A service that fits one machine only is created and scaled while that machine is down. */
const PLAN: Plan = {
  ...{ format: PLAN_FORMAT, code: '', seed: 'by hand', dice: 'by hand' },
  ...{ managers: ['m1'], workers: ['w1'], faultsMs: 40_000 },
  swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
  faults: [{ kind: 'stop', node: 'w1', atMs: 1000, forMs: 39_000 }],
  operations: [
    {
      ...{ atMs: 25_000, through: 'any', do: 'create' },
      service: { service: 's1', image: 'v1', replicas: 1, constraints: ['node.hostname==w1'] },
    },
    { atMs: 30_000, through: 'any', do: 'scale', service: 's1', replicas: 2 },
  ],
};

const PLACED = /^s1\.(\d)\.\w+ on w1 assigned/;

function placed(plan: Plan): { slots: readonly string[]; end: string } {
  const told: string[] = [];
  const { end } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  return { slots: told.flatMap((what) => PLACED.exec(what)?.[1] ?? []), end };
}

test('a task that waits for a node while its service is scaled is never placed, as in Swarm, and is not owed', () => {
  expect(placed(PLAN)).toEqual({ slots: ['2'], end: 'converged' });
});

test('without the scale it is placed when its node is back', () => {
  const operations = PLAN.operations.slice(0, 1);
  expect(placed({ ...PLAN, operations })).toEqual({ slots: ['1'], end: 'converged' });
});

/** A task that waits on w1 and is not to run any more is written; then m1 goes on leading, or leads anew. What becomes of it within a minute. */
function afterGivingUp(leadsAnew: boolean): { state: string; isAbandoned: boolean } {
  const swarm = World.of(1, 1, 'abandoned');
  const forgotten = new ForgottenTasks(swarm);
  swarm.time.onEvent(() => {
    forgotten.look();
  });
  swarm.createService('web', 1, { Mode: { Global: {} } });
  swarm.until('both run', () => swarm.running('web').length === 2);
  const w1 = swarm.machine('w1').node.nodeId();
  const like = swarm.tasks('web').find(({ nodeId }) => nodeId === w1)!;
  const status = { ...like.status, state: 'pending' } as const;
  const waiting: Task = { ...like, id: taskId('waits'), desiredState: 'shutdown', status };
  swarm.machine('m1').node.manager?.store.update((transaction) => {
    transaction.create('task', waiting);
  });
  swarm.advance(10);
  if (leadsAnew) swarm.machine('m1').restart();
  swarm.advance(60_000);
  const { state } = swarm.tasks('web').find(({ id }) => id === waiting.id)!.status;
  return { state, isAbandoned: forgotten.isAbandoned(waiting) };
}

test('the record of a task that was given up while it waited stays at pending where another reign begins first', () => {
  expect(afterGivingUp(true)).toEqual({ state: 'pending', isAbandoned: true });
});

test('the same leader has it confirmed and ended', () => {
  expect(afterGivingUp(false)).toEqual({ state: 'shutdown', isAbandoned: false });
});
