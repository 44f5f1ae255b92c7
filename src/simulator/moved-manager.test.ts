import { describe, expect, test } from '@jest/globals';
import { World } from './world.ts';

/** m1 and m2, and m3, whose machine comes back under another name a minute after it went away. */
function moved(seed: string, advertiseAddr = ''): World {
  const swarm = World.of(2, 0, seed);
  const joinToken = swarm.token('manager');
  const m3 = swarm.machine('m3');
  const where = { listenAddr: '0.0.0.0:2377', advertiseAddr, remoteAddr: 'm1:2377' };
  swarm.wait<null>((done) => {
    m3.node.join({ ...where, joinToken, availability: 'active' }, done);
  });
  swarm.until('m3 is ready', () => swarm.nodeOf('m3').status.state === 'ready');
  swarm.advance(10_000);
  m3.crash();
  swarm.advance(60_000);
  m3.move('elsewhere');
  m3.start();
  return swarm;
}

interface Shown {
  readonly state: string;
  readonly addr: string;
  readonly reachability: string | undefined;
  readonly managerAddr: string | undefined;
}

const shown = (swarm: World): Shown => {
  const { id } = swarm.nodeOf('m3');
  const { node, manager } = swarm.control('m1', { method: 'get-node', ref: id });
  return { ...node.status, reachability: manager?.reachability, managerAddr: manager?.addr };
};

/** Made a worker, which it becomes before it is made a manager again. */
function againManager(swarm: World): void {
  const { node } = swarm.machine('m3');
  swarm.updateNode('m3', { Role: 'worker' });
  swarm.until('m3 is a worker', () => node.role() === 'worker' && node.manager === null);
  swarm.until('m3 is ready', () => swarm.nodeOf('m3').status.state === 'ready');
  swarm.updateNode('m3', { Role: 'manager' });
}

describe('a manager whose machine comes back at another address', () => {
  test('is not found there by the others, who go on without it, and says itself that there is no leader', () => {
    const swarm = moved('found');
    swarm.advance(1000);
    const asked = swarm.asking('m3', { method: 'list-nodes', filters: {} });
    swarm.advance(150_000);
    expect(shown(swarm)).toMatchObject({ reachability: 'unreachable', managerAddr: 'm3:2377' });
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const late = swarm.asking('m3', { method: 'list-nodes', filters: {} });
    swarm.advance(100);
    expect(asked.afterMs).toBe(20_000);
    expect(asked.result).toMatchObject({ error: { code: 'DeadlineExceeded' } });
    const text = expect.stringMatching(/^The swarm does not have a leader/);
    expect(late.result).toMatchObject({ error: { message: text } });
  });

  test('is Ready there where its agent came to another manager before its own, and else Down for good', () => {
    const seen = Array.from({ length: 60 }, (_, at) => {
      const swarm = moved(`agent ${at}`);
      swarm.advance(60_000);
      const { state, addr } = shown(swarm);
      swarm.advance(90_000);
      expect(shown(swarm).state).toBe(state);
      return `${state} at ${addr}`;
    });
    const ready = seen.filter((each) => each === 'ready at elsewhere').length;
    expect(seen.filter((each) => each === 'down at m3')).toHaveLength(60 - ready);
    // Half of the nodes ask their own manager first, which has no leader, and a third of the rest its old address.
    expect(ready).toBeGreaterThan(10);
    expect(ready).toBeLessThan(30);
  });

  test('is reached there once it was made a worker and a manager again, if it leaves its address to the leader', () => {
    const swarm = moved('again');
    againManager(swarm);
    swarm.until('it is reached', () => shown(swarm).reachability === 'reachable');
    swarm.until('its manager serves', () => swarm.machine('m3').node.managerReady());
    expect(shown(swarm)).toMatchObject({ managerAddr: 'elsewhere:2377', state: 'ready' });
    expect(swarm.control('m3', { method: 'list-nodes', filters: {} })).toHaveLength(3);
  });

  test('that said itself where it is has to leave and to join from there', () => {
    const swarm = moved('said', 'm3:2377');
    againManager(swarm);
    swarm.advance(120_000);
    expect(shown(swarm).reachability).toBeUndefined();
    const { id } = swarm.nodeOf('m3');
    swarm.wait<null>((done) => {
      swarm.machine('m3').node.leave(done);
    });
    swarm.control('m1', { method: 'remove-node', ref: id, force: true });
    swarm.join('m3', 'manager');
    swarm.until('it is reached', () => shown(swarm).reachability === 'reachable');
    expect(shown(swarm).managerAddr).toBe('elsewhere:2377');
  });
});
