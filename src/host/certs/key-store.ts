/** A node's key material on disk. A crash leaves the old files or the new ones, never a mixture. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';

/** A node's side of every TLS connection; all PEM. */
export interface TlsIdentity {
  readonly key: string;
  /** The node's certificate, and whatever lies between it and the root. */
  readonly certificate: string;
  /** What to trust: one or, during a rotation, several root certificates. */
  readonly rootCa: string;
}

/** SwarmKit's file for the root; the pair of key and certificate is one file, so that one rename replaces both. */
const ROOT_FILE = 'swarm-root-ca.crt';
const NODE_FILE = 'swarm-node.pem';
const CERTIFICATE_START = '-----BEGIN CERTIFICATE-----';

/** Writes the identity to a folder (made 0700 when missing), each file 0600, synced, by rename. The root goes first. */
export async function saveIdentity(folder: string, identity: TlsIdentity): Promise<void> {
  await saveRootCa(folder, identity.rootCa);
  await writeSafely(join(folder, NODE_FILE), identity.key + identity.certificate);
}

/** The root alone, as a joining node knows it before it has a certificate. */
export async function saveRootCa(folder: string, rootCa: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeSafely(join(folder, ROOT_FILE), rootCa);
}

/** The identity of the folder, or `null` when the node has none yet. */
export async function loadIdentity(folder: string): Promise<TlsIdentity | null> {
  const [rootCa, pair] = await Promise.all(
    [ROOT_FILE, NODE_FILE].map((file) => readIf(folder, file)),
  );
  if (typeof rootCa !== 'string' || typeof pair !== 'string') return null;
  const split = pair.indexOf(CERTIFICATE_START);
  if (split <= 0 || !pair.startsWith('-----BEGIN ')) {
    throw new SwarmtwinError(
      'disk-corrupt',
      `${join(folder, NODE_FILE)} does not hold a key and a certificate`,
      'Remove the file and let the node join again.',
    );
  }
  return { key: pair.slice(0, split), certificate: pair.slice(split), rootCa };
}

/** Removes the identity, as a node that leaves does. */
export async function removeIdentity(folder: string): Promise<void> {
  await Promise.all([NODE_FILE, ROOT_FILE].map((file) => rm(join(folder, file), { force: true })));
  await syncFolder(folder);
}

/**
 * Replaces a file so that a reader, or the next start after a crash, sees the whole old or the whole new contents:
 * written beside it with mode 0600, synced, renamed, and the folder synced.
 */
export async function writeSafely(path: string, contents: string | Uint8Array): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.new`);
  try {
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw SwarmtwinError.from(
      cause,
      codeOf(cause),
      `writing ${path}`,
      'Check the disk and its rights.',
    );
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIf(folder: string, file: string): Promise<string | null> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw SwarmtwinError.from(
      cause,
      'disk-corrupt',
      `reading ${join(folder, file)}`,
      'Check the disk and its rights.',
    );
  }
}

const codeOf = (cause: unknown): 'disk-full' | 'internal' =>
  (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk-full' : 'internal';
