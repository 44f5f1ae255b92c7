/** The files of secrets and configs on this node: in memory, from before a container is made until it has ended (moby: setupSecretDir). */
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SwarmError } from '../../model/errors.ts';
import type { TaskFile } from '../../swarm/agent/task-files.ts';

/** Linux: statfs's type of a file system that is in memory. */
const TMPFS = 0x0102_1994;
const MOUNT_MS = 5000;
const NO_ACCESS = 0o700;
const EMPTY = 0o400;

/**
 * A folder of the node's own for each task. dockerd mounts the files one by one, so they have to be there, empty, when the container is created; what is in
 * them is written before its start. Nobody but root comes into the folder.
 */
export class DependencyFiles {
  readonly #root: string;
  #ready: Promise<void> | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the files, empty; the answer is where each is on this node. Errors: Unknown where the node has no memory to keep them in. */
  async place(taskId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    await this.#setUp();
    const folder = join(this.#root, taskId);
    await mkdir(folder, { recursive: true, mode: NO_ACCESS });
    const paths = new Map(ids.map((id) => [id, join(folder, id)]));
    for (const path of paths.values()) await writeFile(path, '', { flag: 'a', mode: EMPTY });
    return paths;
  }

  async fill(taskId: string, files: readonly TaskFile[]): Promise<void> {
    for (const { id, data, uid, gid, mode } of files) {
      const path = join(this.#root, taskId, id);
      try {
        // The same file and no other in its place: it may be mounted already.
        await writeFile(path, Buffer.from(data, 'base64'));
        await chown(path, uid, gid);
        await chmod(path, mode);
      } catch (caught) {
        throw new SwarmError(
          'Unknown',
          `starting container failed: error injecting secret: ${messageOf(caught)}`,
        );
      }
    }
  }

  /** Does well when there is nothing. */
  async remove(taskId: string): Promise<void> {
    await rm(join(this.#root, taskId), { recursive: true, force: true });
  }

  /** Removes what belongs to none of these tasks: a process that was killed may have left it. */
  async keepOnly(taskIds: readonly string[]): Promise<void> {
    for (const name of await namesIn(this.#root))
      if (!taskIds.includes(name)) await this.remove(name);
  }

  #setUp(): Promise<void> {
    this.#ready ??= this.#mount().catch((caught: unknown) => {
      this.#ready = null;
      throw new SwarmError('Unknown', `unable to setup secret mount: ${messageOf(caught)}`);
    });
    return this.#ready;
  }

  /** Where a node's /run is in memory already, as on most machines, there is nothing to mount. */
  async #mount(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: NO_ACCESS });
    if ((await statfs(this.#root)).type === TMPFS) return;
    const options = 'nodev,nosuid,noexec,mode=0700';
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.#root], {
      timeout: MOUNT_MS,
    });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw caught;
  }
}
