import { access } from 'node:fs/promises';
import { SwarmError } from '../../model/errors.ts';
import type { MountSettings } from 'dockerode';

/** Errors: in moby's words, for the first bind mount whose source went away between the making and the start of the container (adapter.checkMounts). */
export async function checkBindSources(mounts: readonly MountSettings[]): Promise<void> {
  for (const { Type, Source } of mounts) {
    if (Type !== 'bind' || (await isThere(Source))) continue;
    throw new SwarmError(
      'Unknown',
      `starting container failed: invalid bind mount source, source path not found: ${Source}`,
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (caught) {
    // What is there and may not be looked at is for the engine to judge.
    return (caught as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
