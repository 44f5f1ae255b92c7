/** What the facade makes of requests that change a swarm as a whole: autolock, a root of one's own, a new cluster by force. */
import { describe, expect, test } from '@jest/globals';
import { clusterId } from '../model/ids.ts';
import type { Cluster } from '../model/objects.ts';
import { DEFAULT_SWARM_SPEC } from '../model/specs.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

type Request = Parameters<typeof requestOf>[0];

function ask(node: LeaderNode, request: Request): [number, string] {
  let answer: [number, string] = [0, ''];
  handle(node, requestOf(request), ({ status, body }) => {
    answer = [status, body];
  });
  return answer;
}

const said = (message: string): string => `${JSON.stringify({ message })}\n`;
const post = (path: string, body: unknown): Request => ({ method: 'POST', path, body });

const cluster: Cluster = {
  id: clusterId('c'),
  meta: { version: 1, createdAt: 0, updatedAt: 0 },
  spec: DEFAULT_SWARM_SPEC,
  joinTokens: { worker: 'w', manager: 'm' },
  rootCa: { certificate: 'root', key: 'key' },
  defaultAddressPool: [],
  subnetSize: 24,
  dataPathPort: 4789,
  blacklist: {},
};

test('a new cluster by force is for managers, and keeps what the client does not change', () => {
  const address = { ListenAddr: '1.2.3.4', AdvertiseAddr: '1.2.3.4' };
  const Spec = { Orchestration: { TaskHistoryRetentionLimit: 1 } };
  const request = post('/swarm/init', { ForceNewCluster: true, ...address, Spec });
  const node = new LeaderNode();
  node.ownRole = 'worker';
  expect(ask(node, request)[0]).toBe(503);
  expect(node.inits).toEqual([]);
  node.ownRole = 'manager';
  expect(ask(node, request)[0]).toBe(200);
  const base = { ...DEFAULT_SWARM_SPEC, Labels: { a: 'b' } };
  expect(node.inits[0]?.respec(base)).toEqual({ ...base, ...Spec });
});

describe('autolock', () => {
  const spec = { ...DEFAULT_SWARM_SPEC, EncryptionConfig: { AutoLockManagers: true } };
  const update = (query: string): ReturnType<typeof post> =>
    post(`/swarm/update?version=1${query}`, spec);

  test('gives a key when it is switched on, another when that is asked for, none when it is off', () => {
    const node = new LeaderNode();
    node.put('cluster', cluster);
    expect(ask(node, { path: '/swarm/unlockkey' })).toEqual([200, '{"UnlockKey":""}\n']);
    expect(ask(node, update(''))[0]).toBe(200);
    const shown = `{"UnlockKey":"SWMKEY-1-${'a'.repeat(43)}"}\n`;
    expect(ask(node, { path: '/swarm/unlockkey' })).toEqual([200, shown]);
    expect(ask(node, { path: '/swarm' })[1]).not.toContain('aaaa');
  });

  test('is opened with a key in its form, which is asked for only where it is locked', () => {
    const node = new LeaderNode();
    const unlock = (UnlockKey: string): ReturnType<typeof ask> =>
      ask(node, post('/swarm/unlock', { UnlockKey }));
    expect(unlock('any')).toEqual([409, said('swarm is not locked')]);
    node.state = 'locked';
    node.isReady = false;
    node.ownRole = null;
    expect(unlock('any')).toEqual([400, said('invalid key string')]);
    expect(unlock(`SWMKEY-1-${'b'.repeat(43)}`)).toEqual([200, '']);
    expect(node.unlocks).toEqual(['b'.repeat(43)]);
  });
});

describe('a root of one’s own', () => {
  test('is never shown', () => {
    const node = new LeaderNode();
    node.put('cluster', cluster);
    const CAConfig = { NodeCertExpiry: 3.6e12, SigningCACert: 'secret', SigningCAKey: 'secret' };
    expect(ask(node, post('/swarm/update?version=1', { CAConfig }))[0]).toBe(200);
    const [status, body] = ask(node, { path: '/swarm' });
    expect([status, body.includes('secret')]).toEqual([200, false]);
    expect(body).toContain('"RootRotationInProgress":true');
  });

  test('needs its certificate', () => {
    const node = new LeaderNode();
    node.put('cluster', cluster);
    expect(ask(node, post('/swarm/update?version=1', { CAConfig: { SigningCAKey: 'x' } }))).toEqual(
      [
        400,
        said(
          'rpc error: code = InvalidArgument desc = if a signing CA key is provided, the signing CA cert must also be provided',
        ),
      ],
    );
  });
});
