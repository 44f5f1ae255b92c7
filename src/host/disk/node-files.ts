/** What a node keeps of itself: its identity, its tasks, its raft files; all in one folder that `wipe` empties. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';
import type { AgentStorage, StoredTask } from '../../swarm/agent/storage.ts';
import type { NodeState, NodeStorage } from '../../swarm/node/node-ports.ts';
import type { OpenedRaft } from './raft-files.ts';
import { replaceFile } from './atomic-file.ts';
import { newKey, type DataKeys } from './data-keys.ts';
import type { PayloadCodec } from './payload-codec.ts';
import { RaftFiles } from './raft-files.ts';

export class NodeFiles implements NodeStorage {
  readonly #root: string;
  readonly #codec: PayloadCodec;
  #raft: RaftFiles | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(root: string, codec: PayloadCodec) {
    this.#root = root;
    this.#codec = codec;
  }

  /** The state that the process before left, or null. Errors: `disk-corrupt`. */
  async load(): Promise<NodeState | null> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    const path = join(this.#root, 'state.json');
    try {
      return JSON.parse(await readFile(path, 'utf8')) as NodeState;
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw SwarmtwinError.from(
        caught,
        'disk-corrupt',
        `reading ${path}`,
        'Remove that folder and let the node join again.',
      );
    }
  }

  save(state: NodeState, done: (error: SwarmtwinError | null) => void): void {
    this.#enqueue(() => replaceFile(join(this.#root, 'state.json'), JSON.stringify(state)), done);
  }

  wipe(done: (error: SwarmtwinError | null) => void): void {
    this.#enqueue(async () => {
      await this.#closeRaft();
      for (const name of ['state.json', 'raft', 'raft-key', 'tasks']) {
        await rm(join(this.#root, name), { recursive: true, force: true });
      }
    }, done);
  }

  openRaft(fresh: boolean, done: (opened: OpenedRaft | SwarmtwinError) => void): void {
    let opened: OpenedRaft | null = null;
    this.#enqueue(
      async () => {
        await this.#closeRaft();
        const keys = await this.#dataKeys();
        opened = await RaftFiles.open(join(this.#root, 'raft'), fresh, this.#codec, keys);
        this.#raft = opened.disk;
      },
      (error) => {
        if (error !== null) done(error);
        else if (opened !== null) done(opened);
      },
    );
  }

  agentStorage(): AgentStorage {
    return new TaskFiles(join(this.#root, 'tasks'));
  }

  /** Resolves when all that was asked for is on the disk. */
  async close(): Promise<void> {
    await this.#last;
    await this.#closeRaft();
  }

  async #dataKeys(): Promise<DataKeys> {
    const path = join(this.#root, 'raft-key');
    if (!existsSync(path)) await replaceFile(path, Buffer.from(newKey()));
    return { current: await readFile(path), pending: null };
  }

  async #closeRaft(): Promise<void> {
    const raft = this.#raft;
    this.#raft = null;
    await raft?.close();
  }

  #enqueue(work: () => Promise<void>, done: (error: SwarmtwinError | null) => void): void {
    this.#last = this.#last.then(work).then(
      () => {
        done(null);
      },
      (caught: unknown) => {
        done(
          SwarmtwinError.from(
            caught,
            'disk-full',
            `writing to ${this.#root}`,
            'Make room on that disk, or mend its rights.',
          ),
        );
      },
    );
  }
}

/** What is being written; whole once it has the name without this. */
const NEXT = '.next';

/** One file a task, not synced: a lost one is told anew by the manager. */
class TaskFiles implements AgentStorage {
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
