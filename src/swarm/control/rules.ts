import type { ControlReply, ControlRequest, Filters } from '../../model/control.ts';
import { isSwarmError } from '../../model/errors.ts';
import type { Task } from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { Reader } from '../tables.ts';
import { withNetworks } from '../task-networks.ts';
import { theCluster, updateCluster, viewCluster } from './cluster.ts';
import type { ControlContext } from './context.ts';
import { taskFilter } from './filter.ts';
import { answerData } from './named-data.ts';
import { answerNetworks } from './networks.ts';
import { listNodes, removeNode, updateNode, viewNode } from './nodes.ts';
import { resolveNode, resolveService, resolveTask } from './resolve.ts';
import { createService, listServices, removeService, updateService } from './services.ts';

/** Carries out a request on the leader. Errors that a rule throws are the answer. */
export function execute(
  context: ControlContext,
  request: ControlRequest,
  done: Done<ControlReply>,
): void {
  try {
    dispatch(context, request, done);
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    done(failed(caught));
  }
}

function dispatch(
  context: ControlContext,
  request: ControlRequest,
  done: Done<ControlReply>,
): void {
  const { read } = context.store;
  switch (request.method) {
    case 'create-service':
      createService(context, request, done);
      break;
    case 'update-service':
      updateService(context, request, done);
      break;
    case 'remove-service':
      removeService(context, request, done);
      break;
    case 'get-service':
      done(ok(resolveService(read, request.ref)));
      break;
    case 'list-services':
      done(ok(listServices(read, request.filters)));
      break;
    case 'get-task':
      done(ok(withNetworks(read, resolveTask(read, request.ref))));
      break;
    case 'list-tasks':
      done(ok(listTasks(read, request.filters)));
      break;
    case 'get-node':
      done(ok(viewNode(context.members, resolveNode(read, request.ref))));
      break;
    case 'list-nodes':
      done(ok(listNodes(context, request.filters)));
      break;
    case 'update-node':
      updateNode(context, request, done);
      break;
    case 'remove-node':
      removeNode(context, request, done);
      break;
    case 'get-cluster':
      done(ok(viewCluster(context, theCluster(read))));
      break;
    case 'get-unlock-key':
      done(ok({ key: theCluster(read).unlockKey ?? '' }));
      break;
    case 'update-cluster':
      updateCluster(context, request, done);
      break;
    case 'create-network':
    case 'remove-network':
    case 'get-network':
    case 'list-networks':
      answerNetworks(context, request, done);
      break;
    default:
      answerData(context, request, done);
  }
}

function listTasks(read: Reader, filters: Filters): readonly Task[] {
  const tasks = read.all('task').filter(taskFilter(read, filters));
  return tasks.sort((a, b) => (a.id < b.id ? -1 : 1)).map((task) => withNetworks(read, task));
}
