import type { HuntedMutant } from './mutant.ts';

/** What goes wrong when tasks end and others take their place. */
export const RESTART_MUTANTS: readonly HuntedMutant[] = [
  {
    name: 'two-tasks-per-slot',
    wrong: 'a task is replaced and not shut down',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: "transaction.update('task', { ...task, desiredState: 'shutdown' });",
        replace: '',
      },
    ],
    breaks: 'one-running-per-slot',
    hunt: 'restarts',
    within: 5,
    fails: { R2: 'leader-killed' },
  },
  {
    name: 'no-restart-delay',
    wrong: 'a replacement starts at once',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: "node?.spec.Availability === 'drain' ? 0 : restartDelayMs(task)",
        replace: "node?.spec.Availability === 'drain' ? 0 : restartDelayMs(task) / 1000",
      },
    ],
    breaks: 'restart-delay',
    hunt: 'restarts',
    within: 5,
    fails: { R6: 'restart-policies', R7: 'leader-killed' },
  },
  {
    name: 'condition-ignored',
    wrong: 'a task is restarted though its policy says never',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-history.ts',
        find: "if (condition === 'none') return false;",
        replace: "if (condition === 'none') return true;",
      },
    ],
    breaks: 'restart-policy',
    hunt: 'policies',
    within: 2,
    fails: { R6: 'restart-policies' },
  },
  {
    name: 'success-restarted',
    wrong: 'a task that ended well is restarted though its policy asks for a failure',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-history.ts',
        find: "if (needsFailure && task.status.state === 'complete') return false;",
        replace: "if (needsFailure && task.status.state === 'shutdown') return false;",
      },
    ],
    breaks: 'restart-policy',
    hunt: 'policies',
    within: 2,
    fails: { R6: 'restart-policies' },
  },
  {
    name: 'attempts-uncounted',
    wrong: 'a task is restarted more often than its policy allows',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-history.ts',
        find: 'if (windowMs === 0) return restarts.total < limit;',
        replace: 'if (windowMs === 0) return restarts.total < limit + 1;',
      },
    ],
    breaks: 'restart-policy',
    hunt: 'policies',
    within: 2,
    fails: { R6: 'restart-policies' },
  },
  {
    name: 'reason-untold',
    wrong: 'a task that finds no node is not told why',
    patches: [
      {
        file: 'src/swarm/scheduler/scheduler.ts',
        find: '  if (task.status.err === err) return [];',
        replace: '  if (task.status.err !== err) return [];',
      },
    ],
    breaks: 'reason-on-task',
    hunt: 'policies',
    within: 2,
    fails: { D6: 'drain-pause-active' },
  },
  {
    name: 'failure-untold',
    wrong: 'an agent does not say why a task has failed',
    patches: [
      {
        file: 'src/swarm/agent/task-run.ts',
        find: "state: early ? 'rejected' : 'failed', err });",
        replace: "state: early ? 'rejected' : 'failed', err: err.slice(err.length) });",
      },
    ],
    breaks: 'reason-on-task',
    hunt: 'policies',
    within: 2,
  },
  {
    name: 'desired-state-back',
    wrong: 'a delayed start starts a task that was shut down meanwhile',
    patches: [
      {
        file: 'src/swarm/orchestrator/delayed-starts.ts',
        find: "if (task?.desiredState !== 'ready') return;",
        replace: 'if (task === undefined) return;',
      },
    ],
    breaks: 'desired-never-back',
    hunt: 'restarts',
    within: 10,
  },
];
