import type { HuntedMutant } from './mutant.ts';

const CONVERGES = { converges: 'what it breaks keeps the swarm from coming to rest' };

/** What goes wrong in the orchestrators, the scheduler, the dispatcher and the control rules. */
export const SWARM_MUTANTS: readonly HuntedMutant[] = [
  {
    name: 'late-report-taken',
    wrong: 'the dispatcher takes a report that moves a task backwards',
    patches: [
      {
        file: 'src/swarm/dispatcher/update-batch.ts',
        find: 'if (task === undefined || compareStates(status.state, task.status.state) < 0) return;',
        replace:
          'if (task === undefined || compareStates(status.state, task.status.state) === -1) return;',
      },
    ],
    breaks: 'state-never-back',
    hunt: 'roles',
    within: 10,
  },
  {
    name: 'manager-calls-it-shut-down',
    wrong: 'the manager calls a task shut down that its agent has not stopped yet',
    patches: [
      {
        file: 'src/swarm/orchestrator/restart-supervisor.ts',
        find: "transaction.update('task', { ...task, desiredState: 'shutdown' });",
        replace:
          "transaction.update('task', { ...task, desiredState: 'shutdown', status: { ...task.status, state: isTerminal(task.status.state) ? task.status.state : 'shutdown' } });",
      },
    ],
    breaks: 'step-by-owner',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'report-before-writing-down',
    wrong: 'an agent reports a state that it has not written down',
    patches: [
      {
        file: 'src/swarm/agent/task-table.ts',
        find: '        this.#save(run, true);\n        this.#report(task.id, newStatus);',
        replace: '        this.#report(task.id, newStatus);',
      },
    ],
    breaks: 'reported-by-own-agent',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'report-of-another-node',
    wrong:
      'the dispatcher takes reports of tasks from nodes that do not have them, and there is an agent that makes such',
    patches: [
      {
        file: 'src/swarm/dispatcher/dispatcher.ts',
        find: 'if (task.nodeId !== nodeId)',
        replace: "if (nodeId === '')",
      },
      {
        file: 'src/swarm/agent/status-reporter.ts',
        find: '  #send(): void {',
        replace:
          "  static readonly all = new Set<string>();\n  #send(): void {\n    for (const id of this.#waiting.keys()) StatusReporter.all.add(id);\n    for (const [, status] of [...this.#waiting])\n      if (status.state === 'running')\n        for (const id of StatusReporter.all) if (!this.#waiting.has(id)) this.#waiting.set(id, status);",
      },
    ],
    breaks: 'reported-by-own-agent',
    also: { 'step-by-owner': 'the reported task may not even be placed' },
    hunt: 'nodes',
    within: 5,
  },
  {
    name: 'rebalance-on-return',
    wrong: 'a node that comes back is given tasks of others',
    patches: [
      {
        file: 'src/swarm/orchestrator/replicated.ts',
        find: '        this.#leaveNode(event.object.id);',
        replace:
          "        this.#leaveNode(event.object.id);\n      else if (event.action === 'update' && event.previous.status.state === 'down')\n        for (const task of this.#store.read.all('task').filter(isRunnable).slice(0, 2))\n          this.#tasksToRestart.add(task.id);",
      },
    ],
    breaks: 'no-move-without-cause',
    hunt: 'nodes',
    within: 5,
    fails: { N1: 'returned-node' },
  },
  {
    name: 'place-on-drained',
    wrong: 'the scheduler ignores drain',
    patches: [
      {
        file: 'src/swarm/scheduler/suitability-filters.ts',
        find: "info.node.status.state === 'ready' && info.node.spec.Availability === 'active';",
        replace: "info.node.status.state === 'ready' && info.node.spec.Availability !== 'pause';",
      },
    ],
    breaks: 'placed-on-eligible-node',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'place-on-paused',
    wrong: 'the scheduler ignores pause',
    patches: [
      {
        file: 'src/swarm/scheduler/suitability-filters.ts',
        find: "info.node.status.state === 'ready' && info.node.spec.Availability === 'active';",
        replace: "info.node.status.state === 'ready' && info.node.spec.Availability !== 'drain';",
      },
    ],
    breaks: 'placed-on-eligible-node',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'place-against-constraints',
    wrong: 'the scheduler ignores constraints',
    patches: [
      {
        file: 'src/swarm/scheduler/suitability-filters.ts',
        find: 'if (list.length === 0) return null;',
        replace: 'if (list.length >= 0) return null;',
      },
    ],
    breaks: 'placed-on-eligible-node',
    hunt: 'roles',
    within: 2,
  },
  {
    name: 'global-on-drained',
    wrong: 'a global service is given tasks on drained nodes',
    patches: [
      {
        file: 'src/swarm/orchestrator/global.ts',
        find: '      if (isInvalidNode(node)) continue;',
        replace: "      if (node.status.state === 'down') continue;",
      },
    ],
    breaks: 'global-on-eligible-node',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'rollback-keeps-replicas',
    wrong: 'a manual rollback keeps the replicas of now',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: 'spec: service.previousSpec,\n',
        replace: 'spec: { ...service.previousSpec, Mode: service.spec.Mode },\n',
      },
    ],
    breaks: 'rollback-restores',
    hunt: 'updates',
    within: 5,
  },
  {
    name: 'rollback-to-another-spec',
    wrong: 'an automatic rollback keeps the update settings of the update',
    patches: [
      {
        file: 'src/swarm/orchestrator/update-status.ts',
        find: 'spec: previousSpec,',
        replace:
          'spec: { ...previousSpec, Labels: { ...previousSpec.Labels, wrong: service.id } },',
      },
    ],
    breaks: 'rollback-restores',
    hunt: 'failing-update',
    within: 2,
  },
  {
    name: 'no-parallelism',
    wrong: 'an update works at all slots at once',
    patches: [
      {
        file: 'src/swarm/orchestrator/rolling-update.ts',
        find: 'parallelism === 0 ? all : Math.min(parallelism, all);',
        replace: 'parallelism === 0 ? all : Math.max(parallelism, all);',
      },
    ],
    breaks: 'update-parallelism',
    hunt: 'updates',
    within: 2,
  },
  {
    name: 'all-in-one-slot',
    wrong: 'every task of a new service is given slot 1',
    patches: [
      {
        file: 'src/swarm/orchestrator/replicated.ts',
        find: 'const place = { slot, nodeId: NO_NODE };',
        replace: 'const place = { slot: Math.min(slot, 1), nodeId: NO_NODE };',
      },
    ],
    breaks: 'running-equals-declared',
    hunt: 'start-first',
    within: 2,
  },
  {
    name: 'global-stays-on-drained',
    wrong: 'a global task is not stopped when its node is drained',
    patches: [
      {
        file: 'src/swarm/orchestrator/global.ts',
        find: '    if (isInvalidNode(node)) this.#nodesToEmpty.add(node.id);',
        replace: "    if (node.status.state === 'down') this.#nodesToEmpty.add(node.id);",
      },
      {
        file: 'src/swarm/orchestrator/global.ts',
        find: '    for (const slot of slots.values()) changes.push(...shutDownAll(slot));',
        replace: '    slots.clear();',
      },
    ],
    breaks: 'global-equals-eligible',
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'ignore-drain',
    wrong: 'tasks stay on a drained node',
    patches: [
      {
        file: 'src/swarm/orchestrator/slot.ts',
        find: "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';",
        replace: "node === undefined || node.status.state === 'down';",
      },
    ],
    breaks: 'drained-is-empty',
    hunt: 'drained',
    within: 2,
  },
  {
    name: 'no-history-limit',
    wrong: 'old task records are kept for ever',
    patches: [
      {
        file: 'src/swarm/orchestrator/task-reaper.ts',
        find: '  if (left <= limit) return 0;',
        replace: '  if (left >= 0) return 0;',
      },
    ],
    breaks: 'history-limit',
    hunt: 'updates',
    within: 2,
  },
  {
    name: 'down-node-forgotten',
    wrong: 'a node that goes down is taken off the list',
    patches: [
      {
        file: 'src/swarm/dispatcher/down-nodes.ts',
        find: '  add(id: string): void {\n    this.remove(id);',
        replace:
          "  add(id: string): void {\n    this.remove(id);\n    this.#timers.set(`${id}!`, this.#ports.timers.after(5000, () => { this.#store.update((transaction) => { transaction.remove('node', id); }); }));",
      },
    ],
    breaks: 'nodes-equal-joins',
    also: { ...CONVERGES },
    hunt: 'nodes',
    within: 2,
  },
  {
    name: 'node-listed-twice',
    wrong: 'a joiner is put on the list of nodes twice',
    patches: [
      {
        file: 'src/swarm/manager/certificate-authority.ts',
        find: "      transaction.create('node', {\n        id,\n        spec: { Labels: {}, Role: role,",
        replace:
          "      transaction.create('node', { id: `${id}x` as typeof id, spec: { Labels: {}, Role: role, Availability: 'active' }, role, certificate, status: { state: 'down', message: '', addr: '' } });\n      transaction.create('node', {\n        id,\n        spec: { Labels: {}, Role: role,",
      },
    ],
    breaks: 'nodes-equal-joins',
    hunt: 'drained',
    within: 2,
  },
  {
    name: 'member-outlives-node',
    wrong:
      'a node that is a raft member can be removed, and nobody takes it out of the list of members',
    patches: [
      {
        file: 'src/swarm/control/nodes.ts',
        find: "if (node.spec.Role === 'manager' && context.members.statusOf(node.id) !== undefined) {",
        replace:
          "if (node.spec.Role === 'manager' && context.members.statusOf(node.id) === null) {",
      },
      {
        file: 'src/swarm/manager/role-manager.ts',
        find: 'if (!this.#consensus.isMember(id)) {',
        replace: 'if (this.#consensus.isMember(id)) {',
      },
    ],
    breaks: 'members-are-listed',
    hunt: 'removals',
    within: 2,
  },
];
