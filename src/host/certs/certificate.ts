/** Certificates as SwarmKit makes them: root `swarm-ca`, node certificates that say id, role and cluster. */
import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { SwarmError } from '../../model/errors.ts';
import * as der from './der.ts';
import { fromPem, toPem } from './pem.ts';
import { ECDSA_SHA256 } from './signing-request.ts';

export const ROOT_CN = 'swarm-ca';
export const MANAGER_OU = 'swarm-manager';
export const WORKER_OU = 'swarm-worker';

/** sha256WithRSAEncryption, for roots that somebody brings. */
const RSA_SHA256 = der.sequence(der.oid('1.2.840.113549.1.1.11'), der.tlv(0x05));

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
/** SwarmKit: the root lasts 630720000 s (20 years of 365 days). */
export const ROOT_VALIDITY_MS = 630_720_000 * SECOND_MS;
/** SwarmKit: nodes get 90 days, never less than an hour, and start an hour in the past. */
export const NODE_VALIDITY_MS = 2160 * HOUR_MS;
export const NODE_BACKDATE_MS = HOUR_MS;
const MINUTE_MS = 60 * SECOND_MS;
const ROOT_BACKDATE_MS = 5 * MINUTE_MS;

/** Root certificate and its key, both PEM. The key signs: keep it on managers only. */
export interface RootCa {
  readonly certificate: string;
  readonly key: string;
  /** PEM, where the root is one that another is being moved to: it goes along with what is signed. */
  readonly crossSigned?: string;
}

/** What a node certificate says, as its reader needs it; times in ms. */
export interface CertificateFacts {
  readonly nodeId: string;
  readonly roles: readonly string[];
  readonly organization: string;
  readonly validFrom: number;
  readonly validTo: number;
}

/** DER of a signer's name and of its public key. */
export interface IssuerFacts {
  readonly subject: Buffer;
  readonly publicKey: Buffer;
}

export interface NodeCertificateRequest {
  readonly publicKey: KeyObject;
  readonly nodeId: string;
  readonly role: 'manager' | 'worker';
  /** The cluster id. */
  readonly organization: string;
  /** The authority's clock. */
  readonly now: number;
  /** From `now`, in ms; the backdate comes on top. Default 90 days. */
  readonly validityMs?: number;
}

/** A new P-256 key. */
export const generateKey = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

/** PKCS #8 PEM, as SwarmKit stores node keys. */
export const keyToPem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A new self-signed root. */
export function createRootCa(now: number): RootCa {
  const key = generateKey();
  const publicKey = createPublicKey(key);
  const certificate = build(key, {
    issuer: name({ cn: ROOT_CN }),
    subject: name({ cn: ROOT_CN }),
    from: toMinute(now) - ROOT_BACKDATE_MS,
    to: toMinute(now) - ROOT_BACKDATE_MS + ROOT_VALIDITY_MS,
    publicKey,
    extensions: [
      keyUsage(KEY_CERT_SIGN_CRL_SIGN),
      extension(OID.basicConstraints, true, der.sequence(der.boolean(true))),
      extension(OID.subjectKeyId, false, der.octetString(keyId(publicKey))),
    ],
  });
  return { certificate, key: keyToPem(key) };
}

/** The certificate of another root, with its own name, key and validity, signed by this one (SwarmKit: CrossSignCACertificate). */
export function crossSign(by: RootCa, certificate: string): string {
  const signer = parse(by.certificate);
  const subject = parse(certificate);
  return build(createPrivateKey(by.key), {
    issuer: subjectOf(signer),
    subject: subjectOf(subject),
    from: subject.validFromDate.getTime(),
    to: subject.validToDate.getTime(),
    publicKey: subject.publicKey,
    extensions: [
      keyUsage(KEY_CERT_SIGN_CRL_SIGN),
      extension(OID.basicConstraints, true, der.sequence(der.boolean(true))),
      extension(OID.subjectKeyId, false, der.octetString(keyIdOf(subject))),
      authorityKeyId(signer),
    ],
  });
}

/**
 * A certificate for a node's public key, PEM. Alone: the root that signed it is known to whoever trusts it; but a root that is being moved to comes along.
 * DNS names: role, node id, and `swarm-ca` for managers, since they also serve as authority.
 */
export function issueNodeCertificate(root: RootCa, request: NodeCertificateRequest): string {
  const { publicKey, nodeId, organization, now } = request;
  const rootCertificate = new X509Certificate(root.certificate);
  const ou = request.role === 'manager' ? MANAGER_OU : WORKER_OU;
  const hosts = [ou, nodeId, ...(request.role === 'manager' ? [ROOT_CN] : [])];
  const certificate = build(createPrivateKey(root.key), {
    issuer: subjectOf(rootCertificate),
    subject: name({ o: organization, ou, cn: nodeId }),
    from: toMinute(now) - NODE_BACKDATE_MS,
    to: toMinute(now) + (request.validityMs ?? NODE_VALIDITY_MS),
    publicKey,
    extensions: [
      keyUsage(DIGITAL_SIGNATURE_KEY_ENCIPHERMENT),
      extension(
        OID.extendedKeyUsage,
        false,
        der.sequence(der.oid(OID.serverAuth), der.oid(OID.clientAuth)),
      ),
      extension(OID.basicConstraints, true, der.sequence()),
      extension(OID.subjectKeyId, false, der.octetString(keyId(publicKey))),
      authorityKeyId(rootCertificate),
      extension(
        OID.subjectAltName,
        false,
        der.sequence(...hosts.map((host) => der.tlv(0x82, Buffer.from(host)))),
      ),
    ],
  });
  return certificate + (root.crossSigned ?? '');
}

/**
 * What the first certificate of the text says.
 * @throws SwarmError InvalidArgument when the text holds none.
 */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = parse(pem);
  const subject = certificate.toLegacyObject().subject as Record<string, string | string[]>;
  return {
    nodeId: list(subject['CN'])[0] ?? '',
    roles: list(subject['OU']),
    organization: list(subject['O'])[0] ?? '',
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
  };
}

/**
 * Who signed the first certificate of the text: DER of the issuer's name and of its public key, as node descriptions carry them. The issuer is a root that is
 * trusted, or the certificate that came along with it.
 */
export function issuerOf(pem: string, rootPem: string): IssuerFacts {
  const [leaf, ...others] = [pem, rootPem].flatMap((text) => fromPem('CERTIFICATE', text));
  const certificate = leaf === undefined ? undefined : new X509Certificate(leaf);
  const signer = others
    .map((other) => new X509Certificate(other))
    .find((other) => certificate?.verify(other.publicKey));
  if (signer === undefined) {
    throw new SwarmError('InvalidArgument', 'the certificate was not signed by this root');
  }
  return issuerIn(signer);
}

/** What the certificates say that a root signs. */
export const issuerOfRoot = (rootPem: string): IssuerFacts => issuerIn(parse(rootPem));

const issuerIn = (root: X509Certificate): IssuerFacts => ({
  subject: subjectOf(root),
  publicKey: spkiOf(root.publicKey),
});

// Swarm's certificates begin and end at whole minutes.
const toMinute = (timeMs: number): number => Math.round(timeMs / MINUTE_MS) * MINUTE_MS;

const OID = {
  cn: '2.5.4.3',
  o: '2.5.4.10',
  ou: '2.5.4.11',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

// Bits are counted from the left: 0 signature, 2 key encipherment, 5 certificate sign, 6 list sign.
const DIGITAL_SIGNATURE_KEY_ENCIPHERMENT = der.bitString(Buffer.from([0b1010_0000]), 5);
const KEY_CERT_SIGN_CRL_SIGN = der.bitString(Buffer.from([0b0000_0110]), 1);

interface Draft {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly from: number;
  readonly to: number;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function build(signer: KeyObject, draft: Draft): string {
  const algorithm = signer.asymmetricKeyType === 'rsa' ? RSA_SHA256 : ECDSA_SHA256;
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(Buffer.concat([Buffer.from([0x01]), randomBytes(19)])),
    algorithm,
    draft.issuer,
    der.sequence(der.time(draft.from), der.time(draft.to)),
    draft.subject,
    spkiOf(draft.publicKey),
    der.explicit(3, der.sequence(...draft.extensions)),
  );
  const signature = sign('sha256', body, signer);
  return toPem('CERTIFICATE', der.sequence(body, algorithm, der.bitString(signature)));
}

function name(parts: { readonly o?: string; readonly ou?: string; readonly cn: string }): Buffer {
  const pairs = [
    [OID.o, parts.o],
    [OID.ou, parts.ou],
    [OID.cn, parts.cn],
  ] as const;
  const sets = pairs.flatMap(([type, value]) =>
    value === undefined ? [] : [der.tlv(der.TAG.set, der.sequence(der.oid(type), der.text(value)))],
  );
  return der.sequence(...sets);
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value));

const keyUsage = (bits: Buffer): Buffer => extension(OID.keyUsage, true, bits);

const authorityKeyId = (signer: X509Certificate): Buffer =>
  extension(OID.authorityKeyId, false, der.sequence(der.tlv(0x80, keyIdOf(signer))));

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

// RFC 5280, 4.2.1.2: the SHA-1 of the key's bits without their wrapping.
function keyId(key: KeyObject): Buffer {
  const bits = der.children(der.decode(spkiOf(key)))[1];
  return createHash('sha1')
    .update(bits?.content.subarray(1) ?? Buffer.alloc(0))
    .digest();
}

// What the certificate itself says its key is called: a root that somebody brings may have counted otherwise, and readers compare octet by octet.
function keyIdOf(certificate: X509Certificate): Buffer {
  const body = der.children(der.decode(certificate.raw))[0];
  const extensions = body === undefined ? undefined : der.children(body).find(isExtensions);
  const list = extensions === undefined ? undefined : der.children(extensions)[0];
  for (const one of list === undefined ? [] : der.children(list)) {
    const parts = der.children(one);
    if (parts[0]?.encoded.equals(der.oid(OID.subjectKeyId)) !== true) continue;
    const value = parts.at(-1);
    if (value !== undefined) return der.decode(value.content).content;
  }
  return keyId(certificate.publicKey);
}

const EXTENSIONS_TAG = 0xa3;
const isExtensions = ({ tag }: der.Tlv): boolean => tag === EXTENSIONS_TAG;

// The name as it stands in the certificate: issuer and subject must match octet by octet.
function subjectOf(certificate: X509Certificate): Buffer {
  const body = der.children(der.decode(certificate.raw))[0];
  const subject = body === undefined ? undefined : der.children(body)[5];
  if (subject === undefined) throw new SwarmError('Internal', 'certificate without a subject');
  return subject.encoded;
}

function parse(pem: string): X509Certificate {
  if (fromPem('CERTIFICATE', pem).length === 0) {
    throw new SwarmError('InvalidArgument', 'no certificate in the PEM text');
  }
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new SwarmError('InvalidArgument', `the certificate cannot be read: ${String(cause)}`);
  }
}

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
