import { describe, expect, test } from '@jest/globals';
import { World } from '../world.ts';
import { watchInvariants } from './watch.ts';

function watched(seed: string): {
  readonly world: World;
  readonly broken: () => readonly string[];
} {
  const world = new World(seed);
  const watch = watchInvariants(world);
  world.time.onEvent(() => {
    watch.check();
  });
  return { world, broken: () => watch.violations.map(({ text }) => text) };
}

describe('a watched swarm', () => {
  test('breaks no rule while it grows, fills its slots and loses a leader', () => {
    const { world, broken } = watched('grows');
    world.init('m1');
    for (const name of ['m2', 'm3']) world.join(name, 'manager');
    world.createService('web', 6);
    world.until('all run', () => world.running('web').length === 6);
    world.machine('m1').crash();
    world.untilLeader('m1');
    world.until('the slots are filled again', () => world.running('web').length === 6);
    world.machine('m1').start();
    world.advance(60_000);
    expect(broken()).toEqual([]);
  });

  test('gives every write of an object a greater version, transactions that follow at once included', () => {
    const { world, broken } = watched('versions');
    world.init('m1');
    const versions = new Map<string, number>();
    let writes = 0;
    world.machine('m1').node.manager?.store.watch((events) => {
      for (const { object } of events) {
        expect(object.meta.version).toBeGreaterThan(versions.get(object.id) ?? -1);
        versions.set(object.id, object.meta.version);
        writes += 1;
      }
    });
    world.createService('web', 20);
    world.until('all run', () => world.running('web').length === 20);
    expect(writes).toBeGreaterThan(80);
    expect(broken()).toEqual([]);
  });
});
