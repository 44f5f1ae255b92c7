/** Removes all that carries a lab's label, in whatever state it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import { ask, hostDocker, removeQuietly } from './docker.ts';
import { LAB_LABEL } from './labels.ts';

const DEADLINE_MS = 120_000;

/** What of a lab is there. */
export interface Remains {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/**
 * Removes a lab's containers, network and volumes, and looks again until nothing is left: somebody may be creating while we remove.
 * @throws SwarmtwinError `lab-failed` when something stays
 */
export async function removeLab(id: string): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const remains = await remainsOf(id);
    if (isEmpty(remains)) return;
    const failure = await removeOnce(remains);
    if (failure !== undefined && performance.now() > end)
      throw new SwarmtwinError(
        'lab-failed',
        `removing lab ${id}: ${messageOf(failure)}`,
        wayOut(id, remains, failure),
        failure,
      );
    if (failure !== undefined) await sleep(200);
  }
}

/** Seen on an engine 20.10, after four containers of a network had been removed at once: its count of endpoints stayed at two, until it was started again. */
function wayOut(id: string, { containers }: Remains, failure: unknown): string {
  if (containers.length === 0 && /has active endpoints/.test(messageOf(failure)))
    return 'The Docker engine counts endpoints of containers that are gone, and counts anew only when it starts: restart it, then type `swarmtwin lab gc`.';
  return `Remove what is left by hand: docker ps -a --filter label=${LAB_LABEL}=${id}`;
}

/** Everything with the lab's label. */
export async function remainsOf(id: string): Promise<Remains> {
  const docker = hostDocker();
  const filters = { label: [`${LAB_LABEL}=${id}`] };
  const [containers, networks, volumes] = await Promise.all([
    ask('listing containers', docker.listContainers({ all: true, filters })),
    ask('listing networks', docker.listNetworks({ filters })),
    ask('listing volumes', docker.listVolumes({ filters })),
  ]);
  return {
    containers: containers.map((container) => container.Id),
    networks: networks.map((network) => network.Id),
    volumes: volumes.Volumes.map((volume) => volume.Name),
  };
}

export function isEmpty(remains: Remains): boolean {
  return remains.containers.length + remains.networks.length + remains.volumes.length === 0;
}

/** One round; gives the first failure, since the next round may succeed where this one did not. */
async function removeOnce(remains: Remains): Promise<unknown> {
  const docker = hostDocker();
  const failures: unknown[] = [];
  const collect = async (work: readonly Promise<void>[]): Promise<void> => {
    for (const outcome of await Promise.allSettled(work))
      if (outcome.status === 'rejected') failures.push(outcome.reason);
  };
  await collect(remains.containers.map(removeContainer));
  await Promise.all([
    collect(
      remains.networks.map((network) =>
        removeQuietly('removing a network', docker.getNetwork(network).remove()),
      ),
    ),
    collect(
      remains.volumes.map((volume) =>
        removeQuietly('removing a volume', docker.getVolume(volume).remove({ force: true })),
      ),
    ),
  ]);
  return failures[0];
}

async function removeContainer(id: string): Promise<void> {
  const container = hostDocker().getContainer(id);
  try {
    await removeQuietly('removing a container', container.remove({ force: true, v: true }));
  } catch (error) {
    if (!/paused/i.test(messageOf(error))) throw error;
    await removeQuietly('unpausing a container', container.unpause());
    await removeQuietly('removing a container', container.remove({ force: true, v: true }));
  }
}
