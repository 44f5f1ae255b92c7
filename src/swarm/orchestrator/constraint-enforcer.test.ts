import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { GenericResource, Resources, TaskSpec } from '../../model/specs.ts';
import { createOrchestrationLoops } from './loops.ts';
import { Rehearsal } from './rehearsal.ts';

/** Three replicas, one on each node. */
function placed(template: Partial<TaskSpec>): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web', { template });
  swarm.converge('web');
  return swarm;
}

const rejected = (swarm: Rehearsal): readonly Task[] =>
  swarm.tasks('web').filter((task) => task.status.state === 'rejected');

const NOT_OLD = { Placement: { Constraints: ['node.labels.age!=old'] } };

/** Changes what a node says it has, which is an update of the node. */
function shrink(
  swarm: Rehearsal,
  name: string,
  memoryBytes: number,
  generic: readonly GenericResource[],
): void {
  swarm.change((transaction) => {
    const node = transaction.get('node', name)!;
    const resources = { nanoCpus: 4e9, memoryBytes, generic };
    transaction.update('node', { ...node, description: { ...node.description!, resources } });
  });
}

test('a task whose node stops fitting is rejected, and replaced elsewhere after the restart delay', () => {
  const swarm = placed(NOT_OLD);
  const task = swarm.live('web').find((each) => each.nodeId === 'n2')!;
  swarm.label('n2', { age: 'old' });
  swarm.advance(3);
  expect(swarm.states('web', task.slot)).toEqual(['shutdown/rejected', 'ready/new']);
  expect(swarm.slot('web', task.slot)[0]!.status).toMatchObject({
    message: 'task rejected by constraint enforcer',
    err: 'assigned node no longer meets constraints',
  });
  expect(swarm.converge('web')).toBeGreaterThan(5_000);
  expect(swarm.live('web').map((each) => each.nodeId)).not.toContain('n2');
});

test('a paused node is left alone', () => {
  const swarm = placed(NOT_OLD);
  swarm.availability('n2', 'pause');
  swarm.label('n2', { age: 'old' });
  swarm.advance(1_000);
  expect(rejected(swarm)).toEqual([]);
});

test('the constraints that count are those the service has now', () => {
  const swarm = placed({});
  swarm.label('n2', { age: 'young' });
  swarm.template('web', NOT_OLD);
  swarm.advance(10_000);
  expect(swarm.live('web').every((task) => task.spec.Placement === undefined)).toBe(true);
  swarm.label('n2', { age: 'old' });
  swarm.advance(10);
  expect(rejected(swarm).map((task) => task.nodeId)).toEqual(['n2']);
});

test('reservations are added up in the order of the list; what no longer fits is rejected', () => {
  const swarm = new Rehearsal(1);
  swarm.loops.start();
  const Reservations: Resources = { MemoryBytes: 3e9 };
  swarm.createService('web', {
    Mode: { Replicated: { Replicas: 2 } },
    template: { Resources: { Reservations } },
  });
  swarm.converge('web', 2);
  shrink(swarm, 'n1', 4e9, []);
  swarm.advance(3);
  expect(rejected(swarm)).toHaveLength(1);
  expect(rejected(swarm)[0]!.id).toBe(swarm.tasks('web')[1]!.id);
});

test('a missing generic resource rejects the first task that has it and ends the look', () => {
  const swarm = placed({});
  const gpu = (Value: string): GenericResource => ({ NamedResourceSpec: { Kind: 'gpu', Value } });
  const task = swarm.live('web').find((each) => each.nodeId === 'n2')!;
  swarm.change((transaction) => {
    transaction.update('task', {
      ...transaction.get('task', task.id)!,
      genericResources: [gpu('a')],
    });
  });
  shrink(swarm, 'n2', 8e9, [gpu('a'), { DiscreteResourceSpec: { Kind: 'disk', Value: 2 } }]);
  expect(rejected(swarm)).toEqual([]);
  shrink(swarm, 'n2', 8e9, [gpu('b')]);
  swarm.advance(3);
  expect(rejected(swarm).map((each) => each.id)).toEqual([task.id]);
});

test('a new leader looks at every node once', () => {
  const swarm = placed(NOT_OLD);
  swarm.loops.stop();
  swarm.label('n2', { age: 'old' });
  expect(rejected(swarm)).toEqual([]);
  swarm.loops = createOrchestrationLoops(swarm.ports, swarm.store);
  swarm.loops.start();
  swarm.advance(10);
  expect(rejected(swarm)).toHaveLength(1);
});
