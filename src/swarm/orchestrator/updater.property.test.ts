/** Whole updates with drawn settings: how many slots are in work, in which order tasks come and go, and how the update ends. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Task } from '../../model/objects.ts';
import type { FailureAction, UpdateConfig, UpdateOrder } from '../../model/specs.ts';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { SECOND, type Rehearsal } from './rehearsal.ts';
import { image, serving, state } from './update-rehearsal.ts';

interface Plan {
  readonly replicas: number;
  readonly parallelism: number;
  readonly delayS: number;
  readonly order: UpdateOrder;
  readonly action: FailureAction;
  readonly ratio: number;
  /** So many of the slots have a new task that fails soon after it runs, once. */
  readonly failing: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  replicas: fc.integer({ min: 1, max: 7 }),
  parallelism: fc.nat({ max: 4 }),
  delayS: fc.constantFrom(0, 0, 1),
  order: fc.constantFrom('stop-first', 'start-first'),
  action: fc.constantFrom('pause', 'continue', 'rollback'),
  ratio: fc.constantFrom(0, 0.2, 0.5, 1),
  failing: fc.constant(0),
});
const failingPlan = fc
  .tuple(plan, fc.integer({ min: 1, max: 7 }))
  .map(([each, failing]) => ({ ...each, failing: Math.min(failing, each.replicas) }));

const RUNS = { seed: 3006, numRuns: 60 };
const TIMEOUT_MS = 120_000;
const TERMINAL = ['completed', 'paused', 'rollback_completed', 'rollback_paused'];
const MOST_MS = 400_000;

const configOf = ({ parallelism, delayS, order, action, ratio }: Plan): UpdateConfig => ({
  ...{ Parallelism: parallelism, Delay: delayS * SECOND, MaxFailureRatio: ratio },
  ...{ Order: order, FailureAction: action },
});

/** The update from v1 to v2 up to its end; `look` sees the tasks after every commit of it. */
function updated(each: Plan, look: (tasks: readonly Task[], swarm: Rehearsal) => void): Rehearsal {
  const swarm = serving({
    replicas: each.replicas,
    config: configOf(each),
    rollback: { ...configOf(each), FailureAction: 'pause' },
    template: { RestartPolicy: { Delay: SECOND / 2 } },
  });
  const failed = new Set<number>();
  swarm.store.watch(() => {
    look(swarm.tasks('web'), swarm);
    for (const task of swarm.tasks('web')) {
      const { slot } = task;
      const isDue = image(task) === 'v2' && task.status.state === 'running';
      if (!isDue || failed.has(slot) || failed.size >= each.failing) continue;
      failed.add(slot);
      swarm.time.after(100, () => {
        swarm.report(task, 'failed', 'exit 1');
      });
    }
  });
  swarm.image('web', 'v2');
  for (let ms = 0; ms < MOST_MS && !TERMINAL.includes(state(swarm) ?? ''); ms += 500)
    swarm.advance(500);
  return swarm;
}

const isNew = (task: Task): boolean => image(task) === 'v2';
const isLive = (task: Task): boolean => compareStates(task.desiredState, 'running') <= 0;
const runs = (task: Task): boolean => task.status.state === 'running';
const slotsOf = (tasks: readonly Task[]): number => new Set(tasks.map(({ slot }) => slot)).size;

test(
  'never more slots are in work than the parallelism says, and as many others go on running',
  () => {
    fc.assert(
      fc.property(plan, (each) => {
        const atOnce = each.parallelism === 0 ? each.replicas : each.parallelism;
        let most = 0;
        updated(each, (tasks) => {
          const inWork = slotsOf(
            tasks.filter((task) => isNew(task) && isLive(task) && !runs(task)),
          );
          most = Math.max(most, inWork);
          expect(inWork).toBeLessThanOrEqual(atOnce);
          const stillServing = slotsOf(tasks.filter(runs));
          const spared = each.order === 'start-first' ? 0 : atOnce;
          expect(stillServing).toBeGreaterThanOrEqual(each.replicas - spared);
        });
        expect(most).toBe(Math.min(atOnce, each.replicas));
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'stop-first starts no task before the old one of its slot has stopped, start-first stops none before the new one runs',
  () => {
    fc.assert(
      fc.property(plan, (each) => {
        updated(each, (tasks) => {
          for (const task of tasks.filter((other) => !isNew(other))) {
            const next = tasks.find((other) => isNew(other) && other.slot === task.slot);
            if (next === undefined) continue;
            const hasStarted = compareStates(next.status.state, 'starting') >= 0;
            if (each.order === 'stop-first')
              expect(hasStarted && !isTerminal(task.status.state)).toBe(false);
            else if (!isLive(task)) expect(runs(next)).toBe(true);
          }
        });
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'an update whose tasks run ends as completed, with every slot at the new spec and nothing of it made twice',
  () => {
    fc.assert(
      fc.property(plan, (each) => {
        const swarm = updated(each, () => undefined);
        expect(state(swarm)).toBe('completed');
        expect(swarm.live('web').filter((task) => isNew(task) && runs(task))).toHaveLength(
          each.replicas,
        );
        expect(swarm.live('web')).toHaveLength(each.replicas);
        expect(swarm.tasks('web').filter(isNew)).toHaveLength(each.replicas);
        expect(swarm.updates('web').slice(-2)).toEqual([
          'updating|update in progress',
          'completed|update completed',
        ]);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'too large a share of failing tasks pauses or rolls back, a smaller one does not, and each is counted once',
  () => {
    fc.assert(
      fc.property(failingPlan, (each) => {
        const swarm = updated(each, () => undefined);
        const isTooMuch = Math.fround(each.failing / each.replicas) > Math.fround(each.ratio);
        const ends = { pause: 'paused', rollback: 'rollback_completed', continue: 'completed' };
        expect(state(swarm)).toBe(isTooMuch ? ends[each.action] : 'completed');
        swarm.advance(30_000);
        const live = swarm.live('web');
        expect(live.filter(runs)).toHaveLength(each.replicas);
        expect(live).toHaveLength(each.replicas);
        const isBack = state(swarm) === 'rollback_completed';
        if (isBack) expect(live.some(isNew)).toBe(false);
        if (state(swarm) === 'completed') expect(live.every(isNew)).toBe(true);
      }),
      { ...RUNS, numRuns: 100 },
    );
  },
  TIMEOUT_MS,
);
