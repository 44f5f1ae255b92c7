/** Temporary folders that are gone afterwards, however it ends. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** /var/tmp and not /tmp: the latter is often small, in memory, or mounted so that no device file can be made. */
const PARENT = '/var/tmp';
const PREFIX = 'swarmtwin-build-';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes a folder, lends it to `work`, removes it. Exceptions, process.exit and deadly signals remove it too; what a
 * SIGKILL left is removed by the next call.
 */
export async function withScratchFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  removeOrphans();
  const path = mkdtempSync(join(PARENT, `${PREFIX}${process.pid}-`));
  const remove = (): void => {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const removeAndDie = (signal: NodeJS.Signals): void => {
    remove();
    for (const name of SIGNALS) process.removeListener(name, removeAndDie);
    // Whoever else listens decides whether the process ends; if nobody does, it ends as it would have without us.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.once('exit', remove);
  for (const name of SIGNALS) process.on(name, removeAndDie);
  try {
    return await work(path);
  } finally {
    process.removeListener('exit', remove);
    for (const name of SIGNALS) process.removeListener(name, removeAndDie);
    remove();
  }
}

function removeOrphans(): void {
  for (const name of readdirSync(PARENT)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    rmSync(join(PARENT, name), { recursive: true, force: true });
  }
}
