/** A lock between processes that the kernel lets go of when its holder dies, whatever killed it: a name in the abstract socket space. */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwarmtwinError } from '../model/errors.ts';
import { codeOf } from './node-client.ts';

/**
 * Runs `work` while no other process of this machine holds `name`.
 * @throws SwarmtwinError `deadline` when the lock was not free in time
 */
export async function withLock<T>(
  name: string,
  deadlineMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const server = await acquire(name, deadlineMs);
  try {
    return await work();
  } finally {
    server.close();
  }
}

async function acquire(name: string, deadlineMs: number): Promise<Server> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const server = await tryListen(`\0swarmtwin/${name}`);
    if (server !== undefined) return server;
    if (performance.now() > end)
      throw new SwarmtwinError(
        'deadline',
        `another swarmtwin held the lock '${name}' for ${deadlineMs} ms`,
        'Wait until it is done, or end it, and try again.',
      );
    await sleep(50);
  }
}

function tryListen(path: string): Promise<Server | undefined> {
  const server = createServer();
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (codeOf(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path }, () => {
      resolve(server);
    });
  });
}
