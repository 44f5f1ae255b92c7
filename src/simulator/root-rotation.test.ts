import { describe, expect, test } from '@jest/globals';
import { nodeId } from '../model/ids.ts';
import type { Cluster } from '../model/objects.ts';
import type { CaConfig } from '../model/specs.ts';
import type { Identity } from '../swarm/node/node-ports.ts';
import { factsOf } from './authority.ts';
import { World } from './world.ts';

const clusterOf = (swarm: World): Cluster =>
  swarm.control(swarm.leader(), { method: 'get-cluster' });

function configure(swarm: World, change: Partial<CaConfig>): void {
  const { meta, spec } = clusterOf(swarm);
  swarm.control(swarm.leader(), {
    method: 'update-cluster',
    version: meta.version,
    spec: { ...spec, CAConfig: { ...spec.CAConfig, ...change } },
    rotateWorkerToken: false,
    rotateManagerToken: false,
  });
}

const issuers = (swarm: World): readonly (string | undefined)[] =>
  swarm.nodes().map(({ description }) => description?.tls?.issuerPublicKey);

const isRotating = (swarm: World): boolean => clusterOf(swarm).rootCa.rotation !== undefined;

describe('a rotation of the root', () => {
  test('gives every node a certificate of the new root, and no task notices', () => {
    const swarm = World.of(3, 2);
    swarm.createService('web', 4);
    swarm.until('all run', () => swarm.running('web').length === 4);
    const before = clusterOf(swarm);
    configure(swarm, { ForceRotate: 1 });
    expect(isRotating(swarm)).toBe(true);
    expect(clusterOf(swarm).rootCa.certificate).toBe(before.rootCa.certificate);
    expect(clusterOf(swarm).joinTokens).toEqual(before.joinTokens);
    swarm.until('the rotation is over', () => !isRotating(swarm), 60_000);
    const after = clusterOf(swarm);
    expect(after.rootCa.certificate).not.toBe(before.rootCa.certificate);
    expect(after.rootCa.lastForcedRotation).toBe(1);
    expect(issuers(swarm)).toEqual(Array(5).fill(after.rootCa.certificate));
    expect(after.joinTokens.worker).not.toBe(before.joinTokens.worker);
    expect(after.joinTokens.manager).not.toBe(before.joinTokens.manager);
    swarm.advance(20_000);
    for (const { process } of swarm.machines.values())
      expect(process.identity?.rootCa).toBe(after.rootCa.certificate);
    expect(swarm.nodes().map(({ status }) => status.state)).toEqual(Array(5).fill('ready'));
    expect(swarm.tasks('web')).toHaveLength(4);
  });

  test('that is over refuses the tokens from before it', () => {
    const swarm = World.of(1, 1);
    const token = swarm.token('worker');
    configure(swarm, { ForceRotate: 1 });
    swarm.until('the rotation is over', () => !isRotating(swarm), 60_000);
    const asked = swarm.ask<null>((done) => {
      swarm.askToJoin('w2', token, 'm1', done);
    });
    swarm.until('refused', () => asked.result !== null, 20_000);
    expect(asked.result?.ok).toBe(false);
    swarm.join('w2', 'worker');
    expect(swarm.nodeOf('w2').status.state).toBe('ready');
  });

  test('takes in who joins meanwhile by a token of the old root', () => {
    const swarm = World.of(1, 1);
    swarm.machine('w1').crash();
    const { rootCa } = clusterOf(swarm);
    configure(swarm, { ForceRotate: 1 });
    swarm.advance(5000);
    swarm.join('w2', 'worker');
    expect(factsOf(swarm.machine('w2').process.identity?.certificate ?? '')).toMatchObject({
      by: rootCa.certificate,
    });
  });

  test('waits for a node that is down, until it is back or removed', () => {
    const swarm = World.of(1, 2);
    const gone = swarm.machine('w1').node.nodeId();
    swarm.machine('w1').crash();
    swarm.until('down', () => swarm.nodeOf('w1').status.state === 'down');
    configure(swarm, { ForceRotate: 1 });
    swarm.advance(60_000);
    expect(isRotating(swarm)).toBe(true);
    swarm.control('m1', { method: 'remove-node', ref: gone, force: false });
    swarm.until('the rotation is over', () => !isRotating(swarm), 10_000);
  });

  test('survives the leader', () => {
    const swarm = World.of(3, 1);
    const leader = swarm.leader();
    configure(swarm, { ForceRotate: 1 });
    swarm.machine(leader).crash();
    swarm.untilLeader(leader);
    expect(isRotating(swarm)).toBe(true);
    swarm.machine(leader).start();
    swarm.until('the rotation is over', () => !isRotating(swarm), 120_000);
  });

  test('to the root in force calls one off', () => {
    const swarm = World.of(1, 1);
    swarm.machine('w1').crash();
    const { certificate } = clusterOf(swarm).rootCa;
    configure(swarm, { ForceRotate: 1 });
    configure(swarm, { ForceRotate: 1, SigningCACert: certificate, SigningCAKey: 'its key' });
    expect(clusterOf(swarm).rootCa).toEqual({
      certificate,
      key: 'its key',
      lastForcedRotation: 1,
    });
  });

  test.each([
    [{ SigningCAKey: 'key' }, 'if a signing CA key is provided, the signing CA cert must also'],
    [
      { SigningCACert: 'another' },
      'there must be at least one valid, reachable external CA corresponding to the desired CA certificate',
    ],
    [
      { SigningCACert: 'another', SigningCAKey: 'root-key' },
      'Cannot update to a cert with an identical key',
    ],
  ])('is refused for %j', (change, text) => {
    const swarm = World.of(1);
    expect(() => {
      configure(swarm, change);
    }).toThrow(`rpc error: code = InvalidArgument desc = ${text}`);
    expect(isRotating(swarm)).toBe(false);
  });
});

describe('a certificate that ran out', () => {
  const DAY_MS = 86_400_000;

  test('is refused by managers, and cannot be renewed', () => {
    const swarm = World.of(1, 1);
    const worker = swarm.machine('w1');
    swarm.machine('m1').time.skew(91 * DAY_MS);
    swarm.until('down', () => swarm.nodeOf('w1').status.state === 'down', 60_000);
    expect(swarm.logged('w1').join('\n')).toContain('no verified chains for remote certificate');
    const { authority, identity } = worker.process;
    if (identity === null) throw new Error('a node in a swarm has an identity');
    const managers = [{ nodeId: nodeId(''), addr: 'm1:2377', weight: 1 }];
    expect(() =>
      swarm.wait<Identity>((done) => {
        authority.renew(identity, managers, done);
      }),
    ).toThrow('A valid join token is necessary to join this cluster');
  });

  test('keeps a node from starting, which says so', () => {
    const swarm = World.of(1, 1);
    const worker = swarm.machine('w1');
    const id = worker.node.nodeId();
    worker.crash();
    worker.time.skew(91 * DAY_MS);
    worker.start();
    const { error } = worker.node.facts();
    expect(worker.node.localState()).toBe('error');
    expect(error).toMatch(
      new RegExp(
        `certificate \\(1 - ${id}\\) not valid after .*: x509: certificate has expired or is not yet valid$`,
      ),
    );
    swarm.wait<null>((done) => {
      worker.node.leave(done);
    });
    expect(worker.node.localState()).toBe('inactive');
  });

  test('of the manager that is called is refused by who calls', () => {
    const swarm = World.of(1, 1);
    const worker = swarm.machine('w1');
    worker.time.skew(91 * DAY_MS);
    swarm.advance(10_000);
    expect(swarm.logged('w1').join('\n')).toContain(
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    );
  });
});

test('whoever joins asks again where a manager does not answer', () => {
  const swarm = World.of(1);
  const token = swarm.token('worker');
  swarm.machine('m1').pause();
  const asked = swarm.ask<null>((done) => {
    swarm.askToJoin('w1', token, 'm1', done);
  });
  swarm.advance(6000);
  expect(asked.result).toBeNull();
  swarm.machine('m1').resume();
  swarm.until('joined', () => asked.result?.ok === true, 20_000);
});
