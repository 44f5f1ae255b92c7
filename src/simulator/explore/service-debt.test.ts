import { describe, expect, test } from '@jest/globals';
import type { Plan } from './plan.ts';
import { PLAN_FORMAT, type ServicePlan } from './plan.ts';
import { playPlan } from './play-plan.ts';

/** One manager, two workers; the service is made at once, and what else is asked for comes from 10 s on. */
function played(
  service: Partial<ServicePlan>,
  later: Plan['operations'],
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
  };
  const told: string[] = [];
  const { end, violation } = playPlan(plan, { tell: ({ what }) => told.push(what) });
  return { end, text: violation?.text ?? '', told };
}

const change = (what: object): Plan['operations'][number] => ({
  ...{ atMs: 10_000, through: 'any', do: 'update', service: 's1', change: what },
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
});
