import { describe, expect, test } from '@jest/globals';
import type { SwarmSpec } from '../model/specs.ts';
import { DEFAULT_SWARM_SPEC } from '../model/specs.ts';
import { World } from './world.ts';

const LOCKING: SwarmSpec = {
  ...DEFAULT_SWARM_SPEC,
  EncryptionConfig: { AutoLockManagers: true },
};

function autolock(swarm: World, AutoLockManagers: boolean, rotateUnlockKey = false): void {
  const { meta, spec } = swarm.control(swarm.leader(), { method: 'get-cluster' });
  swarm.control(swarm.leader(), {
    method: 'update-cluster',
    version: meta.version,
    spec: { ...spec, EncryptionConfig: { AutoLockManagers } },
    rotateWorkerToken: false,
    rotateManagerToken: false,
    rotateUnlockKey,
  });
  swarm.advance(2000);
}

const keyOf = (swarm: World): string =>
  swarm.control(swarm.leader(), { method: 'get-unlock-key' }).key;

const unlock = (swarm: World, name: string, key: string): null =>
  swarm.wait<null>((done) => {
    swarm.machine(name).node.unlock(key, done);
  });

function restart(swarm: World, name: string): void {
  swarm.machine(name).crash();
  swarm.advance(1000);
  swarm.machine(name).start();
  swarm.advance(1000);
}

const TEXT =
  'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.';

describe('a manager that restarts', () => {
  test('is locked where managers lock themselves, and says so, until it is given the key', () => {
    const swarm = World.of(1);
    autolock(swarm, true);
    const key = keyOf(swarm);
    restart(swarm, 'm1');
    const { node } = swarm.machine('m1');
    expect([node.localState(), node.role(), node.nodeId(), node.managerReady()]).toEqual([
      'locked',
      null,
      '',
      false,
    ]);
    const info = swarm.wait((done: Parameters<typeof node.info>[0]) => {
      node.info(done);
    });
    expect(info).toMatchObject({ error: TEXT, controlAvailable: false, nodeAddr: 'm1' });
    expect(() => unlock(swarm, 'm1', 'another')).toThrow(
      'swarm could not be unlocked: invalid key provided',
    );
    expect(node.localState()).toBe('locked');
    unlock(swarm, 'm1', key);
    swarm.until('it leads', () => swarm.leader() === 'm1', 5000);
    expect(node.localState()).toBe('active');
    expect(() => unlock(swarm, 'm1', key)).toThrow('swarm is not locked');
  });

  test('is not locked where they do not, nor once they do no more', () => {
    const swarm = World.of(1);
    expect(keyOf(swarm)).toBe('');
    restart(swarm, 'm1');
    swarm.untilLeader();
    autolock(swarm, true);
    autolock(swarm, false);
    expect(keyOf(swarm)).toBe('');
    restart(swarm, 'm1');
    expect(swarm.machine('m1').node.localState()).not.toBe('locked');
  });

  test('needs the newest key', () => {
    const swarm = World.of(1);
    autolock(swarm, true);
    const old = keyOf(swarm);
    autolock(swarm, true, true);
    const key = keyOf(swarm);
    expect(key).not.toBe(old);
    restart(swarm, 'm1');
    expect(() => unlock(swarm, 'm1', old)).toThrow('invalid key provided');
    unlock(swarm, 'm1', key);
  });

  test('needs the key that it last knew, where another was made while it was away', () => {
    const swarm = World.of(3);
    autolock(swarm, true);
    const old = keyOf(swarm);
    const away = ['m1', 'm2', 'm3'].find((name) => name !== swarm.leader()) ?? '';
    swarm.machine(away).crash();
    autolock(swarm, true, true);
    const key = keyOf(swarm);
    swarm.machine(away).start();
    expect(() => unlock(swarm, away, key)).toThrow('invalid key provided');
    unlock(swarm, away, old);
    swarm.until('it has the new one', () => swarm.machine(away).disk.lock.key === key);
  });
});

describe('a swarm whose managers lock themselves', () => {
  test('does so from its beginning, and has those that join do so', () => {
    const swarm = new World();
    swarm.init('m1', LOCKING);
    swarm.join('m2', 'manager');
    swarm.join('w1', 'worker');
    const key = keyOf(swarm);
    swarm.advance(2000);
    const locks = ['m1', 'm2', 'w1'].map((name) => swarm.machine(name).disk.lock.key);
    expect(locks).toEqual([key, key, null]);
  });

  test('has a promoted node do so, and one that is demoted no more', () => {
    const swarm = new World();
    swarm.init('m1', LOCKING);
    swarm.join('m2', 'manager');
    swarm.join('w1', 'worker');
    swarm.updateNode('w1', { Role: 'manager' });
    const { disk } = swarm.machine('w1');
    swarm.until('it has the key', () => disk.lock.key === keyOf(swarm), 20_000);
    swarm.updateNode('w1', { Role: 'worker' });
    swarm.until('it has none', () => disk.lock.key === null, 60_000);
    restart(swarm, 'w1');
    expect(swarm.machine('w1').node.localState()).not.toBe('locked');
  });

  test('gives a manager a new certificate when it begins to', () => {
    const swarm = World.of(1);
    const { authority } = swarm.machine('m1').process;
    autolock(swarm, true);
    expect(authority.renewals).toHaveLength(1);
    autolock(swarm, true, true);
    expect(authority.renewals).toHaveLength(1);
  });
});

test('a locked node can be forced to leave, and join anew', () => {
  const swarm = World.of(3);
  autolock(swarm, true);
  const away = ['m1', 'm2', 'm3'].find((name) => name !== swarm.leader()) ?? '';
  restart(swarm, away);
  swarm.wait<null>((done) => {
    swarm.machine(away).node.leave(done);
  });
  expect(swarm.machine(away).node.localState()).toBe('inactive');
  swarm.join(away, 'worker');
  expect(swarm.machine(away).node.localState()).toBe('active');
});

test('no key and no token gets into a log', () => {
  const swarm = new World();
  swarm.init('m1', LOCKING);
  swarm.join('m2', 'manager');
  const token = swarm.token('worker');
  const key = keyOf(swarm);
  const refused = swarm.ask<null>((done) => {
    swarm.askToJoin('w1', `${token}x`, 'm1', done);
  });
  swarm.until('refused', () => refused.result !== null);
  restart(swarm, 'm2');
  expect(() => unlock(swarm, 'm2', 'another')).toThrow();
  unlock(swarm, 'm2', key);
  swarm.advance(20_000);
  const { rootCa } = swarm.control(swarm.leader(), { method: 'get-cluster' });
  const told = [...swarm.logged(), JSON.stringify(refused.result)].join('\n');
  for (const secret of [token, key, 'another', rootCa.key]) expect(told).not.toContain(secret);
});
