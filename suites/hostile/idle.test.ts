/** Clients that connect and stay: nobody else is to notice, and what they cost is bounded. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { get } from 'node:http';
import { tell } from './effort.ts';
import { TwinProcess, within } from './twin-process.ts';

const MANY = 1000;
/** A process that accepts nobody for so long hangs. */
const FULL_MS = 20_000;
/** Longer than any deadline that half a request has. */
const PAUSE_MS = 22_000;

let twin: TwinProcess;
const open: Socket[] = [];
beforeAll(async () => {
  twin = await TwinProcess.start();
}, 60_000);
afterAll(async () => {
  for (const socket of open) socket.destroy();
  await twin.remove();
}, 60_000);

/** Keeps a connection until it is closed from the other side. The kernel says EAGAIN while as many as the process lets wait are not accepted yet. */
async function hold(make: () => Socket, connected = 'connect'): Promise<Socket> {
  const lastTry = performance.now() + FULL_MS;
  for (;;) {
    try {
      return await opened(make, connected);
    } catch (caught) {
      const isFull = (caught as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isFull || performance.now() > lastTry) throw caught;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function opened(make: () => Socket, connected: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = make();
    open.push(socket);
    socket.resume();
    socket.once('error', reject);
    socket.once(connected, () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/** A client's calls, none without its answer, and how long the slowest took. */
async function slowestOf(calls: number): Promise<number> {
  let slowest = 0;
  for (let at = 0; at < calls; at += 1) {
    const begun = performance.now();
    expect((await twin.ask({ path: '/v1.45/services' })).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - begun);
  }
  return slowest;
}

/** In turns: a thousand at once would measure this test and not the twin. */
async function holdMany(make: () => Promise<Socket>): Promise<void> {
  for (let at = 0; at < MANY; at += 50) await Promise.all(Array.from({ length: 50 }, make));
}

describe(`${MANY} idle connections`, () => {
  const pathSocket = (): Promise<Socket> => hold(() => connectTcp(twin.socket));
  const tcpSocket = (): Promise<Socket> => hold(() => connectTcp(twin.apiPort, '127.0.0.1'));
  const tlsSocket = (): Promise<Socket> =>
    hold(
      () =>
        connectTls({
          port: twin.managerPort,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          ALPNProtocols: ['h2'],
        }),
      'secureConnect',
    );

  test.each([
    ['on the API’s socket', pathSocket, 64],
    ['on the API’s TCP port', tcpSocket, 64],
    ['on Swarm’s port, with TLS', tlsSocket, 192],
  ])('%s cost a bound each, and clients get their answers', async (title, make, mostKib) => {
    const before = await twin.memory();
    await holdMany(make);
    const slowest = await slowestOf(20);
    const after = await twin.memory();
    const each = (of: 'rssBytes' | 'heapBytes'): number => (after[of] - before[of]) / MANY / 1024;
    tell(
      `idle: ${MANY} ${title}: ${each('rssBytes').toFixed(1)} KiB each resident, ${each('heapBytes').toFixed(1)} KiB heap; slowest of 20 calls ${slowest.toFixed(0)} ms`,
    );
    expect(twin.death).toBeNull();
    expect(each('rssBytes')).toBeLessThan(mostKib);
    for (const socket of open.splice(0)) socket.destroy();
  });
});

const heard = (socket: Socket): (() => string) => {
  let said = '';
  socket.on('data', (part) => (said += part.toString()));
  return () => said;
};

/** Sends the beginning, then drips; answers with what it was told when it was let go. */
async function dripping(
  begin: string,
  drip: string,
  everyMs: number,
  limitMs: number,
): Promise<string> {
  const socket = await hold(() => connectTcp(twin.apiPort, '127.0.0.1'));
  const said = heard(socket);
  socket.write(begin);
  const dripped = setInterval(() => socket.write(drip), everyMs);
  try {
    await within(limitMs, 'the connection is closed', () => socket.closed);
  } finally {
    clearInterval(dripped);
  }
  return said();
}

async function keptOverAPause(): Promise<void> {
  const kept = await hold(() => connectTcp(twin.apiPort, '127.0.0.1'));
  const said = heard(kept);
  kept.write('GET /services HTTP/1.1\r\nHost: a\r\n\r\n');
  await within(5000, 'the first answer', () => said().includes('HTTP/1.1 200'));
  let isOver = false;
  const stream = get({ socketPath: twin.socket, path: '/events' }, (answer) => {
    answer.on('close', () => (isOver = true));
    answer.resume();
  });
  stream.on('error', () => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  expect([kept.closed, isOver]).toEqual([false, false]);
  kept.write('GET /nodes HTTP/1.1\r\nHost: a\r\n\r\n');
  await within(5000, 'another answer', () => said().split('HTTP/1.1 200').length === 3);
  stream.destroy();
}

test('half a request is waited for, headers for ten seconds and a body for twenty; a whole one is no reason to be let go', async () => {
  const type = 'Content-Type: application/json';
  const body = `POST /services/create HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: 99\r\n\r\n{`;
  const [headersEnd, bodyEnd] = await Promise.all([
    dripping('GET /services HTTP/1.1\r\nHost: a\r\n', 'x: y\r\n', 500, 16_000),
    dripping(body, ' ', 2000, 26_000),
    keptOverAPause(),
  ]);
  expect(headersEnd).toMatch(/^HTTP\/1\.1 408 /);
  expect(bodyEnd).toMatch(/^HTTP\/1\.1 408 /);
});
