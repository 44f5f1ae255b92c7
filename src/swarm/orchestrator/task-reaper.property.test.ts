/** Which task records are left of drawn lives of a service: the newest of each slot, as many as the limit says. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareStates, isTerminal } from '../../model/task-state.ts';
import { Rehearsal } from './rehearsal.ts';
import { taskTime } from './slot.ts';

type Step = readonly [what: 'fail' | 'update' | 'quiet', slot: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('fail', 'fail', 'fail', 'update', 'quiet'),
  fc.integer({ min: 1, max: 3 }),
);

interface Plan {
  /** Undefined is Swarm's own limit of 5; below zero keeps all. */
  readonly limit: number | undefined;
  readonly attempts: number;
  readonly replicas: number;
  readonly isGlobal: boolean;
  readonly steps: readonly Step[];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  limit: fc.constantFrom(undefined, -1, 0, 1, 2, 3, 6),
  attempts: fc.constantFrom(0, 0, 0, 1, 3),
  replicas: fc.integer({ min: 1, max: 3 }),
  isGlobal: fc.boolean(),
  steps: fc.array(step, { maxLength: 25, size: 'max' }),
});

function setLimit(swarm: Rehearsal, limit: number | undefined): void {
  swarm.change((transaction) => {
    const cluster = transaction.all('cluster')[0]!;
    const Orchestration = limit === undefined ? {} : { TaskHistoryRetentionLimit: limit };
    transaction.update('cluster', { ...cluster, spec: { ...cluster.spec, Orchestration } });
  });
}

/** By slot: how many records were made, and when those that are gone had changed last. */
type Lives = ReadonlyMap<string, { made: number; readonly gone: number[] }>;

function play(each: Plan, swarm: Rehearsal): Lives {
  const lives = new Map<string, { made: number; readonly gone: number[] }>();
  swarm.store.watch((events) => {
    for (const event of events) {
      if (event.kind !== 'task' || event.action === 'update') continue;
      const key = keyOf(each, event.object);
      const life = lives.get(key) ?? { made: 0, gone: [] };
      lives.set(key, life);
      if (event.action === 'create') life.made += 1;
      else life.gone.push(taskTime(event.object));
      if (event.action === 'remove') expect(isTerminal(event.object.status.state)).toBe(true);
    }
  });
  swarm.loops.start();
  setLimit(swarm, each.limit);
  swarm.createService('web', {
    Mode: each.isGlobal ? { Global: {} } : { Replicated: { Replicas: each.replicas } },
    template: { RestartPolicy: { Delay: 0, MaxAttempts: each.attempts } },
  });
  swarm.advance(3_000);
  each.steps.forEach(([what, slot], at) => {
    if (what === 'update') swarm.image('web', `v${at + 2}`);
    const victim = swarm.live('web').find((task) => keyOf(each, task).endsWith(String(slot)));
    if (what === 'fail' && victim !== undefined) swarm.report(victim, 'failed', 'exit 1');
    swarm.advance(what === 'quiet' ? 7_000 : 900);
  });
  swarm.advance(120_000);
  return lives;
}

const keyOf = (each: Plan, task: { readonly slot: number; readonly nodeId: string }): string =>
  each.isGlobal ? task.nodeId : String(task.slot);

test('of every slot the newest records are left, as many as the limit says, and never a live one is lost', () => {
  fc.assert(
    fc.property(plan, (each) => {
      const swarm = new Rehearsal(3);
      const lives = play(each, swarm);
      const kept = each.attempts > 0 ? each.attempts + 1 : (each.limit ?? 5);
      for (const [key, { made, gone }] of lives) {
        const left = swarm.tasks('web').filter((task) => keyOf(each, task) === key);
        expect(left).toHaveLength(kept < 0 ? made : Math.min(made, Math.max(1, kept)));
        const oldest = Math.min(...left.map(taskTime));
        for (const time of gone) expect(time).toBeLessThanOrEqual(oldest);
      }
      const live = new Set(swarm.live('web').map((task) => keyOf(each, task)));
      const slots = each.isGlobal ? 3 : each.replicas;
      if (each.attempts === 0) expect(live.size).toBe(slots);
    }),
    { seed: 3007, numRuns: 80 },
  );
}, 120_000);

test('what is to be removed vanishes once it has stopped, and only that', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 8 }),
      fc.nat({ max: 2500 }),
      (from, to, afterMs) => {
        const swarm = new Rehearsal(3);
        swarm.loops.start();
        swarm.store.watch((events) => {
          for (const event of events) {
            if (event.kind !== 'task' || event.action !== 'remove') continue;
            const { state } = event.object.status;
            expect(isTerminal(state) || compareStates(state, 'assigned') < 0).toBe(true);
          }
        });
        swarm.createService('web', { Mode: { Replicated: { Replicas: from } } });
        swarm.advance(afterMs);
        swarm.scale('web', to);
        for (let ms = 0; ms < 10_000; ms += 100) {
          swarm.advance(100);
          for (const task of swarm.tasks('web'))
            if (task.desiredState !== 'remove') expect(task.desiredState).toBe('running');
        }
        expect(swarm.tasks('web').map((task) => task.status.state)).toEqual(
          Array(to).fill('running'),
        );
      },
    ),
    { seed: 3007, numRuns: 40 },
  );
}, 120_000);
