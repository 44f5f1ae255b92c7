import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passThrough } from './pass-through.ts';

const folder = mkdtempSync(join(tmpdir(), 'pass-through-'));
const [engine, front] = ['engine', 'front'].map((name) => join(folder, `${name}.sock`)) as [
  string,
  string,
];
const open: (Server | SocketServer)[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const listening = (server: Server | SocketServer, path: string): Promise<void> =>
  new Promise((resolve) => {
    open.push(server);
    server.listen(path, resolve);
  });

const ask = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { socketPath: front, method: 'POST', path: '/x', agent: false },
      (answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => (text += part.toString()));
        answer.on('end', () => {
          resolve(`${answer.statusCode ?? 0} ${text}`);
        });
      },
    );
    asked.on('error', reject);
    asked.setHeader('Connection', 'keep-alive');
    asked.end('{}');
  });

test('a request is not sent on a connection on which the engine has answered another', async () => {
  // As one that was hijacked: whatever comes second on a connection ends it.
  const dockerd = createSocketServer((socket) => {
    let asked = 0;
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      if (part.includes('POST')) asked += 1;
      if (asked > 1) socket.destroy();
      else if (part.includes('{}')) socket.write(ANSWER);
    });
  });
  await listening(dockerd, engine);
  const server = createServer((incoming, outgoing) => {
    passThrough({ socketPath: engine }, incoming, outgoing);
  });
  await listening(server, front);
  expect([await ask(), await ask(), await ask()]).toEqual(['200 ok', '200 ok', '200 ok']);
});
