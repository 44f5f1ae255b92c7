import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect as connectTcp } from 'node:net';
import { Connection } from './client.ts';
import { Dispatcher } from './gen/dispatcher_pb.js';
import { Health } from './gen/health_pb.js';
import { LogBroker } from './gen/logbroker_pb.js';
import type { Router } from './router.ts';
import { WireServer } from './server.ts';
import { identity, ORG, root, until } from './test-wire.ts';

const manager = identity('manager', 'm'.repeat(25));
const MESSAGE = 'x'.repeat(10_000);
const MESSAGES = 1000;

let server: WireServer;
let connection: Connection;
let produced = 0;
let consumed = 0;
let ended = '';

async function* publish(count: number, refuseAfter = Infinity) {
  for (let index = 0; index < count; index += 1) {
    if (index === refuseAfter) throw new Error('the disk is gone');
    await Promise.resolve();
    produced += 1;
    yield { subscriptionId: MESSAGE };
  }
}

function routes(router: Router): void {
  router.service(Dispatcher, {
    async *session(_request, context) {
      context.signal.addEventListener('abort', () => {
        ended = (context.signal.reason as Error).message;
      });
      for (; produced < MESSAGES; produced += 1) yield { sessionId: MESSAGE };
      await Promise.resolve();
    },
    async *assignments(_request, context) {
      yield { resultsIn: '1' };
      await new Promise((resolve) => {
        context.signal.addEventListener('abort', resolve);
      });
      ended = (context.signal.reason as Error).message;
    },
  });
  router.service(LogBroker, {
    publishLogs: async (messages) => {
      for await (const message of messages) {
        consumed += 1;
        if (message.close) return {};
      }
      return {};
    },
  });
  router.service(Health, {
    check: async (_request, context) => {
      await new Promise((resolve) => {
        context.signal.addEventListener('abort', resolve);
      });
      ended = (context.signal.reason as Error).message;
      return {};
    },
  });
}

beforeEach(async () => {
  produced = consumed = 0;
  ended = '';
  const membership = { organization: () => ORG, isRemoved: () => false };
  server = new WireServer({ identity: manager, membership, routes });
  const { port } = await server.listen('127.0.0.1', 0);
  const trust = { rootCa: root.certificate, identity: manager };
  connection = new Connection({ address: `127.0.0.1:${port}`, trust });
});

afterEach(async () => {
  connection.close();
  await server.close(100);
});

test('a reader that lags makes the sender wait, and gets everything in the end', async () => {
  let read = 0;
  for await (const message of connection.serverStream(Dispatcher.method.session, {})) {
    expect(message.sessionId).toHaveLength(MESSAGE.length);
    read += 1;
    if (read === 10) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(produced).toBeLessThan(MESSAGES / 2);
    }
  }
  expect(read).toBe(MESSAGES);
});

test('a sender gets as far as the receiver reads, and the answer at the end', async () => {
  await connection.clientStream(LogBroker.method.publishLogs, publish(MESSAGES));
  expect(consumed).toBe(MESSAGES);
});

test('a receiver that has read enough answers, and the sender stops', async () => {
  async function* closing() {
    yield { close: true };
    yield* publish(MESSAGES * 100);
  }
  await connection.clientStream(LogBroker.method.publishLogs, closing());
  expect(consumed).toBe(1);
  expect(produced).toBeLessThan(MESSAGES * 100);
});

test('a sender that fails ends the call on both sides', async () => {
  const call = connection.clientStream(LogBroker.method.publishLogs, publish(10, 5));
  await expect(call).rejects.toMatchObject({ code: 'Internal' });
  await until(() => consumed > 0);
});

test('the caller’s deadline and its giving up reach the handler’s signal', async () => {
  // The connection is there before: a handshake on a busy machine takes longer than the deadline, and the call would never be made.
  await connection.clientStream(LogBroker.method.publishLogs, publish(1));
  const late = connection.unary(Health.method.check, {}, { timeoutMs: 300 });
  await expect(late).rejects.toMatchObject({ code: 'DeadlineExceeded' });
  await until(() => /context deadline exceeded|the caller went away/.test(ended));
  ended = '';
  const giveUp = new AbortController();
  const stream = connection.serverStream(
    Dispatcher.method.assignments,
    {},
    { signal: giveUp.signal },
  );
  expect((await stream.next()).value).toMatchObject({ resultsIn: '1' });
  const next = expect(stream.next()).rejects.toMatchObject({ code: 'Canceled' });
  giveUp.abort();
  await next;
  await until(() => ended === 'the caller went away');
});

test('a call that was given up before it began never reaches the server', async () => {
  const options = { signal: AbortSignal.abort() };
  const call = connection.unary(Health.method.check, {}, options);
  await expect(call).rejects.toMatchObject({ code: 'Canceled' });
  expect(server.connections).toBe(0);
});

test('a broken connection ends its calls with Unavailable, and the next call makes another', async () => {
  const stream = connection.serverStream(Dispatcher.method.assignments, {});
  await stream.next();
  const next = expect(stream.next()).rejects.toMatchObject({ code: 'Unavailable' });
  connection.reset();
  await next;
  const again = connection.serverStream(Dispatcher.method.assignments, {});
  expect((await again.next()).value).toMatchObject({ resultsIn: '1' });
  await again.return();
});

test('a stream with a deadline ends at it', async () => {
  const options = { timeoutMs: 150 };
  const stream = connection.serverStream(Dispatcher.method.assignments, {}, options);
  await stream.next();
  await expect(stream.next()).rejects.toMatchObject({ code: 'DeadlineExceeded' });
});

test('a server stops in time, whatever its connections do', async () => {
  const { port } = new URL(`https://${connection.address}`);
  const idle = connectTcp(Number(port), '127.0.0.1');
  idle.on('error', () => idle.destroy());
  // One that reads nothing more, with more under way than the buffers hold.
  const stream = connection.serverStream(Dispatcher.method.session, {});
  await stream.next();
  await server.close(200);
  expect(server.connections).toBe(0);
  idle.destroy();
});

test('a closed connection makes no other', async () => {
  connection.close();
  await expect(connection.unary(Health.method.check, {})).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('the connection was closed'),
  });
});
