import { describe, expect, test } from '@jest/globals';
import { taskId } from '../../model/ids.ts';
import type { Service } from '../../model/objects.ts';
import type { Transaction } from '../../swarm/transaction.ts';
import { World } from '../world.ts';
import { LostRestarts } from './lost-restarts.ts';
import { PLAN_FORMAT, type Plan, type ServicePlan } from './plan.ts';
import { playPlan } from './play-plan.ts';

/** A service is updated at 10 s, while w1 gets no images; the record of what is rejected there goes before the task before it has stopped. */
function updated(
  service: Partial<ServicePlan>,
  later: Plan['operations'],
  historyLimit = 1,
): { end: string; text: string; made: number } {
  const plan: Plan = {
    ...{ format: PLAN_FORMAT, code: '', seed: 'lost-restarts', dice: 'lost-restarts' },
    ...{ managers: ['m1'], workers: ['w1'], faultsMs: 40_000 },
    swarm: { historyLimit, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    faults: [
      { kind: 'slow-pulls', node: 'w1', pullMs: 500, failure: 'no', atMs: 9000, forMs: 4000 },
    ],
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: {
          ...{ service: 's1', image: 'v1', restart: { condition: 'any', delayS: 1 } },
          ...{ update: { parallelism: 2, failureAction: 'continue' }, ...service },
        },
      },
      { ...{ atMs: 10_000, through: 'any', do: 'update' }, service: 's1', change: { image: 'v2' } },
      ...later,
    ],
  };
  const told: string[] = [];
  const { end, violation } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  const onW1 = told.flatMap((what) => /^s1\.\w+\.(\w+) on w1 /.exec(what)?.[1] ?? []);
  return { end, text: violation?.text ?? '', made: new Set(onW1).size };
}

const again = { image: 'v2' } as const;
/** An update to an equal spec: the one under way goes on, and its end is not written. */
const silenced: Plan['operations'] = [
  { ...{ atMs: 10_200, through: 'any', do: 'update' }, service: 's1', change: again },
];

describe('a task that is rejected before the one before it has stopped, with a history limit of 1', () => {
  test('is not replaced on the node of a global service when the update has no end that is told', () => {
    expect(updated({ global: true }, silenced)).toEqual({ end: 'converged', text: '', made: 2 });
  });

  test('is when the end is told, the node is written, its record stays, or the service is replicated', () => {
    const pause = (atMs: number, availability: 'pause' | 'active'): Plan['operations'][number] => ({
      ...{ atMs, through: 'any', do: 'availability', node: 'w1', availability },
    });
    const written = [...silenced, pause(20_000, 'pause'), pause(22_000, 'active')];
    const replicated = { replicas: 1, constraints: ['node.hostname==w1'] };
    const runs = [
      updated({ global: true }, []),
      updated({ global: true }, written),
      updated({ global: true }, silenced, 2),
      updated(replicated, silenced),
    ];
    for (const run of runs) {
      expect(run).toMatchObject({ end: 'converged', text: '' });
      expect(run.made).toBeGreaterThan(2);
    }
  });
});

/** On w1 the record of a task goes that has ended; then something is done. Whether its node is taken for left empty, before and after. */
function removed(
  desiredState: 'ready' | 'shutdown',
  then: (swarm: World, service: Service) => void = () => undefined,
): readonly boolean[] {
  const swarm = World.of(1, 1, 'lost-restarts');
  const lost = new LostRestarts(swarm);
  swarm.time.onEvent(() => {
    lost.look();
  });
  swarm.createService('web', 1, { Mode: { Global: {} } });
  swarm.until('both run', () => swarm.running('web').length === 2);
  const w1 = swarm.nodeOf('w1').id;
  const like = swarm.tasks('web').find(({ nodeId }) => nodeId === w1)!;
  const status = { ...like.status, state: 'rejected' } as const;
  const ended = { ...like, id: taskId('ended'), desiredState, status };
  write(swarm, (transaction) => {
    transaction.create('task', ended);
  });
  write(swarm, (transaction) => {
    transaction.remove('task', ended.id);
  });
  const service = swarm.service('web')!;
  const before = lost.has(service, w1);
  then(swarm, service);
  return [before, lost.has(service, w1) || lost.hasAny(service)];
}

function write(swarm: World, change: (transaction: Transaction) => void): void {
  swarm.machine('m1').node.manager?.store.update(change);
  swarm.advance(10);
}

test('only a task that was to be replaced leaves its node empty', () => {
  expect(removed('ready')).toEqual([true, true]);
  expect(removed('shutdown')).toEqual([false, false]);
});

test('a look at the node, at the service, or by another leader owes a task again', () => {
  const looks: ((swarm: World, service: Service) => void)[] = [
    (swarm) => {
      const w1 = swarm.nodeOf('w1');
      write(swarm, (transaction) => {
        transaction.update('node', { ...w1, spec: { ...w1.spec, Availability: 'pause' } });
      });
    },
    (swarm, service) => {
      write(swarm, (transaction) => {
        transaction.update('service', service);
      });
    },
    (swarm) => {
      swarm.machine('m1').restart();
      swarm.advance(20_000);
    },
  ];
  for (const look of looks) expect(removed('ready', look)).toEqual([true, false]);
});
