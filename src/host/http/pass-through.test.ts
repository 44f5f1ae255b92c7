import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passThrough } from './pass-through.ts';

const folder = mkdtempSync(join(tmpdir(), 'pass-through-'));
const engine = join(folder, 'engine.sock');
const front = join(folder, 'front.sock');
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve) => {
    open.push(server);
    server.listen(path, resolve);
  });

/** What comes back for a body, sent with its length or in chunks. */
const ask = (body: string, chunked: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    const to = { socketPath: front, method: 'POST', path: '/x', agent: false } as const;
    const asked = request(to, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => {
        resolve(text);
      });
    });
    asked.on('error', reject);
    if (chunked) asked.write(body.slice(0, 1));
    asked.end(chunked ? body.slice(1) : body);
  });

test.each([
  [0, false],
  [100, false],
  [3_000_000, false],
  [3_000_000, true],
])('a body of %i bytes comes to the engine whole, in chunks: %p', async (length, chunked) => {
  // That an engine which answers and closes at once is heard, was seen on Docker only: secrets/files-in-memory.
  const dockerd = createServer((incoming, outgoing) => {
    let bytes = 0;
    incoming.on('data', (part: Buffer) => (bytes += part.length));
    incoming.on('end', () => outgoing.end(String(bytes)));
  });
  await listening(dockerd, engine);
  const server = createServer((incoming, outgoing) => {
    passThrough({ socketPath: engine }, incoming, outgoing);
  });
  await listening(server, front);
  expect(await ask('x'.repeat(length), chunked)).toBe(String(length));
});
