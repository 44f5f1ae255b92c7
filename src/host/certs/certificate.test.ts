import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRootCa,
  generateKey,
  issueNodeCertificate,
  issuerOf,
  keyToPem,
  NODE_BACKDATE_MS,
  NODE_VALIDITY_MS,
  readCertificate,
  ROOT_VALIDITY_MS,
} from './certificate.ts';
import { fromPem } from './pem.ts';
import { createSigningRequest, readSigningRequest } from './signing-request.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const NODE = 'n0de0n0de0n0de0n0de0n0de0';
const ORG = 'c1uster1c1uster1c1uster1c';
const root = createRootCa(NOW);
const key = generateKey();

const issue = (role: 'manager' | 'worker') =>
  issueNodeCertificate(root, {
    publicKey: createPublicKey(key),
    nodeId: NODE,
    role,
    organization: ORG,
    now: NOW,
  });

/** What openssl says of the text, without spaces at line ends. */
function openssl(args: string[], files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-certs-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return execFileSync('openssl', args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 10_000,
      stdio: 'pipe',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const show = (pem: string) =>
  openssl(['x509', '-in', 'a.pem', '-noout', '-text', '-nameopt', 'RFC2253'], { 'a.pem': pem });

describe('seen by openssl', () => {
  test('the root is Swarm’s: swarm-ca, P-256, 20 years, an authority', () => {
    const text = show(root.certificate);
    expect(text).toContain('Subject: CN=swarm-ca\n');
    expect(text).toContain('Issuer: CN=swarm-ca\n');
    expect(text).toContain('NIST CURVE: P-256');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE/);
    const { validFrom, validTo } = readCertificate(root.certificate);
    expect(validTo - validFrom).toBe(ROOT_VALIDITY_MS);
  });

  test('a manager’s certificate names id, role, cluster, and the three hosts', () => {
    const text = show(issue('manager'));
    expect(text).toContain(`Subject: CN=${NODE},OU=swarm-manager,O=${ORG}\n`);
    expect(text).toContain(`DNS:swarm-manager, DNS:${NODE}, DNS:swarm-ca\n`);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment/);
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toContain('Not Before: Nov 21 08:30:00 2026 GMT');
    expect(text).toContain('Not After : Feb 19 09:30:00 2027 GMT');
  });

  test('a worker’s certificate does not pass for an authority', () => {
    expect(show(issue('worker'))).toContain(`DNS:swarm-worker, DNS:${NODE}\n`);
  });

  test('the chain verifies for clients and servers, and only under its own root', () => {
    const files = {
      'root.pem': root.certificate,
      'node.pem': issue('manager'),
      'other.pem': createRootCa(NOW).certificate,
    };
    for (const purpose of ['sslclient', 'sslserver']) {
      const args = ['verify', '-attime', String(NOW / 1000), '-purpose', purpose, '-CAfile'];
      expect(openssl([...args, 'root.pem', 'node.pem'], files)).toBe('node.pem: OK\n');
      expect(() => openssl([...args, 'other.pem', 'node.pem'], files)).toThrow();
    }
  });

  test('a signing request verifies', () => {
    const files = { 'r.pem': createSigningRequest(key) };
    const args = ['req', '-in', 'r.pem', '-verify', '-noout', '-subject'];
    expect(openssl(args, files)).toMatch(/^subject=\s*$/m);
  });

  test('the key is PKCS #8, as Swarm keeps it', () => {
    expect(keyToPem(key)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const args = ['pkey', '-in', 'k.pem', '-noout', '-text'];
    expect(openssl(args, { 'k.pem': keyToPem(key) })).toContain('P-256');
  });
});

describe('reading', () => {
  test('a certificate gives back what it was made from', () => {
    expect(readCertificate(issue('worker'))).toEqual({
      nodeId: NODE,
      roles: ['swarm-worker'],
      organization: ORG,
      validFrom: NOW - NODE_BACKDATE_MS,
      validTo: NOW + NODE_VALIDITY_MS,
    });
  });

  test('the issuer is told only of a certificate that the root has signed', () => {
    const { subject, publicKey } = issuerOf(issue('worker'), root.certificate);
    // As `docker node inspect` of a real Swarm shows it.
    expect(subject.toString('base64')).toBe('MBMxETAPBgNVBAMTCHN3YXJtLWNh');
    expect(publicKey.length).toBe(91);
    expect(() => issuerOf(issue('worker'), createRootCa(NOW).certificate)).toThrow(
      'not signed by this root',
    );
  });

  test('text without a certificate is refused', () => {
    expect(() => readCertificate('hello')).toThrow('no certificate');
    const broken = issue('worker').replace(/M/g, 'N');
    expect(() => readCertificate(broken)).toThrow('cannot be read');
  });

  test('certificates begin and end at whole minutes', () => {
    const request = { publicKey: createPublicKey(key), nodeId: NODE, organization: ORG };
    const late = issueNodeCertificate(root, { ...request, role: 'worker', now: NOW + 29_999 });
    expect(readCertificate(late).validFrom).toBe(NOW - NODE_BACKDATE_MS);
  });
});

describe('signing requests', () => {
  test('the public key comes out, whatever else the request asks for', () => {
    const request = openssl(
      ['req', '-new', '-key', 'k.pem', '-subj', '/CN=admin/OU=swarm-manager'],
      { 'k.pem': keyToPem(key) },
    );
    const read = readSigningRequest(request);
    expect(read.equals(createPublicKey(key))).toBe(true);
  });

  test('a request for somebody else’s key is refused', () => {
    const [mine] = fromPem('CERTIFICATE REQUEST', createSigningRequest(key));
    const [theirs] = fromPem('CERTIFICATE REQUEST', createSigningRequest(generateKey()));
    const forged = Buffer.from(mine!);
    theirs!.copy(forged, 20, 20, 100);
    const text = forged.toString('base64');
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(() => readSigningRequest(pem)).toThrow(/CSR cannot be used|malformed DER/);
  });

  test('an RSA request, a cut one, an oversized one and nonsense are refused with InvalidArgument', () => {
    const rsa = openssl(
      ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-subj', '/CN=x'],
      {},
    );
    const request = createSigningRequest(key);
    const [der] = fromPem('CERTIFICATE REQUEST', request);
    const cut = der!.subarray(0, -5).toString('base64');
    for (const bad of [
      rsa,
      '',
      'nonsense',
      request.padEnd(20_000),
      `-----BEGIN CERTIFICATE REQUEST-----\n${cut}\n-----END CERTIFICATE REQUEST-----\n`,
      '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n',
    ]) {
      expect(() => readSigningRequest(bad)).toThrow(
        expect.objectContaining({ code: 'InvalidArgument' }),
      );
    }
  });
});
