import { describe, expect, test } from '@jest/globals';
import type { Node } from '../../model/objects.ts';
import { makeNode, makeTasks } from '../dispatcher/virtual-swarm.ts';
import { ScheduledSwarm } from './scheduled-swarm.ts';

describe('placement preferences', () => {
  const zone = (id: string, value: string, options = {}): Node =>
    makeNode(id, { labels: { zone: value }, ...options });
  const placement = { Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }] };

  test('tasks are spread evenly over the values of a label, whatever the number of nodes', () => {
    const swarm = new ScheduledSwarm([
      zone('a1', 'a'),
      zone('b1', 'b'),
      zone('b2', 'b'),
      zone('b3', 'b'),
    ]);
    swarm.create('task', ...makeTasks(12, 't', { placement }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 6, b1: 2, b2: 2, b3: 2 });
  });

  test('a label that nobody has is one of no value, whatever it is called', () => {
    const swarm = new ScheduledSwarm([zone('a1', 'a'), zone('b1', 'b')]);
    const Preferences = [{ Spread: { SpreadDescriptor: 'node.labels.constructor' } }];
    swarm.create('task', ...makeTasks(4, 't', { placement: { Preferences } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 2, b1: 2 });
  });

  test('what a full branch cannot take goes to the others', () => {
    const swarm = new ScheduledSwarm([
      zone('a1', 'a', { resources: { nanoCpus: 1e9 } }),
      zone('b1', 'b'),
    ]);
    swarm.create('task', ...makeTasks(4, 't', { placement, reservations: { NanoCPUs: 1e9 } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 1, b1: 3 });
  });

  test('tasks that are there already count, even on nodes that take no more', () => {
    const swarm = new ScheduledSwarm([
      zone('a1', 'a'),
      zone('a2', 'a', { availability: 'pause' }),
      zone('b1', 'b'),
    ]);
    swarm.create('task', ...makeTasks(2, 'old', { node: 'a2', state: 'running' }));
    swarm.create('task', ...makeTasks(2, 't', { placement }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a2: 2, b1: 2 });
  });

  test('a second preference spreads within each branch of the first', () => {
    const rack = (id: string, zoneName: string, name: string): Node =>
      makeNode(id, { labels: { zone: zoneName, rack: name } });
    const swarm = new ScheduledSwarm([
      rack('a1', 'a', 'x'),
      rack('a2', 'a', 'y'),
      rack('a3', 'a', 'y'),
      rack('b1', 'b', 'x'),
    ]);
    const Preferences = [
      ...placement.Preferences,
      { Spread: { SpreadDescriptor: 'node.labels.rack' } },
    ];
    swarm.create('task', ...makeTasks(8, 't', { placement: { Preferences } }));
    swarm.time.advance(50);
    expect(swarm.placement('web')).toEqual({ a1: 2, a2: 1, a3: 1, b1: 4 });
  });
});
