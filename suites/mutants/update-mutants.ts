import type { PlayedMutant } from './mutant.ts';

/** Twins that update, roll back or remember wrongly: the claims of U see them. */
export const UPDATE_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'no-delay',
    wrong: 'an update does not rest between slots',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'if (this.#settings.delayMs === 0 || this.#cancelled) {',
        replace: 'if (this.#settings.delayMs >= 0 || this.#cancelled) {',
      },
    ],
    fails: { U1: 'rolling-updates', U2: 'rolling-updates' },
  },
  {
    name: 'old-task-stays-first',
    wrong: 'a stop-first update stops the old task only when the new one runs',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: "order: config?.Order ?? 'stop-first',",
        replace: "order: 'start-first',",
      },
    ],
    fails: { U1: 'rolling-updates' },
  },
  {
    name: 'one-at-a-time',
    wrong: 'an update works at one slot at a time, whatever its parallelism',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'parallelism === 0 ? all : Math.min(parallelism, all);',
        replace: 'parallelism === 0 ? all : Math.min(1, all);',
      },
    ],
    fails: { U2: 'rolling-updates', U6: 'rolling-updates' },
  },
  {
    name: 'start-first-ignored',
    wrong: 'a start-first update stops the old task first',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: "order: config?.Order ?? 'stop-first',",
        replace: "order: 'stop-first',",
      },
    ],
    fails: { U3: 'rolling-updates' },
  },
  {
    name: 'failures-ignored',
    wrong: 'an update goes on whatever fails, and whatever its failure action',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: "failureAction: config?.FailureAction ?? 'pause',",
        replace: "failureAction: 'continue',",
      },
    ],
    fails: { U4: 'failing-updates', U5: 'failing-updates' },
  },
  {
    name: 'pause-instead-of-rollback',
    wrong: 'an update that is to roll back when it fails is paused',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: "const rollback = this.#settings.failureAction === 'rollback';",
        replace: "const rollback = String(this.#settings.failureAction) === 'roll back';",
      },
    ],
    fails: { U4: 'failing-updates' },
  },
  {
    name: 'another-message',
    wrong: 'a paused update does not say which task has failed',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: '`update paused ${cause}`',
        replace: "'update paused'",
      },
    ],
    fails: { U4: 'failing-updates' },
  },
  {
    name: 'ratio-ignored',
    wrong: 'the first failure of an update is one too many, whatever the failure ratio',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: 'maxFailureRatio: config?.MaxFailureRatio ?? 0,',
        replace: 'maxFailureRatio: 0,',
      },
    ],
    fails: { U5: 'failing-updates' },
  },
  {
    name: 'monitor-ignored',
    wrong: 'a new task is watched for 5 s, whatever the monitor period',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: 'monitorMs: monitor === 0 ? DEFAULT_MONITOR_MS : monitor / NANOSECONDS_PER_MS,',
        replace: 'monitorMs: monitor >= 0 ? DEFAULT_MONITOR_MS : monitor / NANOSECONDS_PER_MS,',
      },
    ],
    fails: { U5: 'failing-updates' },
  },
  {
    name: 'late-failures-count',
    wrong: 'a task that ends after the monitor period counts as a failure',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'if (ranAt !== null && this.#now() - ranAt > this.#monitorMs) return false;',
        replace: 'if (ranAt !== null && this.#now() - ranAt < 0) return false;',
      },
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'if (delayMs >= this.#monitorMs) this.#monitorMs = delayMs + 1_000;',
        replace: 'this.#monitorMs += delayMs + 8_000;',
      },
    ],
    fails: { U5: 'failing-updates' },
  },
  {
    name: 'rollback-by-update-settings',
    wrong: 'a rollback goes by the settings of updates',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-settings.ts',
        find: 'const config = rollback ? service.spec.RollbackConfig : service.spec.UpdateConfig;',
        replace: 'const config = rollback ? service.spec.UpdateConfig : service.spec.UpdateConfig;',
      },
    ],
    fails: { U6: 'rolling-updates' },
  },
  {
    name: 'rollback-only-once',
    wrong: 'a rollback forgets what it has come from',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: 'specVersion: service.previousSpecVersion ?? 0,\n    previousSpec: service.spec,',
        replace:
          'specVersion: service.previousSpecVersion ?? 0,\n    previousSpec: service.previousSpec,',
      },
    ],
    fails: { U6: 'rolling-updates' },
  },
  {
    name: 'no-previous-spec',
    wrong: 'an update does not remember the spec before it',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: '    specVersion: service.meta.version,\n    previousSpec: service.spec,\n    previousSpecVersion: service.specVersion,',
        replace: '    specVersion: service.meta.version,',
      },
    ],
    fails: { U7: 'rolling-updates' },
  },
  {
    name: 'other-defaults',
    wrong: 'updates go on after a failure where nobody has said otherwise',
    patches: [
      {
        file: 'src/engine-api/service-defaults.ts',
        find: "FailureAction: 'pause',",
        replace: "FailureAction: 'continue',",
      },
    ],
    fails: { U7: 'rolling-updates' },
  },
  {
    name: 'one-record-too-many',
    wrong: 'a slot keeps one record more than the history limit says',
    patches: [
      {
        file: 'src/swarm/orchestrator/task-reaper.ts',
        find: '    const limit = this.#limit(service);',
        replace: '    const limit = this.#limit(service) + 1;',
      },
    ],
    fails: { U8: 'task-history' },
  },
  {
    name: 'lower-limit-at-once',
    wrong: 'a lower history limit takes records away at once',
    patches: [
      {
        file: 'src/swarm/orchestrator/task-reaper.ts',
        find: "    if (event.kind !== 'task') return;\n",
        replace:
          "    if (event.kind === 'cluster') for (const task of this.#store.read.all('task')) this.#slotFilled(task);\n    if (event.kind !== 'task') return;\n",
      },
    ],
    fails: { U8: 'task-history' },
  },
];
