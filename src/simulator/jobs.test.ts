import { describe, expect, test } from '@jest/globals';
import type { Service, Task } from '../model/objects.ts';
import type { ServiceMode } from '../model/specs.ts';
import { watchInvariants } from './invariants/watch.ts';
import { World } from './world.ts';

/** Three managers and two workers, watched, with a job of tasks that sleep for so long. */
function withJob(
  seed: string,
  mode: ServiceMode,
  sleepS: number,
): { swarm: World; tasks: () => readonly Task[]; broken: () => readonly string[] } {
  const swarm = new World(seed);
  const watch = watchInvariants(swarm);
  swarm.time.onEvent(() => {
    watch.check();
  });
  swarm.init('m1');
  for (const name of ['m2', 'm3']) swarm.join(name, 'manager');
  for (const name of ['w1', 'w2']) swarm.join(name, 'worker');
  swarm.until('all are ready', () => swarm.nodes().every((node) => node.status.state === 'ready'));
  const { id } = swarm.control(swarm.leader(), {
    method: 'create-service',
    spec: {
      Name: 'job',
      Labels: {},
      TaskTemplate: {
        ContainerSpec: { Image: 'workload:v1', Command: ['sleep', String(sleepS)] },
        ForceUpdate: 0,
      },
      Mode: mode,
    },
  });
  return {
    swarm,
    tasks: () =>
      swarm.control(swarm.leader(), { method: 'list-tasks', filters: { service: [id] } }),
    broken: () => watch.violations.map(({ invariant, text }) => `${invariant}: ${text}`),
  };
}

const completed = (tasks: readonly Task[]): number =>
  tasks.filter((task) => task.status.state === 'complete').length;

const job = (swarm: World): Service =>
  swarm.control(swarm.leader(), { method: 'get-service', ref: 'job' });

describe('jobs on simulated machines', () => {
  test('a replicated job completes, with the counts that service ls shows', () => {
    const { swarm, tasks, broken } = withJob(
      'job',
      { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 } },
      3,
    );
    swarm.until('done', () => completed(tasks()) === 5);
    swarm.advance(30_000);
    expect(tasks()).toHaveLength(5);
    const [view] = swarm.control(swarm.leader(), { method: 'list-services', filters: {} });
    expect(view).toMatchObject({ runningTasks: 0, desiredTasks: 2, completedTasks: 5 });
    expect(broken()).toEqual([]);
  });

  test('a job goes on when its leader dies, and loses no completion', () => {
    const { swarm, tasks, broken } = withJob(
      'job-leader',
      { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 6 } },
      5,
    );
    swarm.until('some done', () => completed(tasks()) === 2);
    const leader = swarm.leader();
    swarm.machine(leader).crash();
    swarm.until('another leads', () => !['', leader].includes(swarm.leader()));
    swarm.until('its node is down', () =>
      swarm.nodes().some(({ status }) => status.state === 'down'),
    );
    swarm.machine(leader).start();
    swarm.until('done', () => completed(tasks()) === 6, 300_000);
    expect(
      new Set(
        tasks()
          .filter((task) => task.status.state === 'complete')
          .map((task) => task.slot),
      ).size,
    ).toBe(6);
    expect(broken()).toEqual([]);
  });

  test('a global job completes once on each node, and again after an update', () => {
    const { swarm, tasks, broken } = withJob('job-global', { GlobalJob: {} }, 1);
    swarm.until('done', () => completed(tasks()) === 5);
    const { meta, spec } = job(swarm);
    swarm.control(swarm.leader(), {
      method: 'update-service',
      ref: 'job',
      version: meta.version,
      spec: { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 1 } },
      rollback: false,
    });
    swarm.until('done again', () => {
      const now = tasks();
      return (
        now.length === 5 && completed(now) === 5 && now.every((task) => task.jobIteration === 1)
      );
    });
    expect(job(swarm).jobStatus?.iteration).toBe(1);
    expect(broken()).toEqual([]);
  });
});
