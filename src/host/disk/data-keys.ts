/** Keys of 32 bytes and what is sealed with them: AES-256-GCM, so that whatever is not as it was written does not open. */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** The keys of a manager's log and snapshot. Both open, the pending one seals while there is one (SwarmKit: raft-dek, raft-dek-pending). */
export interface DataKeys {
  readonly current: Uint8Array;
  readonly pending: Uint8Array | null;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** Says nothing of key or content: it may reach a log. */
export class SealProblem extends Error {
  override readonly name = 'SealProblem';
}

/** A key is made ready for OpenSSL once: to do so takes several times as long as to seal a record. */
const ready = new WeakMap<Uint8Array, KeyObject>();

function readyKey(key: Uint8Array): KeyObject {
  let found = ready.get(key);
  if (found === undefined) {
    found = createSecretKey(key);
    ready.set(key, found);
  }
  return found;
}

export const newKey = (): Uint8Array => randomBytes(KEY_BYTES);

/** `nonce, ciphertext, tag`; another text each time. */
export function seal(key: Uint8Array, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, readyKey(key), nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Errors: SealProblem where another key sealed it, or a byte of it changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealProblem('it is too short');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, readyKey(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const opened = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    // OpenSSL has no more to say than that it does not fit.
    throw new SealProblem('the key does not open it');
  }
}

/** Opens what either key sealed. Errors: SealProblem. */
export function unsealWithAny({ current, pending }: DataKeys, sealed: Uint8Array): Buffer {
  if (pending === null) return unseal(current, sealed);
  try {
    return unseal(pending, sealed);
  } catch (caught) {
    if (!(caught instanceof SealProblem)) throw caught;
    return unseal(current, sealed);
  }
}

/** The key that seals now. */
export const sealingKey = ({ current, pending }: DataKeys): Uint8Array => pending ?? current;
