/** Certificate signing requests (PKCS #10). The authority takes the public key from one, and nothing else. */
import type { KeyObject } from 'node:crypto';
import { createPublicKey, sign, verify } from 'node:crypto';
import { SwarmError } from '../../model/errors.ts';
import { bitString, children, decode, explicit, integer, oid, sequence, TAG } from './der.ts';
import { fromPem, toPem } from './pem.ts';

/** ecdsa-with-SHA256. */
export const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

const LABEL = 'CERTIFICATE REQUEST';
/** Larger than any request of a P-521 key with a long subject, and far below what could hurt. */
const MAX_PEM_LENGTH = 16 * 1024;

/** A request for the key, with an empty subject as SwarmKit's nodes send it (the authority fills it in). */
export function createSigningRequest(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const info = sequence(integer(Buffer.from([0])), sequence(), spki, explicit(0));
  const signature = sign('sha256', info, privateKey);
  return toPem(LABEL, sequence(info, ECDSA_SHA256, bitString(signature)));
}

/**
 * The public key of a request, once its holder has proved to have the private one.
 * @throws SwarmError InvalidArgument for anything but a well-formed ECDSA request with a true signature.
 */
export function readSigningRequest(pem: string): KeyObject {
  if (pem.length > MAX_PEM_LENGTH) throw refused('it is too large');
  const [der] = fromPem(LABEL, pem);
  if (der === undefined) throw refused('no PEM block of that kind');
  const [info, algorithm, signature] = children(decode(der, true));
  const spki = info === undefined ? undefined : children(info)[2];
  if (!info || !algorithm || !signature || !spki) throw refused('parts are missing');
  if (signature.tag !== TAG.bitString || signature.content[0] !== 0) throw refused('no signature');
  const key = importKey(spki.encoded);
  const digest = DIGESTS.find(({ encoded }) => encoded.equals(algorithm.encoded))?.digest;
  if (digest === undefined) throw refused('signature algorithm is not ECDSA with SHA-2');
  if (!verify(digest, info.encoded, key, signature.content.subarray(1))) {
    throw refused('the signature does not fit the key');
  }
  return key;
}

const DIGESTS = [
  { encoded: ECDSA_SHA256, digest: 'sha256' },
  { encoded: sequence(oid('1.2.840.10045.4.3.3')), digest: 'sha384' },
  { encoded: sequence(oid('1.2.840.10045.4.3.4')), digest: 'sha512' },
];

function importKey(spki: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: spki, type: 'spki', format: 'der' });
  } catch (cause) {
    throw refused(`the public key cannot be read: ${String(cause)}`);
  }
  if (key.asymmetricKeyType !== 'ec') throw refused('the public key is not an elliptic-curve key');
  return key;
}

const refused = (why: string): SwarmError =>
  new SwarmError('InvalidArgument', `CSR cannot be used: ${why}`);
