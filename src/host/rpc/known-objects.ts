/**
 * Lists as they go from the leader to the manager that was asked. Both hold the same store, so of an object that the asker has too only its id and its version
 * go over the wire; of the others, all.
 */
import type { ControlReply, ControlRequest, ServiceView } from '../../model/control.ts';
import type { Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';

/** A list call of a manager that has applied the log up to there. */
export type Asked = ControlRequest & { readonly knowsUpTo?: number };

type Known = readonly [id: string, version: number, ...counts: number[]];
type Item<T> = Known | T;
export type ShortReply = readonly Item<Task | ServiceView>[];

/** The request as the asker sends it on. */
export const askedFrom = (request: ControlRequest, knowsUpTo: number | null): Asked =>
  knowsUpTo !== null && isList(request) ? { ...request, knowsUpTo } : request;

/** What goes back instead of the reply; null where it goes as it is. */
export function shortened(asked: Asked, reply: ControlReply, read: Reader): ShortReply | null {
  const { knowsUpTo } = asked;
  if (knowsUpTo === undefined) return null;
  if (asked.method === 'list-tasks')
    return (reply as readonly Task[]).map((task) =>
      isKnown(task, read.get('task', task.id), knowsUpTo) ? [task.id, task.meta.version] : task,
    );
  if (asked.method === 'list-services')
    return (reply as readonly ServiceView[]).map((view) =>
      isKnown(view.service, read.get('service', view.service.id), knowsUpTo)
        ? shortView(view)
        : view,
    );
  return null;
}

/** The reply again; null where the asker does not have what it was taken to have. */
export function lengthened(
  request: ControlRequest,
  short: ShortReply,
  read: Reader,
): ControlReply | null {
  const whole: (Task | ServiceView)[] = [];
  for (const item of short) {
    const found = !isShort(item)
      ? item
      : request.method === 'list-tasks'
        ? sameVersion(read.get('task', item[0]), item[1])
        : wholeView(read, item);
    if (found === null) return null;
    whole.push(found);
  }
  return whole as unknown as ControlReply;
}

const isList = ({ method }: ControlRequest): boolean =>
  method === 'list-tasks' || method === 'list-services';

const isShort = (item: Item<Task | ServiceView>): item is Known => Array.isArray(item);

/** A version is the commit index at which its transaction began: the entry itself is later. */
const isKnown = <T extends Task | Service>(
  object: T,
  stored: T | undefined,
  upTo: number,
): boolean => object === stored && object.meta.version < upTo;

const shortView = (view: ServiceView): Known => [
  view.service.id,
  view.service.meta.version,
  view.runningTasks,
  view.desiredTasks,
  view.completedTasks,
];

function wholeView(read: Reader, [id, version, ...counts]: Known): ServiceView | null {
  const service = sameVersion(read.get('service', id), version);
  if (service === null) return null;
  const [runningTasks = 0, desiredTasks = 0, completedTasks = 0] = counts;
  return { service, runningTasks, desiredTasks, completedTasks };
}

const sameVersion = <T extends Task | Service>(object: T | undefined, version: number): T | null =>
  object?.meta.version === version ? object : null;
