import { describe, expect, test } from '@jest/globals';
import type { Task } from '../model/objects.ts';
import { inject } from './faults.ts';
import { World } from './world.ts';

/** One manager that runs nothing, one worker, and a service of one task with that image. */
function playing(image: string, graceS = 10): World {
  const swarm = World.of(1, 1, image);
  swarm.updateNode('m1', { Availability: 'drain' });
  swarm.createService('web', 1, {
    TaskTemplate: {
      ContainerSpec: { Image: `workload:${image}`, StopGracePeriod: graceS * 1e9 },
      ForceUpdate: 0,
    },
  });
  return swarm;
}

const oldest = (swarm: World): Task | undefined => swarm.tasks('web')[0];

describe('pulls', () => {
  test('that are slow keep a task in preparing until the image is there; the next has it', () => {
    const swarm = World.of(1, 1, 'slow pulls');
    swarm.updateNode('m1', { Availability: 'drain' });
    inject(swarm, { kind: 'slow-pulls', node: 'w1', pullMs: 20_000 });
    swarm.createService('web', 1);
    swarm.advance(15_000);
    expect(oldest(swarm)?.status.state).toBe('preparing');
    swarm.until('it runs', () => swarm.running('web').length === 1, 30_000);
    const begin = swarm.time.now;
    swarm.createService('second', 1);
    swarm.until('the other runs', () => swarm.running('second').length === 1);
    expect(swarm.time.now - begin).toBeLessThan(5000);
  });

  test('that fail reject tasks with the registry’s text, until they succeed again', () => {
    const swarm = World.of(1, 1, 'failing pulls');
    swarm.updateNode('m1', { Availability: 'drain' });
    const failure = 'Get "https://registry-1.docker.io/v2/": net/http: request canceled';
    const fault = inject(swarm, { kind: 'slow-pulls', node: 'w1', pullMs: 100, failure });
    swarm.createService('web', 1);
    swarm.until('it is rejected', () => oldest(swarm)?.status.state === 'rejected');
    expect(oldest(swarm)?.status.err).toContain('registry-1.docker.io');
    fault.heal();
    swarm.until('it runs', () => swarm.running('web').length === 1);
  });
});

describe('containers', () => {
  test('that end with a code fail their task with it, and are replaced', () => {
    const swarm = playing('v1');
    swarm.until('it runs', () => swarm.running('web').length === 1);
    const [container] = swarm.machine('w1').engine.containers;
    inject(swarm, { kind: 'exit', node: 'w1', container: container?.id ?? '', code: 137 });
    swarm.until('it failed', () => oldest(swarm)?.status.state === 'failed');
    expect(oldest(swarm)?.status.err).toBe('task: non-zero exit (137)');
    swarm.until('another runs', () => swarm.running('web').length === 1);
  });

  test('that never get healthy never count as running, and are killed as unhealthy', () => {
    const swarm = playing('unhealthy');
    swarm.until('it starts', () => oldest(swarm)?.status.state === 'starting');
    const begin = swarm.time.now;
    swarm.until('it failed', () => oldest(swarm)?.status.state === 'failed');
    expect(swarm.time.now - begin).toBeGreaterThanOrEqual(2000);
    expect(oldest(swarm)?.status.err).toContain('unhealthy container');
    expect(swarm.running('web')).toEqual([]);
  });

  test('that ignore SIGTERM live until their grace period is over, others end at once', () => {
    const times = ['ignore-term', 'v1'].map((image) => {
      const swarm = playing(image, 7);
      swarm.until('it runs', () => swarm.running('web').length === 1);
      const begin = swarm.time.now;
      swarm.updateNode('w1', { Availability: 'drain' });
      swarm.until('it is gone', () => swarm.machine('w1').engine.running.size === 0);
      return swarm.time.now - begin;
    });
    expect(times[0]).toBeGreaterThanOrEqual(7000);
    expect(times[0]).toBeLessThan(9000);
    expect(times[1]).toBeLessThan(2000);
  });
});

test('an engine that restarts takes its containers down, and the swarm replaces them', () => {
  const swarm = playing('v1');
  swarm.until('it runs', () => swarm.running('web').length === 1);
  const first = oldest(swarm);
  const fault = inject(swarm, { kind: 'restart-engine', node: 'w1' });
  swarm.advance(3000);
  expect(swarm.machine('w1').isUp).toBe(true);
  expect(swarm.machine('w1').engine.running.size).toBe(0);
  fault.heal();
  swarm.until('another runs', () => swarm.running('web').some(({ id }) => id !== first?.id));
  expect(swarm.nodeOf('w1').status.state).toBe('ready');
});
