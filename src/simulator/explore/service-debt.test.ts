import { describe, expect, test } from '@jest/globals';
import type { Plan } from './plan.ts';
import { PLAN_FORMAT, type ServicePlan } from './plan.ts';
import { playPlan } from './play-plan.ts';

/** One manager, two workers; the service is made at once, and what else is asked for comes from 10 s on. */
function played(
  service: Partial<ServicePlan>,
  later: Plan['operations'],
  change: Partial<Plan> = {},
): { end: string; text: string; told: readonly string[] } {
  const plan: Plan = {
    ...{ format: PLAN_FORMAT, code: '', seed: 'debt', dice: 'debt', faults: [] },
    ...{ managers: ['m1'], workers: ['w1', 'w2'], faultsMs: 40_000 },
    swarm: { historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
    operations: [
      {
        ...{ atMs: 1000, through: 'any', do: 'create' },
        service: { service: 's1', image: 'v1', ...service },
      },
      ...later,
    ],
    ...change,
  };
  const told: string[] = [];
  const { end, violation } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  return { end, text: violation?.text ?? '', told };
}

const change = (what: object, atMs = 10_000): Plan['operations'][number] => ({
  ...{ atMs, through: 'any', do: 'update', service: 's1', change: what },
});

const last = (told: readonly string[]): string =>
  told.filter((what) => what.includes('service s1')).at(-1) ?? '';

describe('what a service owes at rest', () => {
  test('an update start-first on full nodes never ends, and its old tasks still run', () => {
    const update = { parallelism: 1, order: 'start-first' } as const;
    const { end, told } = played({ replicas: 3, maxReplicas: 1, update }, [
      change({ image: 'v2' }),
    ]);
    expect(last(told)).toContain('update updating');
    expect(end).toBe('converged');
  });

  test('an update of a service whose containers end has to end', () => {
    const update = { parallelism: 1, failureAction: 'continue', monitorS: 1 } as const;
    const { end, told } = played({ replicas: 3, image: 'exit1', update }, [
      change({ force: true }),
    ]);
    expect(last(told)).toContain('update completed');
    expect(end).toBe('converged');
  });

  test('a job completes as often as it is to', () => {
    const { end, told } = played(
      { image: 'exit0-later', job: { concurrent: 2, completions: 5 } },
      [],
    );
    expect(told.filter((what) => what.endsWith(' complete'))).toHaveLength(5);
    expect(end).toBe('converged');
  });

  test('a global service that is rolled back with no task left alive reads rollback_started for good', () => {
    const restart = { condition: 'on-failure' } as const;
    const { end, told } = played({ image: 'exit0-later', global: true, restart }, [
      change({ env: { GENERATION: '2' } }),
      { atMs: 30_000, through: 'any', do: 'rollback', service: 's1' },
    ]);
    expect(last(told)).toContain('update rollback_started');
    expect(end).toBe('converged');
  });

  test('replicas that no node may take are not owed, the others are', () => {
    const { end } = played({ replicas: 5, maxReplicas: 1 }, []);
    expect(end).toBe('converged');
  });

  test('an update whose task waits on a node that nobody has heard of, and that is drained then, never ends', () => {
    const managers = ['m1', 'm2', 'm3'];
    const { end, told } = played(
      { global: true, update: { parallelism: 3, order: 'stop-first' } },
      [
        change({ env: { GENERATION: '2' } }, 25_000),
        { atMs: 32_000, through: 'any', do: 'availability', node: 'm1', availability: 'drain' },
      ],
      { managers, workers: [], faults: [{ kind: 'kill', node: 'm1', atMs: 6000, forMs: 34_000 }] },
    );
    expect(told.filter((what) => what.includes('on m1 says: 1 node not available'))).toHaveLength(
      1,
    );
    expect(last(told)).toContain('update updating');
    expect(end).toBe('converged');
  });

  test('the next leader does not end the rollback of a global service without tasks either', () => {
    const nowhere = { global: true, constraints: ['node.labels.zone==nowhere'] };
    const { end, told } = played(
      nowhere,
      [change({ image: 'v2' }), { atMs: 15_000, through: 'any', do: 'rollback', service: 's1' }],
      { workers: [], faults: [{ kind: 'stop', node: 'm1', atMs: 20_000, forMs: 2000 }] },
    );
    expect(told).toContain('leads');
    expect(last(told)).toContain('update rollback_started');
    expect(end).toBe('converged');
  });

  /** An update start-first whose task on w1 ends without having run, since w1 was down when it was made; what else is asked for while it waits. */
  const waiting = (later: Plan['operations']): ReturnType<typeof played> =>
    played(
      { replicas: 3, update: { parallelism: 0, order: 'start-first', failureAction: 'continue' } },
      [change({ force: true }), ...later],
      { faults: [{ kind: 'stop', node: 'w1', atMs: 9500, forMs: 30_000 }] },
    );

  test('an update that was silenced by an update to an equal spec leaves two tasks in a slot', () => {
    const { end, told } = waiting([change({ image: 'v1' }, 35_000)]);
    expect(last(told)).toContain('update status cleared');
    expect(liveAtEnd(told)).toBe(4);
    expect(end).toBe('converged');
  });

  /** An update start-first, one node after another, and a demotion while it is not at that node yet; what else is asked for before. */
  const demoted = (later: Plan['operations']): ReturnType<typeof played> =>
    played(
      { global: true, update: { parallelism: 1, delayS: 4, order: 'start-first' } },
      [
        change({ force: true }),
        ...later,
        { atMs: 11_000, through: 'leader', do: 'demote', node: 'm2' },
        { atMs: 11_000, through: 'leader', do: 'demote', node: 'm3' },
      ],
      { managers: ['m1', 'm2', 'm3', 'm4', 'm5'], workers: [] },
    );

  test('a silenced update of a global service leaves its task beside that of a look at the node', () => {
    const { end, text, told } = demoted([change({ image: 'v1' }, 10_300)]);
    expect(last(told)).toContain('update status cleared');
    expect(liveAtEnd(told)).toBeGreaterThan(5);
    expect([end, text]).toEqual(['converged', '']);
  });

  test('where the update may say that it is complete, one of the two is stopped', () => {
    const { end, told } = demoted([]);
    expect(last(told)).toContain('update completed');
    expect(liveAtEnd(told)).toBe(5);
    expect(end).toBe('converged');
  });

  test('one that may say that it is complete has its slots looked at again', () => {
    const { end, told } = waiting([]);
    expect(last(told)).toContain('update completed');
    expect(liveAtEnd(told)).toBe(3);
    expect(end).toBe('converged');
  });
});

/** How many tasks have run and were never told to end. */
function liveAtEnd(told: readonly string[]): number {
  const tasks = (pattern: RegExp): readonly string[] =>
    told.flatMap((what) => pattern.exec(what)?.[1] ?? []);
  const ended = new Set(tasks(/^(\S+) .*is to be shutdown$/));
  return new Set(tasks(/^(\S+) on \S+ running$/).filter((task) => !ended.has(task))).size;
}
