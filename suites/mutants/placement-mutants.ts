import type { PlayedMutant } from './mutant.ts';

const LEAVES = {
  file: 'src/swarm/orchestrator/replicated.ts',
  find: '        this.#leaveNode(event.object.id);',
};

/** Takes two tasks of others away, for whichever node is the emptiest. */
const rebalance = (when: string): string =>
  `${LEAVES.find}
      else if (event.action === 'update' && ${when})
        for (const task of this.#store.read.all('task').filter(isRunnable).slice(0, 2))
          this.#tasksToRestart.add(task.id);`;

/** Twins that place or move tasks wrongly: the claims of N and D see them. */
export const PLACEMENT_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'rebalance-on-activation',
    wrong: 'a drained node that is made active again is given tasks of others',
    patches: [
      {
        ...LEAVES,
        replace: rebalance(
          "event.previous.spec.Availability === 'drain' && event.object.spec.Availability === 'active'",
        ),
      },
    ],
    fails: { N2: 'activated-and-new-node' },
  },
  {
    name: 'rebalance-on-join',
    wrong: 'a node that joins is given tasks of others',
    patches: [
      {
        ...LEAVES,
        replace: rebalance(
          'event.previous.description === undefined && event.object.description !== undefined',
        ),
      },
    ],
    fails: { N6: 'activated-and-new-node' },
  },
  {
    name: 'fullest-first',
    wrong: 'the node with the most tasks gets the next one',
    patches: [
      {
        file: 'src/swarm/scheduler/placement.ts',
        find: 'return ofService !== 0 ? ofService : one.activeTasks - other.activeTasks;',
        replace: 'return ofService !== 0 ? -ofService : other.activeTasks - one.activeTasks;',
      },
      {
        file: 'src/swarm/scheduler/placement.ts',
        find: 'if (!used.has(info) && !suspects.has(info) && take(info)) return best;',
        replace: 'if (!used.has(info) && !suspects.has(info)) used.has(info);',
      },
      {
        file: 'src/swarm/scheduler/placement.ts',
        find: 'const rest = [...new Set([...used, ...suspects.keys()])]',
        replace: 'const rest = [...nodes.all()]',
      },
    ],
    fails: { U9: 'rolling-updates' },
  },
  {
    name: 'once-down-shunned',
    wrong: 'a node that was down once is given no new task',
    patches: [
      {
        file: 'src/swarm/scheduler/node-set.ts',
        find: '    const wanted = isAvailable(info) ? info.activeTasks : -1;',
        replace:
          "    if (info.node.status.state === 'down') NodeSet.shunned.add(info.node.id);\n    const wanted = isAvailable(info) && !NodeSet.shunned.has(info.node.id) ? info.activeTasks : -1;",
      },
      {
        file: 'src/swarm/scheduler/node-set.ts',
        find: '  readonly #nodes = new Map<string, NodeInfo>();',
        replace:
          '  static readonly shunned = new Set<string>();\n  readonly #nodes = new Map<string, NodeInfo>();',
      },
    ],
    fails: { N3: 'returned-node', N4: 'returned-node', N5: 'returned-node' },
  },
  {
    name: 'force-is-no-matter',
    wrong: 'a forced update restarts nothing',
    patches: [
      {
        file: 'src/swarm/orchestrator/dirty.ts',
        find: '    { ...task.spec, Placement: undefined },',
        replace: '    { ...task.spec, Placement: undefined, ForceUpdate: template.ForceUpdate },',
      },
    ],
    fails: { N4: 'returned-node' },
  },
  {
    name: 'new-nodes-overlooked',
    wrong: 'a global service does not look at a node that comes or is made active again',
    patches: [
      {
        file: 'src/swarm/orchestrator/global.ts',
        find: "    else if (node.spec.Availability !== 'pause') this.#nodesToReconcile.add(node.id);",
        replace:
          "    else if (node.spec.Availability === 'pause') this.#nodesToReconcile.add(node.id);",
      },
    ],
    fails: { N6: 'activated-and-new-node', D5: 'drain-pause-active' },
  },
  {
    name: 'drain-is-no-matter',
    wrong: 'drain is ignored: tasks stay, and new ones come',
    patches: [
      {
        file: 'src/swarm/orchestrator/slot.ts',
        find: "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';",
        replace: "node === undefined || node.status.state === 'down';",
      },
      {
        file: 'src/swarm/scheduler/suitability-filters.ts',
        find: "info.node.status.state === 'ready' && info.node.spec.Availability === 'active';",
        replace: "info.node.status.state === 'ready' && info.node.spec.Availability !== 'pause';",
      },
    ],
    fails: { D1: 'drain-pause-active', D2: 'drain-pause-active' },
    walks: { misplaced: 'drain-pause-active' },
  },
  {
    name: 'pause-drains',
    wrong: 'the tasks of a paused node are moved away',
    patches: [
      {
        file: 'src/swarm/orchestrator/slot.ts',
        find: "node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';",
        replace:
          "node === undefined || node.status.state === 'down' || node.spec.Availability !== 'active';",
      },
    ],
    fails: { D3: 'drain-pause-active' },
  },
  {
    name: 'drain-takes-the-role',
    wrong: 'a manager that is drained is made a worker, unless it leads',
    patches: [
      {
        file: 'src/swarm/control/nodes.ts',
        find: "transaction.update('node', { ...node, meta, spec: request.spec });",
        replace:
          "transaction.update('node', { ...node, meta, spec: request.spec.Availability === 'drain' && context.members.statusOf(node.id)?.leader === false ? { ...request.spec, Role: 'worker' } : request.spec });",
      },
    ],
    fails: { D1: 'drain-pause-active', D4: 'drain-pause-active' },
  },
  {
    name: 'drain-makes-unreachable',
    wrong: 'a manager that is drained is called unreachable',
    patches: [
      {
        file: 'src/swarm/manager/manager.ts',
        find: "reachability: this.isReachable(member) ? 'reachable' : 'unreachable',",
        replace:
          "reachability: this.isReachable(member) && this.store.read.get('node', nodeId)?.spec.Availability !== 'drain' ? 'reachable' : 'unreachable',",
      },
    ],
    fails: { D4: 'drain-pause-active' },
  },
  {
    name: 'pending-forgotten',
    wrong: 'a task that found no node is not looked at again',
    patches: [
      {
        file: 'src/swarm/scheduler/scheduler.ts',
        find: '      if (service.specVersion <= task.specVersion) {\n        this.#unassigned.set(task.id, task);',
        replace: '      if (service.specVersion <= task.specVersion) {',
      },
      {
        file: 'src/swarm/scheduler/scheduler.ts',
        find: "    if (task.nodeId === '') {\n      this.#unassigned.set(task.id, task);",
        replace:
          "    if (task.nodeId === '') {\n      if (task.status.err === '') this.#unassigned.set(task.id, task);",
      },
    ],
    fails: { D6: 'drain-pause-active' },
  },
];
