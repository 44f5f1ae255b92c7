import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { SwarmError } from '../../model/errors.ts';
import { createRootCa } from '../certs/certificate.ts';
import { rootDigest } from '../certs/join-token.ts';
import type { TlsIdentity } from '../certs/tls-identity.ts';
import { Connection, fetchRootCa } from './client.ts';
import { CA, NodeCA } from './gen/ca_pb.js';
import { Dispatcher } from './gen/dispatcher_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from './gen/health_pb.js';
import { Raft } from './gen/raft_pb.js';
import { forwardHeaders, peerOf, refuseSecondRedirect } from './peer.ts';
import type { Router } from './router.ts';
import { WireServer } from './server.ts';
import {
  ended,
  identity,
  ORG,
  rawCall,
  root,
  silentServer,
  tls,
  until,
  unnamedServer,
} from './test-wire.ts';

const NOW = Date.now();
const MANAGER_ID = 'manager0manager0manager0m';
const WORKER_ID = 'worker00worker00worker00w';

const manager = identity('manager', MANAGER_ID);
const worker = identity('worker', WORKER_ID);

let server: WireServer;
let address: string;
const removed = new Set<string>();
const failures: unknown[] = [];
let sessionsClosed = 0;
const open: Connection[] = [];

function routes(router: Router): void {
  router.service(CA, {
    getRootCACertificate: () => ({ certificate: new TextEncoder().encode(root.certificate) }),
    getUnlockKey: () => ({ unlockKey: new Uint8Array([1]) }),
  });
  router.service(NodeCA, {
    issueNodeCertificate: (_request, context) => ({ nodeId: peerOf(context).nodeId }),
  });
  router.service(Health, {
    check: (request, context) => {
      switch (request.service) {
        case 'Raft':
          return { status: HealthCheckResponse_ServingStatus.SERVING };
        case 'who':
          throw new SwarmError('NotFound', peerOf(context).remoteAddress);
        case 'redirect':
          refuseSecondRedirect(context.requestHeader);
          return {};
        case 'slow':
          return new Promise((resolve) => setTimeout(resolve, 60_000, {}).unref());
        default:
          throw new TypeError('the secret of the house');
      }
    },
  });
  router.service(Raft, { processRaftMessage: () => ({}) });
  router.service(Dispatcher, {
    heartbeat: (_request, context) => ({
      period: { seconds: BigInt(peerOf(context).nodeId.length) },
    }),
    async *session(_request, context) {
      yield { sessionId: 'first' };
      await new Promise((resolve) => {
        context.signal.addEventListener('abort', resolve);
      });
      sessionsClosed += 1;
    },
  });
}

beforeEach(async () => {
  removed.clear();
  failures.length = 0;
  server = new WireServer({
    identity: manager,
    membership: { organization: () => ORG, isRemoved: (id) => removed.has(id) },
    routes,
    limits: { bodyMs: 500, handshakeMs: 1000 },
    onFailure: (_method, failure) => failures.push(failure),
  });
  const { host, port } = await server.listen('127.0.0.1', 0);
  address = `${host}:${port}`;
});

afterEach(async () => {
  for (const connection of open.splice(0)) connection.close();
  await server.close(100);
  expect(server.connections).toBe(0);
});

function dial(as?: TlsIdentity, to = address): Connection {
  const trust = { rootCa: root.certificate, ...(as && { identity: as }) };
  const connection = new Connection({ address: to, trust, requestMs: 3000 });
  open.push(connection);
  return connection;
}

const health = (as?: TlsIdentity, service = 'Raft') =>
  dial(as).unary(Health.method.check, { service });

const refused = (message: string) =>
  expect.objectContaining({ name: 'SwarmError', code: 'PermissionDenied', message });

const FOREIGN_ROLE =
  'Permission denied: unauthorized peer role: rpc error: code = PermissionDenied desc = ';

describe('who may call what', () => {
  test('a caller without a certificate reaches the certificate authority and nothing else', async () => {
    const nobody = dial();
    const reply = await nobody.unary(CA.method.getRootCACertificate, {});
    expect(new TextDecoder().decode(reply.certificate)).toBe(root.certificate);
    await expect(nobody.unary(NodeCA.method.issueNodeCertificate, {})).resolves.toMatchObject({
      nodeId: '',
    });
    const text = `${FOREIGN_ROLE}no client certificates in request`;
    await expect(nobody.unary(CA.method.getUnlockKey, {})).rejects.toEqual(refused(text));
    await expect(nobody.unary(Dispatcher.method.heartbeat, {})).rejects.toEqual(refused(text));
    await expect(nobody.unary(Raft.method.processRaftMessage, {})).rejects.toEqual(refused(text));
    const stream = nobody.serverStream(Dispatcher.method.session, {});
    await expect(stream.next()).rejects.toEqual(refused(text));
  });

  test('a worker is heard by the dispatcher and refused by raft, in Swarm’s words', async () => {
    const connection = dial(worker);
    const beat = await connection.unary(Dispatcher.method.heartbeat, {});
    expect(beat.period?.seconds).toBe(25n);
    await expect(connection.unary(Raft.method.processRaftMessage, {})).rejects.toEqual(
      refused(
        `${FOREIGN_ROLE}Permission denied: remote certificate not part of OUs: [swarm-manager]`,
      ),
    );
  });

  test('a node of another cluster under the same root is refused by its organisation', async () => {
    await expect(health(identity('manager', MANAGER_ID, 'another'))).rejects.toEqual(
      refused(
        `${FOREIGN_ROLE}Permission denied: remote certificate not part of organization: ${ORG}`,
      ),
    );
  });

  test('a certificate of another root counts for nothing', async () => {
    const stranger = identity('manager', MANAGER_ID, ORG, createRootCa(NOW));
    await expect(health({ ...stranger, rootCa: root.certificate })).rejects.toEqual(
      refused(`${FOREIGN_ROLE}no verified chains for remote certificate`),
    );
  });

  test('a removed node is refused, and its connection can be closed', async () => {
    const connection = dial(worker);
    await connection.unary(Dispatcher.method.heartbeat, {});
    removed.add(WORKER_ID);
    await expect(connection.unary(Dispatcher.method.heartbeat, {})).rejects.toEqual(
      refused(`${FOREIGN_ROLE}Permission denied: node ${WORKER_ID} was removed from swarm`),
    );
    server.disconnect(WORKER_ID);
    await until(() => !connection.connected);
  });

  test('a manager may pass a worker’s call on, a worker may not, and nobody twice', async () => {
    const peer = {
      nodeId: 'w'.repeat(7),
      roles: ['swarm-worker'],
      organization: ORG,
      remoteAddress: '10.0.0.9:4',
      refusal: '',
    };
    const headers = forwardHeaders(peer, '10.0.0.1:2377');
    const beat = await dial(manager).unary(Dispatcher.method.heartbeat, {}, { headers });
    expect(beat.period?.seconds).toBe(7n);
    await expect(
      dial(worker).unary(Dispatcher.method.heartbeat, {}, { headers }),
    ).rejects.toMatchObject({
      code: 'PermissionDenied',
      message: expect.stringContaining('unauthorized forwarder role'),
    });
    const asManager = forwardHeaders({ ...peer, roles: ['swarm-manager'] }, '10.0.0.1:2377');
    await expect(
      dial(manager).unary(Health.method.check, { service: 'redirect' }, { headers: asManager }),
    ).rejects.toMatchObject({
      code: 'ResourceExhausted',
      message: 'more than one redirect to leader from: [10.0.0.1:2377]',
    });
    await expect(
      dial(manager).unary(Raft.method.processRaftMessage, {}, { headers }),
    ).rejects.toEqual(
      refused('Permission denied: unauthorized forwarded role, expecting: [swarm-manager]'),
    );
  });
});

describe('errors', () => {
  test('a handler’s SwarmError arrives with its code and text, and sees the caller’s address', async () => {
    await expect(health(manager, 'who')).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  test('a handler’s own failure is told to us and not to the caller', async () => {
    await expect(health(manager, 'bug')).rejects.toMatchObject({
      code: 'Internal',
      message: 'internal error',
    });
    expect(failures).toEqual([expect.objectContaining({ message: 'the secret of the house' })]);
  });

  test('a method that nobody serves is Unimplemented', async () => {
    await expect(
      dial(manager).unary(Raft.method.resolveAddress, { raftId: 1n }),
    ).rejects.toMatchObject({ code: 'Unimplemented' });
  });

  test('a call that gets no answer ends at its deadline', async () => {
    const call = dial(manager).unary(Health.method.check, { service: 'slow' }, { timeoutMs: 200 });
    await expect(call).rejects.toMatchObject({
      code: 'DeadlineExceeded',
      message: 'context deadline exceeded',
    });
  });

  test('nobody listening reads as on real Swarm', async () => {
    const { port } = await new Promise<{ port: number }>((resolve) => {
      const idle = new WireServer({
        identity: manager,
        membership: { organization: () => ORG, isRemoved: () => false },
        routes,
      });
      void idle.listen('127.0.0.1', 0).then(async (bound) => {
        await idle.close(0);
        resolve(bound);
      });
    });
    const call = dial(manager, `127.0.0.1:${port}`).unary(Health.method.check, {});
    await expect(call).rejects.toMatchObject({
      code: 'Unavailable',
      message: `connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:${port}: connect: connection refused"`,
    });
  });

  test('a stream ends with Unavailable when the server stops, and its handler is told', async () => {
    const before = sessionsClosed;
    const stream = dial(worker).serverStream(Dispatcher.method.session, {});
    expect((await stream.next()).value).toMatchObject({ sessionId: 'first' });
    const next = expect(stream.next()).rejects.toMatchObject({
      code: 'Unavailable',
      message: 'server is stopped',
    });
    await server.close(1000);
    await next;
    expect(sessionsClosed).toBe(before + 1);
  });

  test('a reader who stops reading a stream ends it on the server', async () => {
    const before = sessionsClosed;
    for await (const message of dial(worker).serverStream(Dispatcher.method.session, {})) {
      expect(message.sessionId).toBe('first');
      break;
    }
    await until(() => sessionsClosed === before + 1);
  });
});

describe('bad input', () => {
  test('an oversized message is refused with a status, and the connection goes on', async () => {
    const connection = dial(worker);
    const sessionId = 'x'.repeat(4 * 1024 * 1024 + 1);
    await expect(
      connection.unary(Dispatcher.method.heartbeat, { sessionId }),
    ).rejects.toMatchObject({ code: 'ResourceExhausted' });
    await expect(connection.unary(Dispatcher.method.heartbeat, {})).resolves.toBeDefined();
  });

  test('a body that is no message is refused with a status', async () => {
    const garbage = Buffer.concat([
      Buffer.from([0, 0, 0, 0, 4]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
    ]);
    const headers = await rawCall(address, '/docker.swarmkit.v1.CA/GetRootCACertificate', garbage);
    // Internal, as grpc-go answers it.
    expect(headers['grpc-status']).toBe('13');
  });

  test('a frame that announces more than it may is refused before it is read', async () => {
    const frame = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
    const headers = await rawCall(address, '/docker.swarmkit.v1.CA/GetRootCACertificate', frame);
    expect(headers['grpc-status']).toBe('8');
  });

  test('unknown paths and other protocols get a status that ends the stream with its headers', async () => {
    const nowhere = await rawCall(address, '/no/where', Buffer.alloc(0));
    expect(nowhere['grpc-status']).toBe('12');
    // grpc-go reads a status from headers only if they end the stream.
    expect(Number(nowhere['flags']) & constants.NGHTTP2_FLAG_END_STREAM).toBe(1);
    const path = '/docker.swarmkit.v1.CA/GetRootCACertificate';
    for (const odd of [{ 'content-type': 'application/grpc-web' }, { ':method': 'PUT' }]) {
      expect((await rawCall(address, path, Buffer.alloc(5), odd))['grpc-status']).toBe('3');
    }
  });

  test('a compressed message, two messages and half a message are refused', async () => {
    const path = '/docker.swarmkit.v1.CA/GetRootCACertificate';
    const status = async (hex: string) =>
      (await rawCall(address, path, Buffer.from(hex, 'hex')))['grpc-status'];
    expect(await status('0100000000')).toBe('12');
    expect(await status('00000000000000000000')).toBe('13');
    expect(await status('000000000100000000')).toBe('13');
    expect(await status('')).toBe('13');
    expect(await status('0000000000')).toBe('0');
  });

  test('a unary body that never comes ends the call, not the server', async () => {
    const path = '/docker.swarmkit.v1.CA/GetRootCACertificate';
    await expect(rawCall(address, path, null)).rejects.toThrow();
    await expect(health(manager)).resolves.toMatchObject({ status: 1 });
  });

  test('random bytes, plain text and HTTP/1.1 are cut off and the server survives', async () => {
    const [, port] = address.split(':').map(Number);
    const soup = Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 256));
    for (const noise of [
      soup,
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0x16, 3, 1, 255, 255]),
    ]) {
      await ended(connectTcp(port!, '127.0.0.1'), noise);
    }
    await ended(tls(port!, ['http/1.1']), Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await ended(tls(port!, ['h2']), soup);
    await ended(tls(port!, []), soup);
    await ended(tls(port!, []), Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await expect(health(manager)).resolves.toMatchObject({ status: 1 });
  });

  test('a caller that names no protocol, as a real node does once its certificate is renewed, is taken for HTTP/2', async () => {
    const path = '/docker.swarmkit.v1.CA/GetRootCACertificate';
    const [, port] = address.split(':').map(Number);
    const unnamed = () => tls(port!, []);
    const said = await rawCall(address, path, Buffer.alloc(5), {}, unnamed);
    expect(said['grpc-status']).toBe('0');
  });

  test('headers beyond the bound do not reach a handler', async () => {
    const path = '/docker.swarmkit.v1.CA/GetRootCACertificate';
    const large = await rawCall(address, path, Buffer.alloc(5), { 'x-large': 'y'.repeat(20_000) });
    expect(large['grpc-status']).toBe('8');
    // Beyond 64 KiB HTTP/2 itself gives up.
    const huge = rawCall(address, path, Buffer.alloc(5), { 'x-large': 'y'.repeat(80_000) });
    await expect(huge).rejects.toThrow();
    await expect(health(manager)).resolves.toMatchObject({ status: 1 });
  });
});

describe('joining and renewing', () => {
  test('the root is fetched from a stranger if, and only if, it has the token’s digest', async () => {
    const digest = rootDigest(root.certificate);
    await expect(fetchRootCa(address, digest)).resolves.toBe(root.certificate);
    const other = 'ab'.repeat(32);
    await expect(fetchRootCa(address, other)).rejects.toMatchObject({
      message: `remote CA does not match fingerprint. Expected: ${other}`,
    });
  });

  test('a manager with another root is not believed', async () => {
    const trust = { rootCa: createRootCa(NOW).certificate };
    const connection = new Connection({ address, trust });
    open.push(connection);
    await expect(connection.unary(CA.method.getRootCACertificate, {})).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('authentication handshake failed'),
    });
  });

  test('a manager that names no protocol, as a real one does once its certificate is renewed, is spoken to', async () => {
    const real = await unnamedServer(manager);
    const connection = new Connection({
      address: real.address,
      trust: { rootCa: root.certificate },
    });
    open.push(connection);
    await expect(connection.unary(Health.method.check, {})).rejects.toMatchObject({
      code: 'Aborted',
      message: 'heard',
    });
    real.close();
  });

  test('after a renewal new connections see the new certificate and the new root', async () => {
    const nextRoot = createRootCa(NOW);
    const next = identity('manager', MANAGER_ID, ORG, nextRoot);
    server.renew(next);
    await expect(fetchRootCa(address, rootDigest(root.certificate))).resolves.toBeDefined();
    const trust = { rootCa: nextRoot.certificate, identity: next };
    const connection = new Connection({ address, trust });
    open.push(connection);
    await expect(connection.unary(Health.method.check, { service: 'Raft' })).resolves.toMatchObject(
      { status: 1 },
    );
  });

  test('one connection carries all calls to a peer, and another is made after it broke', async () => {
    const connection = dial(manager);
    await Promise.all(
      Array.from({ length: 20 }, () => connection.unary(Health.method.check, { service: 'Raft' })),
    );
    expect(server.connections).toBe(1);
    connection.reset();
    await connection.unary(Health.method.check, { service: 'Raft' });
    await until(() => server.connections === 1);
  });

  test('a peer that falls silent is noticed by its missing ping', async () => {
    const silent = await silentServer();
    const connection = new Connection({
      address: `127.0.0.1:${silent.port}`,
      trust: { rootCa: root.certificate },
      times: { connectMs: 300 },
    });
    open.push(connection);
    await expect(connection.unary(CA.method.getRootCACertificate, {})).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('i/o timeout'),
    });
    silent.close();
  });
});
