/** What a node keeps of itself: its identity and keys, its tasks, its raft files; all in one folder that `wipe` empties. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';
import type { AgentStorage } from '../../swarm/agent/storage.ts';
import { lockChange, UNLOCKED } from '../../swarm/node/lock-change.ts';
import type { Lock, NodeState, NodeStorage, StoredNode } from '../../swarm/node/node-ports.ts';
import {
  freshDataKeys,
  isLocked,
  readNodeKey,
  writeNodeKey,
  type NodeKey,
} from '../certs/node-key.ts';
import { replaceFile } from './atomic-file.ts';
import { newKey } from './data-keys.ts';
import type { PayloadCodec } from './payload-codec.ts';
import { parsePrivate } from './private-json.ts';
import { RaftFiles, type OpenedRaft } from './raft-files.ts';
import { TaskJournal } from './task-journal.ts';
import { WorkQueue } from './work-queue.ts';

/** The node's state with its key as `node-key` writes it, in one file: key, certificate and data keys always belong together. */
type StateFile = NodeState;

const NO_KEY: Omit<NodeKey, 'key'> = { dataKeys: null, needsRotation: false };

export class NodeFiles implements NodeStorage {
  readonly #root: string;
  readonly #codec: PayloadCodec;
  readonly #queue: WorkQueue;
  #raft: RaftFiles | null = null;
  /** What the file holds, in the clear; null where there is none, or a locked one. */
  #state: NodeState | null = null;
  #lock: Lock = UNLOCKED;
  #keys = NO_KEY;

  constructor(root: string, codec: PayloadCodec) {
    this.#root = root;
    this.#codec = codec;
    this.#queue = new WorkQueue(
      `writing to ${root}`,
      'Make room on that disk, or mend its rights.',
    );
  }

  /** What the process before left. Errors: `disk-corrupt`. */
  async load(): Promise<StoredNode> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    const file = await this.#read();
    if (file === null) return null;
    if (isLocked(file.identity.key)) return { isLocked: true, advertiseAddr: file.advertiseAddr };
    return this.#open(file, null);
  }

  save(state: NodeState, done: (error: SwarmtwinError | null) => void): void {
    this.#queue.add(async () => {
      this.#state = state;
      await this.#write();
    }, done);
  }

  lock(
    lock: Lock | null,
    done: (answer: { readonly isNewlyLocked: boolean } | SwarmtwinError) => void,
  ): void {
    let isNewlyLocked = false;
    this.#queue.add(
      async () => {
        const change = lockChange(this.#lock, lock);
        if (typeof change !== 'string') throw change;
        if (change === 'none') return;
        isNewlyLocked = change === 'newly-locked';
        this.#lock = lock ?? UNLOCKED;
        if (isNewlyLocked) this.#keys = { ...this.#keys, needsRotation: true };
        await this.#write();
        await this.#rotateDataKey();
      },
      (error) => {
        done(error ?? { isNewlyLocked });
      },
    );
  }

  unlock(key: string, done: (answer: NodeState | null | SwarmtwinError) => void): void {
    let state: NodeState | null = null;
    this.#queue.add(
      async () => {
        const file = await this.#read();
        if (file !== null) state = this.#open(file, key);
      },
      (error) => {
        done(error ?? state);
      },
    );
  }

  wipe(done: (error: SwarmtwinError | null) => void): void {
    this.#queue.add(async () => {
      await this.#closeRaft();
      this.#state = null;
      this.#lock = UNLOCKED;
      this.#keys = NO_KEY;
      for (const name of ['state.json', 'raft', 'tasks']) {
        await rm(join(this.#root, name), { recursive: true, force: true });
      }
    }, done);
  }

  openRaft(fresh: boolean, done: (opened: OpenedRaft | SwarmtwinError) => void): void {
    let opened: OpenedRaft | null = null;
    this.#queue.add(
      async () => {
        await this.#closeRaft();
        const dataKeys = this.#keys.dataKeys ?? freshDataKeys();
        if (this.#keys.dataKeys === null) {
          this.#keys = { dataKeys, needsRotation: false };
          await this.#write();
        }
        const folder = join(this.#root, 'raft');
        opened = await RaftFiles.open(folder, fresh, this.#codec, dataKeys);
        this.#raft = opened.disk;
        await this.#rotateDataKey();
      },
      (error) => {
        if (error !== null) done(error);
        else if (opened !== null) done(opened);
      },
    );
  }

  agentStorage(): AgentStorage {
    return new TaskJournal(join(this.#root, 'tasks'));
  }

  /** Resolves when all that was asked for is on the disk. */
  async close(): Promise<void> {
    await this.#queue.settled();
    await this.#closeRaft();
  }

  // The new key is on the disk before anything is written with it, and the old one goes when nothing needs it any more.
  async #rotateDataKey(): Promise<void> {
    const { dataKeys, needsRotation } = this.#keys;
    const raft = this.#raft;
    if (dataKeys === null || raft === null || (!needsRotation && dataKeys.pending === null)) return;
    const pending = dataKeys.pending ?? newKey();
    this.#keys = { dataKeys: { current: dataKeys.current, pending }, needsRotation: false };
    await this.#write();
    await new Promise<void>((resolve, reject) => {
      raft.rotate(pending, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    this.#keys = { dataKeys: { current: pending, pending: null }, needsRotation: false };
    await this.#write();
  }

  async #write(): Promise<void> {
    const state = this.#state;
    if (state === null) return;
    const { identity } = state;
    const key = writeNodeKey({ key: identity.key, ...this.#keys }, this.#lock);
    const file: StateFile = { ...state, identity: { ...identity, key } };
    await replaceFile(this.#path, JSON.stringify(file));
  }

  async #read(): Promise<StateFile | null> {
    try {
      return parsePrivate(await readFile(this.#path, 'utf8'), 'it') as StateFile;
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw this.#corrupt(caught);
    }
  }

  /** Null where the key does not fit. */
  #open(file: StateFile, key: string | null): NodeState | null {
    const read = this.#readKey(file.identity.key, key);
    if (read === null) return null;
    const { key: plain, ...keys } = read.nodeKey;
    this.#keys = keys;
    this.#lock = read.lock;
    this.#state = { ...file, identity: { ...file.identity, key: plain } };
    return this.#state;
  }

  #readKey(pem: string, key: string | null): ReturnType<typeof readNodeKey> {
    try {
      return readNodeKey(pem, key);
    } catch (caught) {
      throw this.#corrupt(caught);
    }
  }

  get #path(): string {
    return join(this.#root, 'state.json');
  }

  #corrupt(caught: unknown): SwarmtwinError {
    return SwarmtwinError.from(
      caught,
      'disk-corrupt',
      `reading ${this.#path}`,
      'Remove that folder and let the node join again.',
    );
  }

  async #closeRaft(): Promise<void> {
    const raft = this.#raft;
    this.#raft = null;
    await raft?.close();
  }
}
