/** Swarm's port against whoever finds it: every service, with every kind of certificate and none, and connections that are no calls. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DescMethod } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { CA, NodeCA } from '../../src/host/wire/gen/ca_pb.js';
import { Control } from '../../src/host/wire/gen/control_pb.js';
import { Dispatcher } from '../../src/host/wire/gen/dispatcher_pb.js';
import { Health } from '../../src/host/wire/gen/health_pb.js';
import { LogBroker, Logs } from '../../src/host/wire/gen/logbroker_pb.js';
import { Raft, RaftMembership } from '../../src/host/wire/gen/raft_pb.js';
import { effortOf, tell } from './effort.ts';
import { GrpcCallers, type CallerKind } from './grpc-callers.ts';
import { framed, ProtobufNoise } from './protobuf-noise.ts';
import { exchange } from './socket-client.ts';
import { TwinProcess, within } from './twin-process.ts';

const AT_ONCE = 16;
const MIB = 1 << 20;
const KEPT_MIB = 48;
const METHODS = [
  CA,
  NodeCA,
  Dispatcher,
  Health,
  Raft,
  RaftMembership,
  LogBroker,
  Logs,
  Control,
].flatMap((service): readonly DescMethod[] => service.methods);
const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;
const ROOT_PATH = pathOf(CA.method.getRootCACertificate);
const EMPTY = Buffer.alloc(5);

let twin: TwinProcess;
let callers: GrpcCallers;
let taskId = '';
beforeAll(async () => {
  twin = await TwinProcess.start();
  callers = await GrpcCallers.of(twin);
  const spec = {
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Image: 'x' } },
    Mode: { Global: {} },
  };
  await twin.post('/v1.45/services/create', JSON.stringify(spec));
  await within(20_000, 'the worker has a task', async () => {
    const tasks = (await twin.get('/v1.45/tasks')) as readonly { ID: string; NodeID?: string }[];
    taskId = tasks.find(({ NodeID }) => NodeID === callers.workerId)?.ID ?? '';
    return taskId !== '';
  });
}, 120_000);
afterEach(async () => {
  await isWell();
});
afterAll(async () => {
  callers.close();
  await twin.remove();
}, 60_000);

/** The port still serves a stranger and a manager, and the API a client. */
async function isWell(): Promise<void> {
  if (twin.death !== null) throw new Error(twin.death);
  expect((await callers.call('nobody', ROOT_PATH, EMPTY)).status).toBe('0');
  expect((await callers.call('manager', pathOf(Health.method.check), EMPTY)).status).toBe('0');
  expect((await twin.ask({ path: '/v1.45/nodes' })).status).toBe(200);
}

interface DrawnRpc {
  readonly kind: CallerKind;
  readonly path: string;
  readonly body: Buffer;
}

/** What a manager says in raft is believed, and what a worker says of its session ends it: that would be another test. */
const isSpared = ({ kind, path }: DrawnRpc): boolean =>
  (kind === 'manager' && path.includes('.Raft/')) ||
  (kind === 'worker' && path.endsWith('/Session'));

function drawnRpc(words: readonly string[]): fc.Arbitrary<DrawnRpc> {
  const noise = new ProtobufNoise(words);
  const kinds = fc.constantFrom(...GrpcCallers.kinds, 'worker' as const, 'manager' as const);
  return fc.oneof(
    ...METHODS.map((method) =>
      fc.record({
        kind: kinds,
        path: fc.constant(pathOf(method)),
        body: framed(noise.of(method.input)),
      }),
    ),
  );
}

const CONTROL = [
  ...[
    'create-service',
    'update-service',
    'list-tasks',
    'get-node',
    'update-cluster',
    'nothing',
  ].map((method) => JSON.stringify({ method })),
  ...['null', '1', '[]', '{}', '{"method":null}', '{"method":"__proto__"}'],
  '{"method":"create-service","spec":{"Name":1,"TaskTemplate":null}}',
  '{"method":"list-services","filters":{"name":1}}',
  '{"method":"remove-service","ref":{}}',
];

describe('every method', () => {
  const effort = effortOf('grpc', 0.25);

  test(
    'takes whatever bytes anybody sends, and says so in gRPC’s way',
    async () => {
      const { workerId, sessionId } = callers;
      const words = [workerId, sessionId, taskId, ...CONTROL, 'node-not-there'];
      const before = await twin.memory();
      const begun = performance.now();
      let count = 0;
      const property = fc.asyncProperty(
        fc.array(drawnRpc(words), { minLength: AT_ONCE, maxLength: AT_ONCE }),
        async (list) => {
          const sent = list.filter((call) => !isSpared(call));
          const ends = await Promise.all(
            sent.map(({ kind, path, body }) => callers.call(kind, path, body)),
          );
          count += ends.length;
          for (const { status, message, reset } of ends) {
            if (status === '' && reset === null) throw new Error('a call ended without a status');
            if (/\n\s+at |file:\/\/|\.ts:/.test(message)) throw new Error(`a stack: ${message}`);
          }
          if (twin.death !== null) throw new Error(twin.death);
        },
      );
      await fc.assert(property, { ...effort.parametersFor<[DrawnRpc[]]>(), endOnFailure: true });
      const rate = (count / (performance.now() - begun)) * 1000;
      const grownMib = ((await twin.memory()).heapBytes - before.heapBytes) / MIB;
      tell(`grpc: ${count} calls, ${rate.toFixed(0)} a second, ${grownMib.toFixed(1)} MiB kept`);
      expect(grownMib).toBeLessThan(KEPT_MIB);
    },
    effort.timeoutMs,
  );

  test.each(CONTROL)('a manager’s command %s ends nothing but its call', async (json) => {
    const message = Buffer.concat([Buffer.from([0x0a, json.length]), Buffer.from(json)]);
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    const path = pathOf(Control.method.call);
    const end = await callers.call('manager', path, Buffer.concat([frame, message]));
    expect(end.reset).toBeNull();
  });
});

describe('a connection', () => {
  test('that opens streams and resets them at once is closed, and nobody else', async () => {
    for (const path of [ROOT_PATH, '/no/where', pathOf(Dispatcher.method.session)]) {
      const session = callers.connect('nobody');
      for (let at = 0; at < 3000 && !session.destroyed; at += 1) {
        const stream = session.request({
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
        });
        stream.on('error', () => undefined);
        stream.close(8);
        if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      session.destroy();
      await isWell();
    }
  });

  test('with thousands of streams has as many as the server allows, which end with their time', async () => {
    const session = callers.connect('nobody');
    let ended = 0;
    for (let at = 0; at < 2000; at += 1) {
      const stream = session.request({
        ':method': 'POST',
        ':path': ROOT_PATH,
        'content-type': 'application/grpc',
      });
      stream.on('error', () => undefined);
      stream.on('close', () => (ended += 1));
      stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
    }
    await isWell();
    session.destroy();
    await within(10_000, 'all are gone', () => ended === 2000);
  });

  test('that sends headers without end is closed', async () => {
    const session = callers.connect('nobody');
    for (let at = 0; at < 50; at += 1) {
      const many = Object.fromEntries(
        Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'y'.repeat(500)]),
      );
      const stream = session.request({
        ':method': 'POST',
        ':path': ROOT_PATH,
        'content-type': 'application/grpc',
        ...many,
      });
      stream.on('error', () => undefined);
      stream.resume();
    }
    await isWell();
    session.destroy();
  });

  test('that holds bodies back in all its streams costs what they may be long, and not what they could', async () => {
    const before = await twin.memory();
    const sessions = Array.from({ length: 4 }, () => callers.connect('nobody'));
    const head = Buffer.from([0, 0, 0x3f, 0xff, 0xff]);
    for (const session of sessions) {
      for (let at = 0; at < 200; at += 1) {
        const stream = session.request({
          ':method': 'POST',
          ':path': pathOf(NodeCA.method.issueNodeCertificate),
          'content-type': 'application/grpc',
        });
        stream.on('error', () => undefined);
        stream.resume();
        stream.write(head);
        stream.write(Buffer.alloc(MIB));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const after = await twin.memory();
    const heldMib = (after.heapBytes - before.heapBytes) / MIB;
    const residentMib = (after.rssBytes - before.rssBytes) / MIB;
    const cost = `${heldMib.toFixed(0)} MiB held, ${residentMib.toFixed(0)} MiB resident`;
    tell(`grpc: 800 bodies of a MiB held back by strangers cost ${cost}`);
    for (const session of sessions) session.destroy();
    // 64 KiB each, and what the calls themselves take; what is resident beside it are the four sessions' buffers of 16 MiB.
    expect(heldMib).toBeLessThan(60);
    expect(residentMib).toBeLessThan(60 + 4 * 16);
  });
});

describe('bytes', () => {
  test('that are no TLS, and TLS that is no HTTP/2, end with their connection', async () => {
    const noise = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), {
      minLength: 16,
      maxLength: 16,
    });
    const property = fc.asyncProperty(noise, async (list) => {
      await Promise.all(list.map((bytes) => exchange({ port: twin.managerPort }, bytes, 100)));
      await Promise.all(list.map((bytes) => overTls(bytes)));
      if (twin.death !== null) throw new Error(twin.death);
    });
    await fc.assert(property, { seed: effortOf('bytes', 0).seed, numRuns: 15, endOnFailure: true });
  });

  test('of half a handshake are waited for no longer than a handshake may take', async () => {
    const hello = Buffer.from('16030100c8010000c40303', 'hex');
    const closed = await Promise.all(
      [Buffer.alloc(0), hello.subarray(0, 5), hello].map((bytes) => closesWithin(bytes, 15_000)),
    );
    expect(closed).toEqual([true, true, true]);
  });
});

function overTls(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTls({
      port: twin.managerPort,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    const end = (): void => {
      clearTimeout(late);
      socket.destroy();
      resolve();
    };
    const late = setTimeout(end, 200);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('secureConnect', () => {
      // With the preface it is a connection whose frames are noise.
      socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), bytes]));
    });
    socket.resume();
  });
}

function closesWithin(bytes: Uint8Array, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connectTcp(twin.managerPort, '127.0.0.1');
    const end = (isClosed: boolean) => (): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(isClosed);
    };
    const late = setTimeout(end(false), limitMs);
    socket.on('error', end(true));
    socket.on('close', end(true));
    socket.resume();
    if (bytes.length > 0) socket.write(bytes);
  });
}
