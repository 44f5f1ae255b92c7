import type { Task } from '../model/objects.ts';
import type { Reader } from './tables.ts';

/** The task with the whole of each network that it is on, as agents and clients get it (SwarmKit keeps such copies in the task). */
export function withNetworks(read: Pick<Reader, 'get'>, task: Task): Task {
  if (task.networks === undefined) return task;
  const networks = task.networks.map((place) => {
    const network = read.get('network', place.networkId);
    return network === undefined ? place : { ...place, network };
  });
  return { ...task, networks };
}
