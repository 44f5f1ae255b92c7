import { afterEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeClient } from './node-client.ts';
import type { NodeClient } from './node-client.ts';

let server: Server | undefined;
let client: NodeClient | undefined;

afterEach(() => {
  client?.close();
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<NodeClient> {
  const created = createServer(listener);
  server = created;
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  client = nodeClient('127.0.0.1', (created.address() as AddressInfo).port);
  return client;
}

test('an answer is an answer whatever its status', async () => {
  const node = await serve((_, res) => {
    res.writeHead(503, { 'X-Why': 'no leader' });
    res.end('{"message":"x"}');
  });
  expect(await node.call('GET', '/nodes')).toMatchObject({
    kind: 'answer',
    status: 503,
    headers: { 'x-why': 'no leader' },
    body: '{"message":"x"}',
  });
});

test('a body is sent as JSON', async () => {
  const node = await serve((req, res) => {
    req.pipe(res.setHeader('X-Type', req.headers['content-type'] ?? ''));
  });
  expect(await node.call('POST', '/x', { body: { a: 1 } })).toMatchObject({
    body: '{"a":1}',
    headers: { 'x-type': 'application/json' },
  });
});

test('nobody there is told with the code of the connection', async () => {
  const node = nodeClient('127.0.0.1', 9);
  expect(await node.call('GET', '/')).toMatchObject({ kind: 'no-answer', code: 'ECONNREFUSED' });
});

test('a silent node is told at the deadline', async () => {
  const node = await serve(() => undefined);
  const answer = await node.call('GET', '/', { deadlineMs: 60 });
  expect(answer).toMatchObject({ kind: 'no-answer', code: 'DEADLINE' });
  expect(answer).toHaveProperty('message', 'no answer to GET / within 60 ms');
});

test('an answer that stops half-way is told at the deadline too', async () => {
  const node = await serve((_, res) => {
    res.write('{');
  });
  expect(await node.call('GET', '/', { deadlineMs: 60 })).toMatchObject({ code: 'DEADLINE' });
});

test('a stream gives whole lines and tells why it ended', async () => {
  const node = await serve((_, res) => {
    res.write('{"a":1}\n{"b"');
    setTimeout(() => res.end(':2}\n'), 20);
  });
  const lines: string[] = [];
  const reason = await new Promise<string>((resolve) => {
    node.follow('/events', { onLine: (line) => lines.push(line), onEnd: resolve });
  });
  expect([lines, reason]).toEqual([['{"a":1}', '{"b":2}'], 'ended with status 200']);
});
