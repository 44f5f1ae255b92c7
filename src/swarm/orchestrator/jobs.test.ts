import { describe, expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { RestartPolicy } from '../../model/specs.ts';
import { createOrchestrationLoops } from './loops.ts';
import { Rehearsal, SECOND } from './rehearsal.ts';

interface Job {
  readonly image: string;
  readonly concurrent?: number;
  readonly completions?: number;
  readonly policy?: RestartPolicy;
}

function replicatedJob({ image, concurrent = 1, completions = 1, policy }: Job): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('job', {
    Mode: { ReplicatedJob: { MaxConcurrent: concurrent, TotalCompletions: completions } },
    template: template(image, policy),
  });
  return swarm;
}

function globalJob(image: string, policy?: RestartPolicy, nodes = 3): Rehearsal {
  const swarm = new Rehearsal(nodes);
  swarm.loops.start();
  swarm.createService('job', { Mode: { GlobalJob: {} }, template: template(image, policy) });
  return swarm;
}

const template = (
  image: string,
  policy?: RestartPolicy,
): { ContainerSpec: { Image: string }; RestartPolicy?: RestartPolicy } => ({
  ContainerSpec: { Image: image },
  ...(policy === undefined ? {} : { RestartPolicy: policy }),
});

const inState = (swarm: Rehearsal, state: string): readonly Task[] =>
  swarm.tasks('job').filter((task) => task.status.state === state);

const slots = (tasks: readonly Task[]): readonly number[] =>
  tasks.map((task) => task.slot).toSorted((a, b) => a - b);

/** How many tasks were on their way at once, at most. */
function mostActive(swarm: Rehearsal): number {
  const active = new Set<string>();
  let most = 0;
  for (const event of swarm.events) {
    if (event.kind !== 'task') continue;
    const { id, status } = event.object;
    if (event.action === 'remove' || ['complete', 'failed'].includes(status.state))
      active.delete(id);
    else active.add(id);
    most = Math.max(most, active.size);
  }
  return most;
}

describe('a replicated job', () => {
  test('completes each slot from 0 once, with no more tasks at a time than it allows', () => {
    const swarm = replicatedJob({ image: 'exits', concurrent: 2, completions: 5 });
    swarm.until('done', () => inState(swarm, 'complete').length === 5);
    swarm.advance(60_000);
    expect(slots(swarm.tasks('job'))).toEqual([0, 1, 2, 3, 4]);
    expect(mostActive(swarm)).toBe(2);
    expect(swarm.tasks('job').every((task) => task.desiredState === 'complete')).toBe(true);
    expect(swarm.tasks('job').every((task) => task.jobIteration === 0)).toBe(true);
  });

  test('begins with tasks that are to complete, not to run on', () => {
    const swarm = replicatedJob({ image: 'v1', concurrent: 3, completions: 9 });
    swarm.until('running', () => inState(swarm, 'running').length === 3);
    swarm.advance(60_000);
    expect(slots(swarm.tasks('job'))).toEqual([0, 1, 2]);
    expect(swarm.states('job', 0)).toEqual(['complete/running']);
  });

  test('a task that fails is replaced in its slot after the delay, prepared meanwhile', () => {
    const swarm = replicatedJob({ image: 'v1' });
    swarm.until('running', () => inState(swarm, 'running').length === 1);
    swarm.report(swarm.tasks('job')[0]!, 'failed', 'task: non-zero exit (1)');
    swarm.advance(4_990);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed', 'ready/ready']);
    swarm.advance(300);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed', 'complete/running']);
  });

  test('a task that is rejected while it waits for its delay is replaced when that is over', () => {
    const swarm = replicatedJob({ image: 'missing', policy: { Delay: 2 * SECOND } });
    swarm.advance(9_000);
    // The first, one prepared at once, then one every delay.
    expect(swarm.slot('job', 0)).toHaveLength(6);
  });

  test.each(['any', 'on-failure'] as const)(
    'under condition %s a completed task is not run again',
    (Condition) => {
      const swarm = replicatedJob({ image: 'exits', policy: { Condition, Delay: 0 } });
      swarm.advance(30_000);
      expect(swarm.states('job', 0)).toEqual(['complete/complete']);
    },
  );

  test('where the policy denies a restart the slot is free for the next look at the job', () => {
    const swarm = replicatedJob({ image: 'fails', policy: { Condition: 'none' } });
    swarm.advance(30_000);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed']);
    swarm.change((transaction) => {
      transaction.update('service', swarm.service('job'));
    });
    swarm.advance(5_000);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed', 'shutdown/failed']);
  });

  test('attempts are counted by slot', () => {
    const swarm = replicatedJob({ image: 'fails', policy: { MaxAttempts: 2, Delay: 0 } });
    swarm.advance(60_000);
    expect(swarm.slot('job', 0)).toHaveLength(3);
  });

  test('is not moved off a node that is drained or lost, only off one that is removed', () => {
    const swarm = replicatedJob({ image: 'v1' });
    swarm.until('running', () => inState(swarm, 'running').length === 1);
    const [task] = swarm.tasks('job');
    swarm.availability(task!.nodeId, 'drain');
    swarm.advance(60_000);
    expect(swarm.states('job', 0)).toEqual(['complete/running']);
    swarm.lose(task!.nodeId);
    swarm.advance(60_000);
    expect(swarm.states('job', 0)).toEqual(['complete/running']);
    swarm.report(task!, 'orphaned');
    swarm.removeNode(task!.nodeId);
    swarm.until('elsewhere', () => inState(swarm, 'running').length === 1);
    expect(swarm.states('job', 0)).toEqual(['shutdown/orphaned', 'complete/running']);
  });

  test('an update begins an iteration: what has not ended goes, what has ended is kept', () => {
    const swarm = replicatedJob({ image: 'exits', concurrent: 1, completions: 2 });
    swarm.until('one done', () => inState(swarm, 'complete').length === 1);
    swarm.image('job', 'v2');
    swarm.until('running', () => inState(swarm, 'running').length === 1, 10_000);
    swarm.advance(5_000);
    const seen = swarm.tasks('job').map((task) => [task.jobIteration, task.status.state]);
    expect(seen).toEqual([
      [0, 'complete'],
      [1, 'running'],
    ]);
    expect(swarm.service('job').jobStatus?.iteration).toBe(1);
    expect(swarm.service('job').updateStatus).toBeUndefined();
  });

  test('history limits do not apply to it', () => {
    const swarm = replicatedJob({ image: 'fails', policy: { Delay: 0 } });
    swarm.advance(20_000);
    expect(swarm.slot('job', 0).length).toBeGreaterThan(20);
  });

  test('a job of no completions makes no task', () => {
    const swarm = replicatedJob({ image: 'exits', concurrent: 0, completions: 0 });
    swarm.advance(5_000);
    expect(swarm.tasks('job')).toEqual([]);
  });

  test('its removal removes its tasks, the completed ones too', () => {
    const swarm = replicatedJob({ image: 'exits', concurrent: 1, completions: 3 });
    swarm.until('one done', () => inState(swarm, 'complete').length === 1);
    swarm.removeService('job');
    swarm.until('gone', () => swarm.tasks('job').length === 0, 5_000);
  });
});

describe('a global job', () => {
  test('completes once on every node that is ready, active and fits', () => {
    const swarm = globalJob('exits', undefined, 5);
    swarm.until('done', () => inState(swarm, 'complete').length === 5);
    swarm.advance(30_000);
    expect(swarm.tasks('job')).toHaveLength(5);
    expect(new Set(swarm.tasks('job').map((task) => task.nodeId)).size).toBe(5);
    expect(swarm.tasks('job').every((task) => task.slot === 0)).toBe(true);
  });

  test.each(['pause', 'drain', 'unknown', 'down', 'label'] as const)(
    'a node that is unfit (%s) gets no task',
    (why) => {
      const swarm = new Rehearsal();
      swarm.loops.start();
      for (const node of ['n1', 'n3']) swarm.label(node, { fit: 'yes' });
      if (why === 'pause' || why === 'drain') swarm.availability('n2', why);
      else if (why !== 'label') swarm.nodeState('n2', why);
      swarm.createService('job', {
        Mode: { GlobalJob: {} },
        template: {
          ContainerSpec: { Image: 'exits' },
          ...(why === 'label' ? { Placement: { Constraints: ['node.labels.fit==yes'] } } : {}),
        },
      });
      swarm.advance(10_000);
      expect(swarm.tasks('job').map((task) => task.nodeId)).toEqual(['n1', 'n3']);
    },
  );

  test('a node that joins gets its task when the service is touched, not before', () => {
    const swarm = globalJob('exits');
    swarm.until('done', () => inState(swarm, 'complete').length === 3);
    swarm.addNode('n4');
    swarm.advance(30_000);
    expect(swarm.tasks('job')).toHaveLength(3);
    swarm.change((transaction) => {
      transaction.update('service', swarm.service('job'));
    });
    swarm.until('done there', () => inState(swarm, 'complete').length === 4, 5_000);
  });

  test('attempts are not limited', () => {
    const swarm = globalJob('fails', { MaxAttempts: 1, Delay: 0 }, 1);
    swarm.advance(20_000);
    expect(swarm.tasks('job').length).toBeGreaterThan(5);
  });

  test('a running task on a drained node is shut down when the job is looked at', () => {
    const swarm = globalJob('v1');
    swarm.until('running', () => inState(swarm, 'running').length === 3);
    swarm.availability('n2', 'drain');
    swarm.advance(10_000);
    expect(inState(swarm, 'running')).toHaveLength(3);
    const onFirst = swarm.tasks('job').find((task) => task.nodeId === 'n1');
    swarm.report(onFirst!, 'complete');
    swarm.until('stopped', () => inState(swarm, 'shutdown').length === 1, 5_000);
    expect(inState(swarm, 'shutdown')[0]?.nodeId).toBe('n2');
    swarm.availability('n2', 'active');
    swarm.advance(10_000);
    expect(swarm.tasks('job')).toHaveLength(3);
  });

  test('an update removes everything of the iteration before', () => {
    const swarm = globalJob('exits');
    swarm.until('done', () => inState(swarm, 'complete').length === 3);
    swarm.image('job', 'v2');
    swarm.until('again', () => inState(swarm, 'running').length === 3, 5_000);
    swarm.advance(5_000);
    expect(swarm.tasks('job').map((task) => task.jobIteration)).toEqual([1, 1, 1]);
  });
});

describe('a new leader', () => {
  test('goes on with a job where the last one left it', () => {
    const swarm = replicatedJob({ image: 'exits', concurrent: 1, completions: 4 });
    swarm.until('one done', () => inState(swarm, 'complete').length === 1);
    swarm.loops.stop();
    swarm.advance(20_000);
    expect(inState(swarm, 'complete').length).toBeLessThan(4);
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    swarm.until('done', () => inState(swarm, 'complete').length === 4);
    expect(slots(swarm.tasks('job'))).toEqual([0, 1, 2, 3]);
  });

  test('starts a replacement whose delay is over, to complete', () => {
    const swarm = replicatedJob({ image: 'v1', policy: { Delay: 5 * SECOND } });
    swarm.until('running', () => inState(swarm, 'running').length === 1);
    swarm.report(swarm.tasks('job')[0]!, 'failed');
    swarm.advance(1_000);
    swarm.loops.stop();
    swarm.advance(10_000);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed', 'ready/ready']);
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    swarm.advance(1_000);
    expect(swarm.states('job', 0)).toEqual(['shutdown/failed', 'complete/running']);
  });

  test('shuts down what a global job has on drained nodes, completed or not', () => {
    const swarm = globalJob('exits');
    swarm.until('done', () => inState(swarm, 'complete').length === 3);
    swarm.availability('n2', 'drain');
    swarm.loops.stop();
    swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
    swarm.loops.start();
    swarm.advance(1_000);
    const seen = swarm.tasks('job').map((task) => `${task.nodeId} ${task.desiredState}`);
    expect(seen.toSorted()).toEqual(['n1 complete', 'n2 shutdown', 'n3 complete']);
  });
});
