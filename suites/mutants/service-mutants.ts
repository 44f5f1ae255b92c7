import type { PlayedMutant } from './mutant.ts';

/** Twins that number, count, place, name or remove services wrongly: the claims of S see them. */
export const SERVICE_MUTANTS: readonly PlayedMutant[] = [
  {
    name: 'slots-from-two',
    wrong: 'the first slot of a service has the number 2',
    patches: [
      {
        file: 'src/swarm/orchestrator/replicated.ts',
        find: 'for (let slot = 1; changes.length < missing; slot += 1) {',
        replace: 'for (let slot = 2; changes.length < missing; slot += 1) {',
      },
    ],
    fails: { S1: 'placed-and-scaled' },
    walks: { 'beyond-slots': 'placed-and-scaled' },
  },
  {
    name: 'named-without-slot',
    wrong: 'containers are named by service and task only',
    patches: [
      {
        file: 'src/model/objects.ts',
        find: 'return `${task.serviceName}.${place}.${task.id}`;',
        replace: "return `${task.serviceName}.${place === '' ? '' : task.id}`;",
      },
    ],
    fails: { S1: 'placed-and-scaled' },
  },
  {
    name: 'highest-slots-stay',
    wrong: 'a scale-down keeps the highest slots of each node',
    patches: [
      {
        file: 'src/swarm/orchestrator/scale-down.ts',
        find: 'slotNumber(a) - slotNumber(b),',
        replace: 'slotNumber(b) - slotNumber(a),',
      },
    ],
    fails: { S2: 'placed-and-scaled' },
  },
  {
    name: 'counts-the-wanted',
    wrong: 'a service is listed with all its tasks running, whether they do or not',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: "runningTasks: count((task) => task.status.state === 'running'),",
        replace: "runningTasks: count((task) => task.desiredState === 'running'),",
      },
    ],
    fails: { S3: 'placed-and-scaled' },
  },
  {
    name: 'emptiest-in-all-first',
    wrong:
      'the node with the fewest tasks in all gets the next one, whatever it has of the service',
    patches: [
      {
        file: 'src/swarm/scheduler/placement.ts',
        find: 'return ofService !== 0 ? ofService : one.activeTasks - other.activeTasks;',
        replace: 'return one.activeTasks - other.activeTasks + 0 * ofService;',
      },
    ],
    fails: { S4: 'placed-and-scaled' },
    walks: { 'not-emptiest': 'placed-and-scaled' },
  },
  {
    name: 'global-but-for-managers',
    wrong: 'a global service leaves out the managers',
    patches: [
      {
        file: 'src/swarm/orchestrator/global.ts',
        find: 'if (!this.#fits(service, node)) changes.push(...shutDownAll(slot));',
        replace:
          "if (!this.#fits(service, node) || node.role === 'manager') changes.push(...shutDownAll(slot));",
      },
    ],
    fails: { S5: 'placed-and-scaled' },
  },
  {
    name: 'not-equal-is-equal',
    wrong: 'a constraint with != is taken for one with ==',
    patches: [
      {
        file: 'src/swarm/constraint.ts',
        find: "constraint.value.toLowerCase();\n    return equal === (constraint.operator === '==');",
        replace: 'constraint.value.toLowerCase();\n    return equal;',
      },
    ],
    fails: { S6: 'placed-and-scaled' },
  },
  {
    name: 'engine-labels-unread',
    wrong: 'an engine is taken to have no labels',
    patches: [
      {
        file: 'src/swarm/constraint.ts',
        find: 'return label(description?.engine.labels ?? {}, key.slice(ENGINE_LABELS.length));',
        replace: 'return label({}, key.slice(ENGINE_LABELS.length));',
      },
    ],
    fails: { S6: 'placed-and-scaled' },
  },
  {
    name: 'one-word-for-a-name',
    wrong: 'a service without a name gets one of one word',
    patches: [
      {
        file: 'src/engine-api/service-name.ts',
        find: "  `${MANNERS[random.below(MANNERS.length)] ?? ''}_${",
        replace: "  `${MANNERS[random.below(MANNERS.length)] ?? ''}${",
      },
    ],
    fails: { S7: 'placed-and-scaled' },
  },
  {
    name: 'names-twice',
    wrong: 'two services may have one name',
    patches: [
      {
        file: 'src/swarm/control/services.ts',
        find: '(other) => other.spec.Name.toLowerCase() === name)) {',
        replace: "(other) => other.spec.Name.toLowerCase() === name + '!')) {",
      },
    ],
    fails: { S7: 'placed-and-scaled' },
  },
  {
    name: 'containers-stay',
    wrong: 'the container of a task that is gone is stopped and stays',
    patches: [
      {
        file: 'src/swarm/agent/task-run.ts',
        find: '    controller.remove((result) => {',
        replace: '    controller.shutdown((result) => {',
      },
    ],
    fails: { S9: 'placed-and-scaled' },
  },
  {
    name: 'hears-one-slot',
    wrong: 'only what the first slot of a service wrote is told',
    patches: [
      {
        file: 'src/swarm/agent/agent-logs.ts',
        find: '    for (const task of this.#tasks.tasks())',
        replace: '    for (const task of this.#tasks.tasks().filter(({ slot }) => slot < 2))',
      },
    ],
    fails: { S8: 'logged-mounted-stacked' },
  },
  {
    name: 'always-writable',
    wrong: 'whatever is mounted can be written',
    patches: [
      {
        file: 'src/engine-api/convert-mount.ts',
        find: 'ReadOnly: flag(posted.ReadOnly),',
        replace: 'ReadOnly: flag(undefined),',
      },
    ],
    fails: { S10: 'logged-mounted-stacked' },
  },
  {
    name: 'rejects-nothing',
    wrong: 'a task whose container could not be made reads Failed',
    patches: [
      {
        file: 'src/swarm/agent/task-run.ts',
        find: "state: early ? 'rejected' : 'failed', err });",
        replace: "state: early ? 'failed' : 'failed', err });",
      },
    ],
    fails: { S10: 'logged-mounted-stacked' },
  },
  {
    name: 'labels-filter-nothing',
    wrong: 'a list that is to have a label only has everything',
    patches: [
      {
        file: 'src/swarm/control/filter.ts',
        find: 'return Object.hasOwn(labels, key) && (at < 0',
        replace: "return key !== '' || (at < 0",
      },
    ],
    fails: { S11: 'logged-mounted-stacked' },
  },
];
