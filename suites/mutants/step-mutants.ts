import type { PlayedMutant } from './mutant.ts';

const SHUT_DOWN = {
  file: 'src/swarm/orchestrator/restart-supervisor.ts',
  find: "transaction.update('task', { ...task, desiredState: 'shutdown' });",
};

/** Twins whose tasks walk steps that no task may: the table of legal steps sees them. */
export const STEP_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'called-ready-again',
    wrong: 'the manager calls a task ready again whose node is lost',
    patches: [
      {
        ...SHUT_DOWN,
        replace:
          "transaction.update('task', { ...task, desiredState: 'shutdown', status: { ...task.status, state: isTerminal(task.status.state) ? task.status.state : 'ready' } });",
      },
    ],
    walks: { 'state-back': 'leader-killed' },
  },
  {
    name: 'no-longer-to-go',
    wrong: 'a task that was to be shut down is to be completed once it has ended',
    patches: [
      {
        file: 'src/swarm/dispatcher/update-batch.ts',
        find: "transaction.update('task', { ...task, status: applied });",
        replace:
          "transaction.update('task', { ...task, status: applied, desiredState: status.state === 'shutdown' ? 'complete' : task.desiredState });",
      },
    ],
    walks: { 'desired-back': 'drain-pause-active' },
  },
  {
    name: 'orphaned-after-its-end',
    wrong: 'a task that has ended is given up when its successor starts',
    patches: [
      {
        file: 'src/swarm/orchestrator/delayed-starts.ts',
        find: '      startNow(transaction, start.taskId);\n',
        replace:
          "      startNow(transaction, start.taskId);\n      const old = start.oldTask === null ? undefined : transaction.get('task', start.oldTask.id);\n      if (old !== undefined && isTerminal(old.status.state)) transaction.update('task', { ...old, status: { ...old.status, state: 'orphaned' } });\n",
      },
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: 'this.starts.arm(replacement.id, delayMs, over ? null : task);',
        replace:
          'this.starts.arm(replacement.id, delayMs, over && !isTerminal(task.status.state) ? null : task);',
      },
    ],
    walks: { 'past-end': 'two-managers-leader-stops' },
  },
  {
    name: 'starts-before-its-turn',
    wrong: 'an agent starts a task that is to be ready and no more',
    patches: [
      {
        file: 'src/swarm/agent/task-steps.ts',
        find: 'return step.committed || compareStates(state, desired) < 0 ? step : null;',
        replace:
          "return step.committed || desired === 'ready' || compareStates(state, desired) < 0 ? step : null;",
      },
    ],
    walks: { 'not-wanted': 'leader-killed' },
  },
  {
    name: 'manager-rejects',
    wrong: 'the manager calls a running task rejected, and not its agent',
    patches: [
      {
        ...SHUT_DOWN,
        replace:
          "transaction.update('task', { ...task, desiredState: 'shutdown', status: { ...task.status, state: isTerminal(task.status.state) ? task.status.state : 'rejected' } });",
      },
    ],
    walks: { 'no-owner': 'leader-killed' },
  },
  {
    name: 'slot-handed-on',
    wrong: 'a task that is to go leaves its slot for another number',
    patches: [
      {
        ...SHUT_DOWN,
        replace:
          "transaction.update('task', { ...task, desiredState: 'shutdown', slot: task.slot + 100 });",
      },
    ],
    walks: { moved: 'leader-killed' },
  },
  {
    name: 'container-from-the-beginning',
    wrong: 'a task shows a container before it has one',
    patches: [
      {
        file: 'src/engine-api/render-task.ts',
        find: '        status.container === undefined\n          ? undefined\n          : {\n              ContainerID: status.container.containerId,\n              PID: status.container.pid,\n              ExitCode: status.container.exitCode,\n            },',
        replace:
          '        { ContainerID: status.container?.containerId ?? task.id, PID: status.container?.pid ?? 0, ExitCode: status.container?.exitCode ?? 0 },',
      },
    ],
    walks: { 'early-container': 'leader-killed' },
  },
  {
    name: 'list-forgets-the-leaving',
    wrong: 'the list of tasks leaves out what is to go until it has gone',
    patches: [
      {
        file: 'src/engine-api/task-routes.ts',
        find: 'tasks.map((task) => listed(task, behaveLike))',
        replace:
          "tasks.filter((task) => !(task.desiredState === 'shutdown' && task.status.state === 'running')).map((task) => listed(task, behaveLike))",
      },
    ],
    walks: { 'came-back': 'leader-killed' },
  },
  {
    name: 'another-container-named',
    wrong: 'a task is said to have another container than it has',
    patches: [
      {
        file: 'src/engine-api/render-task.ts',
        find: 'ContainerID: status.container.containerId,',
        replace: 'ContainerID: status.container.containerId.slice(1),',
      },
    ],
    walks: { 'one-container': 'leader-killed' },
  },
  {
    name: 'shut-down-in-name-only',
    wrong: 'an agent calls a task shut down and lets its container run',
    patches: [
      {
        file: 'src/swarm/agent/task-steps.ts',
        find: "  operation: 'shutdown',",
        replace: '  operation: null,',
      },
    ],
    walks: { 'unlike-its-container': 'drain-pause-active' },
  },
  {
    name: 'younger-when-completed',
    wrong: 'a service whose update is completed is shown with an older version',
    patches: [
      {
        file: 'src/engine-api/render-service.ts',
        find: '    ...renderMeta(service.meta),\n    Spec: renderSpec(service.spec),',
        replace:
          "    ...renderMeta({ ...service.meta, version: updateStatus?.state === 'completed' ? 1 : service.meta.version }),\n    Spec: renderSpec(service.spec),",
      },
    ],
    walks: { 'version-back': 'rolling-updates' },
  },
  {
    name: 'completed-though-paused',
    wrong: 'an update that was paused is completed',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'this.#stopped = !(rollback && inRollback);',
        replace: 'this.#stopped = false;',
      },
    ],
    walks: { 'no-updater': 'failing-updates' },
  },
  {
    name: 'every-manager-leads',
    wrong: 'each manager that is reachable is shown as the leader',
    patches: [
      {
        file: 'src/engine-api/render-node.ts',
        find: '{ Leader: manager.leader,',
        replace: "{ Leader: manager.reachability === 'reachable',",
      },
    ],
    walks: { 'two-leaders': 'leader-killed' },
  },
];
