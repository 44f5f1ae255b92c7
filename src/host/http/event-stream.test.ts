import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SwarmEventLog, type SwarmEvent } from '../../engine-api/swarm-events.ts';
import { serveEvents } from './event-stream.ts';

/** A dockerd that remembers what it is asked, and leaves the answers to the test. */
let folder: string;
let engine: Server;
let front: Server;
let swarm: SwarmEventLog;
let asked: { readonly url: string; readonly answer: ServerResponse }[];

const local = (id: string, at: number): string =>
  `{"Type":"container","Action":"start","Actor":{"ID":"${id}"},"scope":"local","time":${at},"timeNano":${at}000000000}\n`;
const own = (id: string, seconds: number): SwarmEvent => ({
  type: 'node',
  action: 'update',
  id,
  attributes: { name: id },
  time: { seconds, nanoseconds: 0 },
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmtwin-events-'));
  const socketPath = join(folder, 'engine.sock');
  swarm = new SwarmEventLog();
  asked = [];
  engine = createServer((incoming, answer) => {
    asked.push({ url: incoming.url ?? '', answer });
  }).listen(socketPath);
  const sources = { engine: { socketPath }, swarm, behaveLike: '26.1' as const };
  front = createServer((incoming, outgoing) => {
    serveEvents(sources, incoming, outgoing);
  }).listen(0);
  await Promise.all([once(engine, 'listening'), once(front, 'listening')]);
});

afterEach(async () => {
  for (const server of [engine, front]) {
    server.close();
    server.closeAllConnections();
  }
  await rm(folder, { recursive: true });
});

interface Reading {
  status: number;
  ids: string[];
  ended: boolean;
}

function read(query: string): Reading {
  const reading: Reading = { status: 0, ids: [], ended: false };
  const { port } = front.address() as AddressInfo;
  get({ port, path: `/v1.45/events${query}` }, (answer) => {
    reading.status = answer.statusCode ?? 0;
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      for (const [, id] of text.matchAll(/"ID":"([^"]*)"/g)) reading.ids.push(id ?? '');
    });
    answer.on('end', () => (reading.ended = true));
    // Streams that are open at the end of a test are cut.
    answer.on('error', () => (reading.ended = true));
  });
  return reading;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 500) throw new Error('not within five seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const head = (at: number): ServerResponse =>
  asked[at]!.answer.writeHead(200, { 'Content-Type': 'application/json' });

test('events of both come as they happen, those of the swarm by the same filters', async () => {
  const filters = encodeURIComponent(JSON.stringify({ scope: { swarm: true, local: true } }));
  const reading = read(`?filters=${filters}`);
  await until(() => asked.length === 1);
  swarm.add([own('early', 1)]);
  head(0).write(local('c1', 1));
  await until(() => reading.ids.length === 2);
  swarm.add([own('n1', 2)]);
  await until(() => reading.ids.includes('n1'));
  expect([reading.status, reading.ids.toSorted()]).toEqual([200, ['c1', 'early', 'n1']]);
  expect(asked[0]!.url).toBe(`/v1.45/events?filters=${filters}`);
});

test('past events are in the order of their times, and what follows is not told twice', async () => {
  swarm.add([own('old', 5), own('n1', 100), own('n2', 102)]);
  const reading = read('?since=50');
  await until(() => asked.length === 1);
  head(0).end(local('c1', 101) + local('c2', 103));
  await until(() => asked.length === 2);
  head(1).end(local('c1', 101) + local('c2', 103));
  await until(() => asked.length === 3);
  swarm.add([own('n3', 104)]);
  head(2).write(local('c3', 105));
  await until(() => reading.ids.length === 6);
  expect(reading.ids.slice(0, 4)).toEqual(['n1', 'c1', 'n2', 'c2']);
  const bounds = asked.map(({ url }) => new URL(`http://x${url}`).searchParams);
  const [upTo, from] = [bounds[1]!.get('until')!, bounds[2]!.get('since')!];
  const nanoseconds = (text: string): bigint => BigInt(text.replace('.', ''));
  expect(nanoseconds(from) - nanoseconds(upTo)).toBe(1n);
});

test('no more past events are told than one dockerd keeps of both, whatever the filter', async () => {
  swarm.add(Array.from({ length: 10 }, (_each, at) => own(`n${at}`, at)));
  const locals = Array.from({ length: 250 }, (_each, at) => local(`c${at}`, 100 + at));
  const reading = read(`?since=0&until=1000&filters=${encodeURIComponent('{"scope":["swarm"]}')}`);
  await until(() => asked.length === 1);
  expect(asked[0]!.url).not.toContain('filters');
  head(0).end(locals.join(''));
  await until(() => asked.length === 2);
  expect(asked[1]!.url).toContain('filters');
  head(1).end();
  await until(() => reading.ended);
  expect(reading.ids).toEqual(['n4', 'n5', 'n6', 'n7', 'n8', 'n9']);
});

test('a time that is over ends the stream', async () => {
  swarm.add([own('n1', 10), own('n2', 30)]);
  const reading = read('?since=1&until=20');
  await until(() => asked.length === 1);
  head(0).end();
  await until(() => asked.length === 2);
  head(1).end(local('c1', 5));
  await until(() => reading.ended);
  expect(reading.ids).toEqual(['c1', 'n1']);
});

test('what dockerd would refuse, dockerd refuses', async () => {
  const reading = read('?since=10m');
  await until(() => asked.length === 1);
  asked[0]!.answer.writeHead(400).end('{"message":"no"}');
  await until(() => reading.ended);
  expect([reading.status, asked[0]!.url]).toEqual([400, '/v1.45/events?since=10m']);
});

test('events that a client has no room for are dropped, as moby drops them, and kept for nobody', async () => {
  const { port } = front.address() as AddressInfo;
  const socket = connect(port);
  socket.pause();
  socket.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => asked.length === 1);
  head(0).write(local('c1', 1));
  const attributes = { name: 'x'.repeat(10_000) };
  for (let at = 0; at < 3000; at += 1) swarm.add([{ ...own('n', at), attributes }]);
  let bytes = 0;
  socket.on('data', (part) => (bytes += part.length));
  socket.resume();
  await until(() => bytes > 500_000);
  for (let before = -1; before !== bytes;) {
    before = bytes;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  // Of 30 MB: what was allowed to wait, and what the system's own buffers took.
  expect(bytes).toBeLessThan(12_000_000);
  socket.destroy();
});
