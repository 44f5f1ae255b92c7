/** What a connection may hold in memory before its messages are whole. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect as connectHttp2 } from 'node:http2';
import { Connection } from './client.ts';
import { Dispatcher } from './gen/dispatcher_pb.js';
import { NodeCA } from './gen/ca_pb.js';
import { WireServer } from './server.ts';
import { identity, ORG, rawCall, root } from './test-wire.ts';

const ISSUE = '/docker.swarmkit.v1.NodeCA/IssueNodeCertificate';
const BEAT = '/docker.swarmkit.v1.Dispatcher/Heartbeat';
const worker = identity('worker', 'worker00worker00worker00w');

let address: string;
const server = new WireServer({
  identity: identity('manager', 'manager0manager0manager0m'),
  membership: { organization: () => ORG, isRemoved: () => false },
  routes: (router) => {
    router.service(NodeCA, { issueNodeCertificate: () => ({}) });
    router.service(Dispatcher, { heartbeat: () => ({}) });
  },
});
beforeAll(async () => {
  const { host, port } = await server.listen('127.0.0.1', 0);
  address = `${host}:${port}`;
});
afterAll(async () => {
  await server.close(100);
});

test('a stranger’s message may be as long as a signing request, and not longer', async () => {
  // 65,537 bytes are announced.
  const headers = await rawCall(address, ISSUE, Buffer.from([0, 0, 1, 0, 1]));
  expect(headers['grpc-status']).toBe('8');
  expect((await rawCall(address, ISSUE, Buffer.alloc(5)))['grpc-status']).toBe('0');
});

test('bodies that are held back count together, and are forgotten with their calls', async () => {
  const session = connectHttp2(`https://${address}`, {
    rejectUnauthorized: false,
    key: worker.key,
    cert: worker.certificate,
  });
  const half = Buffer.concat([Buffer.from([0, 0, 0x3f, 0, 0]), Buffer.alloc(3 << 20)]);
  const refusal = await new Promise((resolve) => {
    for (let at = 0; at < 14; at += 1) {
      const stream = session.request({
        ':method': 'POST',
        ':path': BEAT,
        'content-type': 'application/grpc',
      });
      stream.on('response', (headers) => {
        resolve(headers['grpc-status']);
      });
      stream.on('error', () => stream.destroy());
      stream.resume();
      stream.write(half);
    }
  });
  expect(refusal).toBe('8');
  session.destroy();
  const trust = { rootCa: root.certificate, identity: worker };
  const connection = new Connection({ address, trust });
  await expect(connection.unary(Dispatcher.method.heartbeat, {})).resolves.toBeDefined();
  connection.close();
});
