import { managersOnly, then, type Call } from './call.ts';
import { TASK, TASKS } from './cluster-schema.ts';
import { STATE_WORDS, checkKeys, forLeader, readFilters, words } from './filters.ts';
import { renderTask } from './render-task.ts';
import { writtenOnce } from './written-once.ts';

const FILTERS = [
  'name',
  'id',
  'label',
  'service',
  'node',
  'desired-state',
  '_up-to-date',
  'runtime',
];

const listed = writtenOnce(renderTask, TASK);

/** References to services and nodes are the leader's to resolve; it answers 404 for one that is unknown. */
export const listTasks = (call: Call): void => {
  const { behaveLike } = call.options;
  const filters = readFilters(call.request, behaveLike);
  managersOnly(call);
  checkKeys(filters, FILTERS, behaveLike);
  const states = words(filters, 'desired-state', STATE_WORDS);
  const runtimes = filters.get('runtime') ?? [];
  const upToDate = (filters.get('_up-to-date') ?? []).length > 0;
  call.node.control(
    {
      method: 'list-tasks',
      filters: {
        ...forLeader(filters, ['name', 'id', 'label', 'service', 'node']),
        ...(states.length === 0 ? {} : { 'desired-state': states }),
        ...(upToDate ? { '_up-to-date': ['true'] } : {}),
      },
    },
    then(call, (tasks) => {
      const isShown = runtimes.length === 0 || runtimes.includes('container');
      call.reply.json(isShown ? tasks.map((task) => listed(task, behaveLike)) : [], TASKS);
    }),
  );
};

export const inspectTask = (call: Call): void => {
  managersOnly(call);
  call.node.control(
    { method: 'get-task', ref: call.id },
    then(call, (task) => {
      call.reply.json(renderTask(task), TASK);
    }),
  );
};
