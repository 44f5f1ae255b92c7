import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import { Rehearsal } from './rehearsal.ts';

test('a store that commits at once is served as well: create, lose a node, update, remove', () => {
  const swarm = new Rehearsal();
  swarm.commitMs = 0;
  swarm.loops.start();
  swarm.createService('web');
  swarm.createService('everywhere', { Mode: { Global: {} } });
  swarm.converge('web');
  swarm.lose('n2');
  swarm.converge('web');
  swarm.image('web', 'v2');
  swarm.until('updated', () => swarm.service('web').updateStatus?.state === 'completed');
  expect(swarm.live('web').every((task) => task.spec.ContainerSpec?.Image === 'v2')).toBe(true);
  expect(swarm.live('everywhere').map((task) => task.nodeId)).toEqual(['n1', 'n3']);
  swarm.comeBack('n2');
  swarm.removeService('web');
  swarm.until('gone', () => swarm.tasks('web').length === 0);
});

test('what a refused write was to do is decided anew at the next event', () => {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web');
  swarm.converge('web');
  swarm.time.after(1.5, () => (swarm.refusals = 1));
  swarm.scale('web', 5);
  swarm.advance(1_000);
  expect(swarm.live('web')).toHaveLength(3);
  expect(swarm.logged.map((line) => line.level)).toEqual(['warn']);
  swarm.label('n1', { any: 'event' });
  swarm.converge('web', 5);
});

test('one seed gives one run', () => {
  const run = (seed: string): string => {
    const swarm = new Rehearsal(3, seed);
    swarm.loops.start();
    swarm.createService('web', { Mode: { Replicated: { Replicas: 20 } } });
    swarm.converge('web', 20);
    swarm.scale('web', 7);
    swarm.converge('web', 7);
    swarm.image('web', 'v2');
    swarm.until('updated', () => swarm.service('web').updateStatus?.state === 'completed');
    return swarm
      .tasks('web')
      .map((task) => `${task.id} ${task.nodeId} ${task.meta.createdAt}`)
      .join();
  };
  expect(run('a')).toBe(run('a'));
  expect(run('a')).not.toBe(run('b'));
});

test('loops can be stopped and started again', () => {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web');
  swarm.converge('web');
  swarm.loops.stop();
  swarm.lose('n1');
  swarm.advance(30_000);
  expect(swarm.live('web')).toHaveLength(3);
  swarm.loops.start();
  swarm.advance(10);
  swarm.converge('web');
  expect(swarm.live('web').map((task) => task.nodeId)).not.toContain('n1');
});

test('desired and observed states never go back, through losses, drains, updates and scaling by chance', () => {
  const swarm = new Rehearsal(4, 'chaos');
  swarm.loops.start();
  swarm.createService('web', { Mode: { Replicated: { Replicas: 8 } } });
  swarm.createService('everywhere', { Mode: { Global: {} } });
  const { random } = swarm.ports;
  const away = new Set<string>();
  const deeds: readonly ((node: string) => void)[] = [
    (node) => {
      if (away.has(node)) swarm.comeBack(node);
      else swarm.lose(node);
      if (!away.delete(node)) away.add(node);
    },
    (node) => {
      const availabilities = ['active', 'drain', 'pause'] as const;
      swarm.availability(node, availabilities[random.below(3)] ?? 'active');
    },
    () => {
      swarm.scale('web', 2 + random.below(10));
    },
    () => {
      swarm.image('web', ['v1', 'v2', 'fails', 'missing'][random.below(4)] ?? 'v1');
    },
  ];
  for (let deed = 0; deed < 200; deed += 1) {
    deeds[random.below(deeds.length)]?.(`n${String(1 + random.below(4))}`);
    swarm.advance(random.below(8_000));
  }
  for (const node of [...away]) swarm.comeBack(node);
  for (const node of ['n1', 'n2', 'n3', 'n4']) swarm.availability(node, 'active');
  swarm.image('web', 'v9');
  swarm.scale('web', 6);
  swarm.until('updated', () => swarm.service('web').updateStatus?.state === 'completed', 300_000);
  swarm.converge('web', 6);
  swarm.converge('everywhere', 4);
  expect(
    swarm
      .live('web')
      .map((task) => task.slot)
      .toSorted(),
  ).toEqual([1, 2, 3, 4, 5, 6]);
  expect(backSteps(swarm)).toEqual([]);
});

/** Task updates in which a desired state was lowered. */
function backSteps(swarm: Rehearsal): readonly Task[] {
  const order = ['ready', 'running', 'complete', 'shutdown', 'remove'];
  return swarm.events.flatMap((event) => {
    if (event.kind !== 'task' || event.action !== 'update') return [];
    const { object, previous } = event;
    return order.indexOf(object.desiredState) < order.indexOf(previous.desiredState)
      ? [object]
      : [];
  });
}
