/** The agent's record of its tasks, one file that grows. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AgentStorage, StoredTask } from '../../swarm/agent/storage.ts';

/** The file is written anew, without what is out of date, when it has grown to this, and to so many times what is in force. */
const LEAST_BYTES = 1 << 20;
const TIMES = 4;

/** A line of the file: a task as it is from now on, or the id of one that is gone. */
type Line = StoredTask | { readonly removed: string };

/**
 * A line for each change, not synced: what is lost the manager tells anew. A task changes its status five times while it starts, and the whole daemon waits for
 * each record. Some bytes at the end of a file that there is cost 0.05 ms, also while containers are made beside it; a new file, the end of the old one and a
 * rename take the file system's journal, which was seen to be busy for a quarter of a second.
 */
export class TaskJournal implements AgentStorage {
  readonly #folder: string;
  readonly #path: string;
  /** What is being written; whole once the file itself is gone. */
  readonly #next: string;
  readonly #leastBytes: number;
  /** The bytes of each task's line that is in force. */
  readonly #lines = new Map<string, number>();
  #bytes = 0;

  constructor(folder: string, leastBytes = LEAST_BYTES) {
    this.#folder = folder;
    this.#path = join(folder, 'journal');
    this.#next = `${this.#path}.next`;
    this.#leastBytes = leastBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  load(): { readonly tasks: readonly StoredTask[] } {
    const tasks = [...this.#read().values()];
    this.#writeAnew(tasks);
    return { tasks };
  }

  saveTask(stored: StoredTask): void {
    this.#lines.set(stored.task.id, this.#append(stored));
    this.#tidy();
  }

  removeTask(id: string): void {
    this.#append({ removed: id });
    this.#lines.delete(id);
    this.#tidy();
  }

  /** Ends of line before and after it, so that what was cut off (the process was killed, the disk full, the power cut) takes no other line along. */
  #append(line: Line): number {
    const text = textOf(line);
    const bytes = Buffer.byteLength(text);
    try {
      appendFileSync(this.#path, text, { mode: 0o600 });
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code !== 'ENOENT') throw caught;
      // The folder was emptied since: the node has left.
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, text, { mode: 0o600 });
    }
    this.#bytes += bytes;
    return bytes;
  }

  #tidy(): void {
    if (this.#bytes < this.#leastBytes) return;
    const inForce = this.#lines.values().reduce((sum, bytes) => sum + bytes, 0);
    if (this.#bytes < TIMES * inForce) return;
    this.#writeAnew([...this.#read().values()]);
  }

  #read(): ReadonlyMap<string, StoredTask> {
    const path = existsSync(this.#path) ? this.#path : this.#next;
    const tasks = new Map<string, StoredTask>();
    for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
      const known = lineIn(line);
      if (known === null) continue;
      if ('removed' in known) tasks.delete(known.removed);
      else tasks.set(known.task.id, known);
    }
    return tasks;
  }

  // Renaming over a file makes ext4 flush the new one to the disk, with the whole daemon waiting; so the old one goes first.
  #writeAnew(tasks: readonly StoredTask[]): void {
    const lines = tasks.map(textOf);
    const isOnlyNext = !existsSync(this.#path) && existsSync(this.#next);
    if (isOnlyNext) renameSync(this.#next, this.#path);
    writeFileSync(this.#next, lines.join(''), { mode: 0o600 });
    rmSync(this.#path, { force: true });
    renameSync(this.#next, this.#path);
    this.#lines.clear();
    for (const [at, { task }] of tasks.entries())
      this.#lines.set(task.id, Buffer.byteLength(lines[at] ?? ''));
    this.#bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  }
}

const textOf = (line: Line): string => `\n${JSON.stringify(line)}\n`;

/** Null for what is not whole: a process died while it wrote it, or a power cut has taken what was not synced. */
function lineIn(text: string): Line | null {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Line;
  } catch (caught) {
    if (caught instanceof SyntaxError) return null;
    throw caught;
  }
}
