import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file so that a crash leaves the old or the new content, whole and on the disk. */
export async function replaceFile(
  path: string,
  content: Buffer | string,
  mode = 0o600,
): Promise<void> {
  const next = `${path}.next`;
  const handle = await open(next, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (caught) {
    await handle.close();
    await rm(next, { force: true });
    throw caught;
  }
  await handle.close();
  await rename(next, path);
  await syncFolder(dirname(path));
}

/** A rename or a new file is durable only once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
