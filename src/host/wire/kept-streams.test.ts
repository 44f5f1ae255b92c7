import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { SwarmError } from '../../model/errors.ts';
import { Connection } from './client.ts';
import { frame } from './frames.ts';
import { Control } from './gen/control_pb.js';
import type { CallContext } from './router.ts';
import { WireServer } from './server.ts';
import { identity, ORG, root, until } from './test-wire.ts';

const manager = identity('manager', 'm'.repeat(25));
const removed = new Set<string>();
/** One for each stream. */
const streams = new Set<CallContext>();
let letGo: (() => void)[] = [];
let server: WireServer;
let connection: Connection;

beforeEach(async () => {
  removed.clear();
  streams.clear();
  letGo = [];
  server = new WireServer({
    identity: manager,
    membership: { organization: () => ORG, isRemoved: (id) => removed.has(id) },
    limits: { bodyMs: 300 },
    routes: (router) => {
      router.service(Control, {
        call: async ({ json }, context) => {
          streams.add(context);
          const asked = new TextDecoder().decode(json);
          if (asked === 'refuse') throw new SwarmError('NotFound', 'it is not there');
          if (asked === 'wait') await new Promise<void>((resolve) => letGo.push(resolve));
          return { json };
        },
      });
    },
  });
  const { port } = await server.listen('127.0.0.1', 0);
  const trust = { rootCa: root.certificate, identity: manager };
  connection = new Connection({ address: `127.0.0.1:${port}`, trust });
});

afterEach(async () => {
  for (const go of letGo) go();
  connection.close();
  await server.close(100);
});

async function ask(text: string, timeoutMs?: number): Promise<string> {
  const message = { json: new TextEncoder().encode(text) };
  const { json } = await connection.ask(Control.method.call, message, timeoutMs);
  return new TextDecoder().decode(json);
}

const askAll = (...texts: readonly string[]): Promise<readonly string[]> =>
  Promise.all(texts.map((text) => ask(text)));

test('calls one after another go over one stream, each with its own answer', async () => {
  const long = 'x'.repeat(100_000);
  for (const text of ['one', long, '', 'two']) expect(await ask(text)).toBe(text);
  expect(streams.size).toBe(1);
});

test('calls at the same time have a stream each, and some of them are kept', async () => {
  const texts = ['1', '2', '3', '4', '5', '6'];
  expect(await askAll(...texts)).toEqual(texts);
  expect(streams.size).toBe(6);
  expect(await askAll(...texts)).toEqual(texts);
  expect(streams.size).toBe(8);
});

test('a refusal is that of its call, and the next call is answered', async () => {
  await ask('before');
  await expect(ask('refuse')).rejects.toMatchObject({
    code: 'NotFound',
    message: 'it is not there',
  });
  expect(await ask('after')).toBe('after');
  expect(streams.size).toBe(2);
});

test('a call that outlives its time is given up with its stream: no later call gets its answer', async () => {
  await ask('before');
  await expect(ask('wait', 200)).rejects.toMatchObject({
    code: 'DeadlineExceeded',
    message: 'context deadline exceeded',
  });
  for (const go of letGo) go();
  expect(await ask('after')).toBe('after');
  expect(streams.size).toBe(2);
});

test('a stream does not outlive the right to it', async () => {
  await ask('before');
  removed.add('m'.repeat(25));
  await expect(ask('after')).rejects.toMatchObject({
    code: 'PermissionDenied',
    message: expect.stringContaining('was removed from swarm'),
  });
  expect(streams.size).toBe(1);
});

test('a connection that is retired ends when the last call is answered', async () => {
  await askAll('one stream is used', 'one is not');
  const last = ask('wait');
  await until(() => letGo.length === 1);
  connection.retire();
  for (const go of letGo) go();
  expect(await last).toBe('wait');
  await until(() => server.connections === 0);
  expect(connection.isOver).toBe(true);
});

test('a server that lets a node go is not held by streams that nobody uses', async () => {
  await ask('before');
  server.disconnect('m'.repeat(25));
  await until(() => server.connections === 0);
  expect(await ask('after')).toBe('after');
});

test('a broken connection ends the call under way with Unavailable, and the next one makes another', async () => {
  await ask('before');
  const broken = expect(ask('wait')).rejects.toMatchObject({ code: 'Unavailable' });
  await until(() => letGo.length === 1);
  connection.reset();
  await broken;
  expect(await ask('after')).toBe('after');
});

test('a caller that sends many at once is answered in order, one that sends half a message is cut off', async () => {
  const session = connectHttp2(`https://${connection.address}`, {
    ...{ ca: root.certificate, key: manager.key, cert: manager.certificate },
    servername: 'swarm-manager',
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/swarmtwin.v1.Control/Call',
    'content-type': 'application/grpc',
  });
  const heard: Buffer[] = [];
  let status: unknown;
  stream.on('error', () => undefined);
  stream.on('data', (piece: Buffer) => heard.push(piece));
  stream.on('trailers', (trailers: IncomingHttpHeaders) => (status = trailers['grpc-status']));
  const messages = ['a', 'b', 'c'].map((text) => frame(Buffer.from([0x0a, 1, text.charCodeAt(0)])));
  stream.write(Buffer.concat(messages));
  await until(() => Buffer.concat(heard).length === 24);
  expect(Buffer.concat(heard)).toEqual(Buffer.concat(messages));
  stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
  await until(() => status !== undefined);
  expect(status).toBe('4');
  session.destroy();
});
