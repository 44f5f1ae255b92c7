import { writeSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';
import { syncFolder } from './atomic-file.ts';
import { frame, scan } from './record.ts';

/**
 * So many zeros stand ready behind the records, and new ones come when half of them are used up. A sync of what is written into them writes just that; where the
 * file grows with each record, the file system has to write its journal as well, which takes several times as long.
 */
const ROOM_BYTES = 1 << 20;

export interface OpenedLog {
  readonly file: LogFile;
  /** Of the records that are there. */
  readonly bodies: readonly Buffer[];
}

/** A file of records that only grows at its end. One caller at a time: it waits for each of its calls. */
export class LogFile {
  readonly #handle: FileHandle;
  /** The kernel tells an error of writing once to each handle: the records' is not to be told to the zeros. */
  readonly #zeroHandle: FileHandle;
  /** Where the next record goes. */
  #end: number;
  /** How far there is room. */
  #room = 0;
  #growing: Promise<void> | null = null;
  /** Without room it works too, if slower: a full disk is told by the write that it stops. */
  #mayGrow = true;
  #isSynced = true;

  private constructor(handle: FileHandle, zeroHandle: FileHandle, end: number) {
    this.#handle = handle;
    this.#zeroHandle = zeroHandle;
    this.#end = end;
    this.#keepRoom();
  }

  /** Reads what is there, cuts off a torn tail and syncs the rest. Errors: `disk-corrupt` where a record is damaged in a way that no crash does. */
  static async open(path: string): Promise<OpenedLog> {
    const file = await readIfThere(path);
    const { bodies, goodBytes, damage } = scan(file);
    if (damage === 'rot')
      throw corrupt(path, `the record at byte ${goodBytes} was whole once and is not any more`);
    const handle = await open(path, file.length === 0 ? 'w+' : 'r+', 0o600);
    if (goodBytes < file.length) await handle.truncate(goodBytes);
    // What a killed process wrote may be in the page cache only. From here on it counts as promised: a vote that was read is never asked to be written again.
    await handle.sync();
    await syncFolder(dirname(path));
    return { file: new LogFile(handle, await open(path, 'r+'), goodBytes), bodies };
  }

  /** Goes on from a file that is on the disk and ends there. */
  static async goOn(path: string, end: number): Promise<LogFile> {
    return new LogFile(await open(path, 'r+'), await open(path, 'r+'), end);
  }

  /** One record more. It is safe from a crash of the process at once, from one of the machine after `sync`. */
  async append(body: Buffer): Promise<void> {
    const record = frame(body, this.#isSynced);
    // Nobody's zeros may come after a record.
    if (this.#end + record.length > this.#room) await this.#growing;
    this.#isSynced = false;
    // Some bytes for the page cache; by way of the thread pool they would take a turn more than the sync that follows.
    for (let at = 0; at < record.length;)
      at += writeSync(this.#handle.fd, record, at, record.length - at, this.#end + at);
    this.#end += record.length;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
    this.#isSynced = true;
    this.#keepRoom();
  }

  /** Gives the room back. */
  async close(): Promise<void> {
    await this.#growing;
    this.#mayGrow = false;
    await this.#zeroHandle.close();
    await this.#handle.truncate(this.#end);
    await this.#handle.close();
  }

  #keepRoom(): void {
    if (!this.#mayGrow || this.#growing !== null) return;
    if (this.#room - this.#end >= ROOM_BYTES / 2) return;
    this.#growing = this.#grow().then(
      () => {
        this.#growing = null;
      },
      () => {
        this.#growing = null;
        this.#mayGrow = false;
      },
    );
  }

  async #grow(): Promise<void> {
    const from = Math.max(this.#end, this.#room);
    const zeros = Buffer.alloc(ROOM_BYTES);
    for (let at = 0; at < zeros.length;)
      at += (await this.#zeroHandle.write(zeros, at, zeros.length - at, from + at)).bytesWritten;
    await this.#zeroHandle.datasync();
    this.#room = from + zeros.length;
  }
}

/** Empty where there is none. */
export async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw caught;
  }
}

export const corrupt = (path: string, found: string): SwarmtwinError =>
  new SwarmtwinError(
    'disk-corrupt',
    `${path} is damaged: ${found}`,
    'Demote and remove this manager on another one, wipe its data folder and let it join again.',
  );
