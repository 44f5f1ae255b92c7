/** The agent's record of its tasks, one file a task. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AgentStorage, StoredTask } from '../../swarm/agent/storage.ts';

/** What is being written; whole once it has the name without this. */
const NEXT = '.next';

/** One file a task, not synced: a lost one is told anew by the manager. */
export class TaskFiles implements AgentStorage {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  load(): { readonly tasks: readonly StoredTask[] } {
    this.#finishWriting();
    const paths = readdirSync(this.#folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(this.#folder, name));
    // Not synced, so a power cut can leave a name without its content; the manager tells such a task anew.
    for (const path of paths) if (!isWhole(path)) rmSync(path, { force: true });
    const whole = paths.filter((path) => existsSync(path));
    return { tasks: whole.map((path) => JSON.parse(readFileSync(path, 'utf8')) as StoredTask) };
  }

  // Renaming over a file makes ext4 flush the new one to the disk, with the whole daemon waiting; so the old one goes first.
  saveTask(stored: StoredTask): void {
    const path = join(this.#folder, `${stored.task.id}.json`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(path + NEXT, JSON.stringify(stored), { mode: 0o600 });
    rmSync(path, { force: true });
    renameSync(path + NEXT, path);
  }

  removeTask(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true });
  }

  /** A process that was killed between the end of the old file and the name of the new one left the new one, whole. */
  #finishWriting(): void {
    const names = readdirSync(this.#folder);
    for (const next of names.filter((name) => name.endsWith(NEXT))) {
      const name = next.slice(0, -NEXT.length);
      const path = join(this.#folder, name);
      if (!names.includes(name) && isWhole(path + NEXT)) renameSync(path + NEXT, path);
      else rmSync(path + NEXT, { force: true });
    }
  }
}

/** A record that was being written when the process or the machine died can be cut off anywhere, at its beginning too. */
function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch (caught) {
    if (caught instanceof SyntaxError) return false;
    throw caught;
  }
}
