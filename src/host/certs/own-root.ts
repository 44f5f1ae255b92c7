/** A root certificate that somebody brings, judged as SwarmKit judges it (ca.NewRootCA, controlapi: validateCAConfig). */
import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { SwarmError } from '../../model/errors.ts';
import type { RootCa } from './certificate.ts';
import { fromPem, toPem } from './pem.ts';

/** A new root must be valid for a year yet. */
const LEAST_VALIDITY_MS = 365 * 86_400_000;

/**
 * The root in the form in which it is kept; `key` may be empty.
 * @throws SwarmError InvalidArgument in SwarmKit's words.
 */
export function checkRoot(root: RootCa, now: number): RootCa {
  const found = fromPem('CERTIFICATE', root.certificate);
  const certificates = found.map(readCertificate);
  for (const certificate of certificates) checkSelfSigned(certificate, now);
  const [first] = certificates;
  if (first === undefined) throw refused('no valid root CA certificates found');
  if (root.key !== '') checkKey(root.key, first);
  if (certificates.length > 1)
    throw refused('the desired CA certificate cannot contain multiple certificates');
  if (first.validToDate.getTime() < now + LEAST_VALIDITY_MS)
    throw refused('CA certificate expires too soon');
  return { certificate: found.map((der) => toPem('CERTIFICATE', der)).join(''), key: root.key };
}

function readCertificate(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw refused(`invalid root certificates: ${String(cause)}`);
  }
}

function checkSelfSigned(certificate: X509Certificate, now: number): void {
  const failed = (why: string): SwarmError =>
    refused(`error while validating Root CA Certificate: x509: ${why}`);
  if (certificate.validToDate.getTime() < now || certificate.validFromDate.getTime() > now)
    throw failed('certificate has expired or is not yet valid');
  if (!certificate.ca || !certificate.verify(certificate.publicKey))
    throw failed('certificate signed by unknown authority');
}

function checkKey(pem: string, certificate: X509Certificate): void {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the library says of a key that it cannot read may hold a part of it.
    throw refused('malformed private key');
  }
  const spki = (one: KeyObject): Buffer => one.export({ type: 'spki', format: 'der' });
  if (!spki(createPublicKey(key)).equals(spki(certificate.publicKey)))
    throw refused('certificate key mismatch');
}

const refused = (why: string): SwarmError => new SwarmError('InvalidArgument', why);
