import { describe, expect, test } from '@jest/globals';
import type { RestartPolicy } from '../../model/specs.ts';
import { Rehearsal, SECOND } from './rehearsal.ts';

/** One replica of the image under the policy, with the loops running. */
function looping(image: string, policy?: RestartPolicy): Rehearsal {
  const swarm = new Rehearsal();
  swarm.loops.start();
  swarm.createService('web', {
    Mode: { Replicated: { Replicas: 1 } },
    template: {
      ContainerSpec: { Image: image },
      ...(policy === undefined ? {} : { RestartPolicy: policy }),
    },
  });
  return swarm;
}

/** How many tasks were ever made for the service. */
const made = (swarm: Rehearsal): number =>
  swarm.events.filter((event) => event.kind === 'task' && event.action === 'create').length;

describe('R4 R7 replacement', () => {
  test('R4 a task that ends gets a replacement in its slot, from the spec of now', () => {
    const swarm = looping('v1');
    swarm.converge('web', 1);
    swarm.report(swarm.live('web')[0]!, 'failed', 'task: non-zero exit (137)');
    swarm.advance(5);
    expect(swarm.states('web', 1)).toEqual(['shutdown/failed', 'ready/new']);
    expect(swarm.tasks('web')[0]!.status.err).toBe('task: non-zero exit (137)');
  });

  test('R7 the replacement waits in ready for 5 s unless the policy says otherwise', () => {
    const swarm = looping('v1');
    swarm.converge('web', 1);
    swarm.report(swarm.live('web')[0]!, 'failed');
    swarm.advance(4_990);
    expect(swarm.states('web', 1)).toEqual(['shutdown/failed', 'ready/ready']);
    swarm.advance(300);
    expect(swarm.states('web', 1)).toEqual(['shutdown/failed', 'running/running']);
  });

  test('a delay of 0 is not the default', () => {
    const swarm = looping('v1', { Delay: 0 });
    swarm.converge('web', 1);
    swarm.report(swarm.live('web')[0]!, 'failed');
    swarm.advance(5);
    expect(swarm.live('web')[0]!.desiredState).toBe('running');
  });

  test('a replacement waits until the old task stopped, though its delay is over', () => {
    const swarm = looping('stubborn', { Delay: SECOND });
    swarm.converge('web', 1);
    swarm.availability(swarm.live('web')[0]!.nodeId, 'drain');
    swarm.advance(11_200);
    expect(swarm.live('web')[0]!.desiredState).toBe('ready');
    swarm.advance(100);
    expect(swarm.live('web')[0]!.desiredState).toBe('running');
  });

  test('after 60 s a replacement waits for the old task no longer', () => {
    const swarm = looping('v1');
    swarm.converge('web', 1);
    const node = swarm.live('web')[0]!.nodeId;
    swarm.silence(node);
    swarm.availability(node, 'drain');
    swarm.advance(59_900);
    expect(swarm.live('web')[0]!.desiredState).toBe('ready');
    swarm.advance(110);
    expect(swarm.live('web')[0]!.desiredState).toBe('running');
  });

  test.each(['down', 'removed'])('a wait for a silent task ends when its node is %s', (fate) => {
    const swarm = looping('v1');
    swarm.converge('web', 1);
    const node = swarm.live('web')[0]!.nodeId;
    swarm.silence(node);
    swarm.availability(node, 'drain');
    swarm.advance(20_000);
    if (fate === 'down') swarm.nodeState(node, 'down');
    else swarm.removeNode(node);
    swarm.advance(10);
    expect(swarm.live('web')[0]!.desiredState).toBe('running');
  });

  test('a node that is down gives no leave from the delay', () => {
    const swarm = looping('v1');
    swarm.converge('web', 1);
    swarm.lose(swarm.live('web')[0]!.nodeId);
    swarm.advance(4_900);
    expect(swarm.live('web')[0]!.desiredState).toBe('ready');
    swarm.advance(110);
    expect(swarm.live('web')[0]!.desiredState).toBe('running');
  });

  test('an image that does not exist makes no tight loop: a task rejected inside its delay waits for it', () => {
    const swarm = looping('missing');
    swarm.advance(60_000);
    // The first is rejected at once, then one each 5 s.
    expect(made(swarm)).toBeGreaterThanOrEqual(12);
    expect(made(swarm)).toBeLessThanOrEqual(13);
  });

  test('a service that loops with delay 5 s makes 9 tasks in 40 s, as measured', () => {
    const swarm = looping('fails');
    swarm.advance(40_000);
    expect(made(swarm)).toBe(9);
  });
});

describe('R6 restart policy', () => {
  test('none: never', () => {
    const swarm = looping('fails', { Condition: 'none' });
    swarm.advance(40_000);
    expect(swarm.states('web', 1)).toEqual(['shutdown/failed']);
  });

  test('on-failure: not after exit code 0', () => {
    const swarm = looping('exits', { Condition: 'on-failure' });
    swarm.advance(40_000);
    expect(swarm.states('web', 1)).toEqual(['shutdown/complete']);
  });

  test('on-failure: after any other end', () => {
    const swarm = looping('fails', { Condition: 'on-failure', Delay: 0 });
    swarm.advance(5_000);
    expect(made(swarm)).toBeGreaterThan(2);
  });

  test('any: after exit code 0 too', () => {
    const swarm = looping('exits', { Delay: 0 });
    swarm.advance(5_000);
    expect(made(swarm)).toBeGreaterThan(2);
  });

  test('2 attempts are 3 tasks in all', () => {
    const swarm = looping('fails', { MaxAttempts: 2, Delay: SECOND });
    swarm.advance(60_000);
    expect(swarm.states('web', 1)).toEqual(Array(3).fill('shutdown/failed'));
    expect(made(swarm)).toBe(3);
  });

  test('with a window that holds them, the attempts are limited', () => {
    const swarm = looping('fails', { MaxAttempts: 2, Delay: SECOND, Window: 60 * SECOND });
    swarm.advance(40_000);
    expect(made(swarm)).toBe(3);
  });

  test('with a window too short for both, restarts go on', () => {
    const swarm = looping('fails-late', { MaxAttempts: 2, Delay: SECOND, Window: 2 * SECOND });
    swarm.advance(60_000);
    expect(made(swarm)).toBeGreaterThan(5);
  });

  test('a new spec version forgets the attempts', () => {
    const swarm = looping('fails', { MaxAttempts: 1, Delay: 0 });
    swarm.advance(10_000);
    expect(made(swarm)).toBe(2);
    swarm.template('web', { ForceUpdate: 1 });
    swarm.advance(10_000);
    expect(made(swarm)).toBe(4);
  });

  test('a drained node uses up an attempt', () => {
    const swarm = looping('v1', { MaxAttempts: 1 });
    swarm.converge('web', 1);
    swarm.availability(swarm.live('web')[0]!.nodeId, 'drain');
    swarm.converge('web', 1);
    swarm.report(swarm.live('web')[0]!, 'failed');
    swarm.advance(30_000);
    expect(swarm.live('web')).toEqual([]);
  });

  test('removing the service forgets its attempts', () => {
    const swarm = looping('fails', { MaxAttempts: 1, Delay: 0 });
    swarm.advance(10_000);
    swarm.removeService('web');
    swarm.advance(1_000);
    swarm.createService('web', {
      Mode: { Replicated: { Replicas: 1 } },
      template: { ContainerSpec: { Image: 'fails' }, RestartPolicy: { MaxAttempts: 1, Delay: 0 } },
    });
    swarm.advance(10_000);
    expect(made(swarm)).toBe(4);
  });
});
