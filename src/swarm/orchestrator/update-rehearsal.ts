import type { Task } from '../../model/objects.ts';
import type { TaskSpec, UpdateConfig } from '../../model/specs.ts';
import { Rehearsal } from './rehearsal.ts';

/** What the tests of updates begin with and look for. */
export const update = (config: Partial<UpdateConfig> = {}): UpdateConfig => ({
  Parallelism: 1,
  MaxFailureRatio: 0,
  ...config,
});

interface Settings {
  readonly replicas?: number;
  readonly config?: UpdateConfig;
  readonly rollback?: UpdateConfig;
  readonly template?: Partial<TaskSpec>;
}

/** Four converged replicas with the given update settings, on three nodes. */
export function serving({
  replicas = 4,
  config,
  rollback,
  template = {},
}: Settings = {}): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web', {
    Mode: { Replicated: { Replicas: replicas } },
    ...(config === undefined ? {} : { UpdateConfig: config }),
    ...(rollback === undefined ? {} : { RollbackConfig: rollback }),
    template,
  });
  swarm.converge('web', replicas);
  return swarm;
}

export const state = (swarm: Rehearsal): string | undefined =>
  swarm.service('web').updateStatus?.state;

export const finish = (swarm: Rehearsal, wanted: string): number =>
  swarm.until(`update is ${wanted}`, () => state(swarm) === wanted);

export const image = (task: Task): string | undefined => task.spec.ContainerSpec?.Image;

export const images = (swarm: Rehearsal): readonly (string | undefined)[] =>
  swarm.live('web').map(image);

export const is =
  (spec: string, observed: string) =>
  (task: Task): boolean =>
    image(task) === spec && task.status.state === observed;

/** The first moments, from `since`, at which tasks of the image were made: distinct tasks, in order. */
export function made(swarm: Rehearsal, spec: string): readonly number[] {
  return swarm
    .tasks('web')
    .filter((task) => image(task) === spec)
    .map((task) => task.meta.createdAt)
    .toSorted((a, b) => a - b);
}
