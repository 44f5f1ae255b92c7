/** Temporary folders that are gone afterwards, however it ends. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onDeath } from './on-death.ts';

/** /var/tmp and not /tmp: the latter is often small, in memory, or mounted so that no device file can be made. */
const PARENT = '/var/tmp';
const PREFIX = 'swarmtwin-build-';

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
  const forget = onDeath(remove);
  try {
    return await work(path);
  } finally {
    forget();
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
