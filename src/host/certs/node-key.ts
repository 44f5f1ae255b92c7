/**
 * The node's key as it lies on the disk: PEM, with the data keys of the raft log in its headers, all of it encrypted with the swarm's unlock key while managers
 * lock themselves (SwarmKit: ca.KeyReadWriter, manager.RaftDEKData).
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Lock } from '../../swarm/node/node-ports.ts';
import { newKey, seal, SealProblem, unseal, type DataKeys } from '../disk/data-keys.ts';

export interface NodeKey {
  /** PKCS #8 PEM, in the clear. */
  readonly key: string;
  /** Null on a node that never was a manager. */
  readonly dataKeys: DataKeys | null;
  /** The data key has to be replaced: it lay open on the disk before. */
  readonly needsRotation: boolean;
}

const PLAIN = 'PRIVATE KEY';
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
const CIPHER = 'aes-256-cbc';
const LOCK_BYTES = 32;
const CURRENT = 'raft-dek';
const PENDING = 'raft-dek-pending';
const NEEDS_ROTATION = 'raft-dek-needs-rotation';
const VERSION = 'kek-version';
const FORM =
  /^-----BEGIN ([A-Z ]+)-----\n((?:[a-z-]+: .*\n)*)\n?([A-Za-z0-9+/=\n]+)-----END \1-----\n$/;

/** Whether a key is needed to read it. */
export const isLocked = (pem: string): boolean => pem.startsWith(`-----BEGIN ${ENCRYPTED}-----`);

/** The text for the disk. */
export function writeNodeKey({ key, dataKeys, needsRotation }: NodeKey, lock: Lock): string {
  const label = lock.key === null ? PLAIN : ENCRYPTED;
  const headers = [
    `${VERSION}: ${lock.version}`,
    ...(dataKeys === null ? [] : [`${CURRENT}: ${wrap(dataKeys.current, lock)}`]),
    ...(dataKeys?.pending == null ? [] : [`${PENDING}: ${wrap(dataKeys.pending, lock)}`]),
    ...(needsRotation ? [`${NEEDS_ROTATION}: true`] : []),
  ];
  const der = createPrivateKey(key).export({
    type: 'pkcs8',
    format: 'der',
    ...(lock.key === null ? {} : { cipher: CIPHER, passphrase: lock.key }),
  });
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...headers, '', ...lines, `-----END ${label}-----`, ''].join(
    '\n',
  );
}

/** What the text says, with the lock that it was written with; null where `key` does not open it. Errors: a plain Error where it is none of ours. */
export function readNodeKey(
  pem: string,
  key: string | null,
): { readonly nodeKey: NodeKey; readonly lock: Lock } | null {
  const [, label, head = '', body = ''] = FORM.exec(pem) ?? [];
  if (label === undefined) throw new Error('the node key is no PEM of this node');
  const headers = new Map(
    head.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const lock = {
    key: label === ENCRYPTED ? key : null,
    version: Number(headers.get(VERSION) ?? '0'),
  };
  if (label === ENCRYPTED && (key === null || decoded(key).length !== LOCK_BYTES)) return null;
  const opened = openKey(Buffer.from(body, 'base64'), lock);
  const dataKeys = openDataKeys(headers, lock);
  if (opened === null || dataKeys === 'locked') return null;
  const plain = opened.export({ type: 'pkcs8', format: 'pem' }).toString();
  const needsRotation = headers.has(NEEDS_ROTATION);
  return { nodeKey: { key: plain, dataKeys, needsRotation }, lock };
}

/** The first data keys of a manager. */
export const freshDataKeys = (): DataKeys => ({ current: newKey(), pending: null });

function openKey(der: Buffer, { key: passphrase }: Lock): KeyObject | null {
  const form = { key: der, format: 'der', type: 'pkcs8' } as const;
  if (passphrase === null) return createPrivateKey(form);
  try {
    return createPrivateKey({ ...form, passphrase });
  } catch {
    // OpenSSL has no word of its own for a passphrase that does not fit.
    return null;
  }
}

function openDataKeys(
  headers: ReadonlyMap<string, string>,
  lock: Lock,
): DataKeys | null | 'locked' {
  const current = headers.get(CURRENT);
  const pending = headers.get(PENDING);
  if (current === undefined) return null;
  try {
    return {
      current: unwrap(current, lock),
      pending: pending === undefined ? null : unwrap(pending, lock),
    };
  } catch (caught) {
    if (caught instanceof SealProblem) return 'locked';
    throw caught;
  }
}

const wrap = (dataKey: Uint8Array, { key }: Lock): string =>
  (key === null ? Buffer.from(dataKey) : seal(decoded(key), dataKey)).toString('base64');

const unwrap = (text: string, { key }: Lock): Uint8Array =>
  key === null ? decoded(text) : unseal(decoded(key), decoded(text));

const decoded = (text: string): Buffer => Buffer.from(text, 'base64');
