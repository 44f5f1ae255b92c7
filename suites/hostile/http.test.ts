/** The twin's own process behind its real sockets: calls as they are drawn, and bytes that are no calls. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import fc from 'fast-check';
import { wrongWith } from './answers.ts';
import { drawnCall, sayCall, SECRETS, type DrawnCall } from './api-calls.ts';
import { effortOf, tell } from './effort.ts';
import { exchange, SocketClient } from './socket-client.ts';
import { TwinProcess } from './twin-process.ts';

const AT_ONCE = 16;
const MIB = 1 << 20;
/** Of all that the calls of a minute make, some tens of services and their tasks are left at the end. */
const KEPT_MIB = 96;

/** Half of everything that a request is made of. */
const STRANGE: readonly string[] = [
  'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"Name":',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
  'POST /services/create HTTP/1.1\r\nHost: a\r\nContent-Length: 1e3\r\n\r\n',
  'GET /info HTTP/1.1\r\nHost: a\r\n__proto__: 1\r\nconstructor: 2\r\n\r\n',
  'GET /containers/json HTTP/1.1\r\nHost: a\r\n__proto__: 1\r\n__proto__: 2\r\n\r\n',
  'HEAD /_ping HTTP/1.1\r\nHost: a\r\n\r\nHEAD /_ping HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50),
  'GET /services HTTP/1.0\r\n\r\n',
  'GET /services HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n',
  `GET /services HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(5000)}\r\n`,
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
];

let twin: TwinProcess;
beforeAll(async () => {
  twin = await TwinProcess.start();
}, 60_000);
afterAll(async () => {
  await twin.remove();
}, 60_000);

const isWell = async (): Promise<void> => {
  expect(twin.death).toBeNull();
  expect((await twin.ask({ path: '/v1.45/services' })).status).toBe(200);
};
const line = (text: string): string => `${text}\r\nHost: docker\r\nConnection: close\r\n\r\n`;

describe('a request line that', () => {
  test.each([
    ['is no URL', 'GET //[/containers/json HTTP/1.1'],
    ['names another host that is none', 'GET http://[:/_ping HTTP/1.1'],
    ['has a time that no number holds', `GET /events?since=${'9'.repeat(400)} HTTP/1.1`],
    ['has a fraction that no number holds', `GET /events?until=1.${'9'.repeat(400)} HTTP/1.1`],
    ['asks for events before all time', 'GET /events?until=-1.5 HTTP/1.1'],
    ['has filters that are none', 'GET /networks?filters=%7B%22a%22:%22web%22%7D HTTP/1.1'],
    ['has bytes beyond ASCII', 'GET /services?\xff\xfe=\x80 HTTP/1.1'],
    ['cannot be decoded', 'GET /services/%zz%/update HTTP/1.1'],
    ['is a star', 'OPTIONS * HTTP/1.1'],
    ['wants a tunnel', 'CONNECT a:1 HTTP/1.1'],
    ['is of another protocol', 'PRI * HTTP/2.0'],
    ['is longer than any', `GET /services?${'x'.repeat(2 * MIB)} HTTP/1.1`],
  ])('%s ends nothing but itself', async (_title, first) => {
    await exchange({ port: twin.apiPort }, Buffer.from(line(first), 'latin1'));
    await isWell();
  });
});

test('what is the swarm’s is answered in HTTP/1.1 to a client that would rather have another protocol', async () => {
  const upgrade = 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  const head = `GET /swarm HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade, HTTP2-Settings\r\n${upgrade}\r\n`;
  const said = await exchange({ port: twin.apiPort }, head, 2000);
  expect(said).toMatch(/^HTTP\/1\.1 200 OK[^]*"JoinTokens"/);
});

test('a header as long as a build’s credentials is taken, as by dockerd', async () => {
  const headers = { 'X-Registry-Config': 'x'.repeat(200_000) };
  expect((await twin.ask({ path: '/services', headers })).status).toBe(200);
});

test('a body beyond the bound is refused before it is read to its end', async () => {
  const head = `POST /services/create HTTP/1.1\r\nHost: docker\r\nContent-Length: ${1 << 30}\r\n\r\n`;
  const said = await exchange({ port: twin.apiPort }, head + 'x'.repeat(5 * MIB), 5000);
  expect(said).toMatch(/^HTTP\/1\.1 413 /);
});

test('a client that asks to switch protocols and is gone takes nobody along', async () => {
  for (let turn = 0; turn < 50; turn += 1) {
    const socket = connect({ port: twin.apiPort });
    socket.on('error', () => undefined);
    socket.write(
      'POST /session HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );
    await new Promise((resolve) => setTimeout(resolve, turn % 5));
    socket.resetAndDestroy();
  }
  await isWell();
});

describe('a twin’s socket', () => {
  const effort = effortOf('http', 0.25);

  test(
    'answers whatever is sent, and the process neither ends nor grows',
    async () => {
      const client = new SocketClient(twin);
      const before = await twin.memory();
      const begun = performance.now();
      const batch = fc.array(drawnCall, { minLength: AT_ONCE, maxLength: AT_ONCE });
      const property = fc.asyncProperty(batch, async (calls) => {
        await client.look();
        const answers = await Promise.all(calls.map((call) => client.call(call)));
        answers.forEach((answer, at) => {
          const call = calls[at];
          const wrong = wrongWith(answer, SECRETS);
          if (wrong !== null && call !== undefined)
            throw new Error(`${wrong}\nat ${sayCall(call)}`);
        });
        if (twin.death !== null) throw new Error(twin.death);
      });
      // What it leads to depends on all that came before: only the seed plays it again, and there is nothing to shrink.
      await fc.assert(property, {
        ...effort.parametersFor<[DrawnCall[]]>(),
        endOnFailure: true,
      });
      const rate = (client.calls / (performance.now() - begun)) * 1000;
      const grownMib = ((await twin.memory()).heapBytes - before.heapBytes) / MIB;
      client.close();
      tell(
        `http: ${client.calls} calls, ${rate.toFixed(0)} a second, ${grownMib.toFixed(1)} MiB kept`,
      );
      expect(grownMib).toBeLessThan(KEPT_MIB);
      await isWell();
    },
    effort.timeoutMs,
  );

  test(
    'is not moved by bytes that are no request',
    async () => {
      const noise = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .string({ unit: 'binary-ascii', maxLength: 200 })
          .map((text) => Buffer.from(line(text), 'latin1')),
        fc.constantFrom(...STRANGE).map((text) => Buffer.from(text, 'latin1')),
      );
      const property = fc.asyncProperty(
        fc.array(noise, { minLength: 20, maxLength: 20 }),
        async (list) => {
          await Promise.all(list.map((bytes) => exchange({ port: twin.apiPort }, bytes, 100)));
          if (twin.death !== null) throw new Error(twin.death);
        },
      );
      await fc.assert(property, { seed: effort.seed, numRuns: 20, endOnFailure: true });
      await isWell();
    },
    effort.timeoutMs,
  );
});

test('what it wrote has no secret of all that was sent', () => {
  for (const secret of SECRETS) expect(twin.said.includes(secret)).toBe(false);
});
