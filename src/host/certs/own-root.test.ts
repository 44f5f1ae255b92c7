import { describe, expect, test } from '@jest/globals';
import { createRootCa, generateKey, issueNodeCertificate, keyToPem } from './certificate.ts';
import { checkRoot } from './own-root.ts';
import { createPublicKey } from 'node:crypto';

const YEAR_MS = 365 * 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const root = createRootCa(NOW);
const other = createRootCa(NOW);
const leaf = issueNodeCertificate(root, {
  publicKey: createPublicKey(generateKey()),
  nodeId: 'n',
  role: 'manager',
  organization: 'o',
  now: NOW,
});

describe('a root of one’s own', () => {
  test('is taken with its key, and without', () => {
    expect(checkRoot(root, NOW)).toEqual(root);
    expect(checkRoot({ ...root, key: '' }, NOW)).toEqual({ ...root, key: '' });
    expect(checkRoot({ ...root, certificate: `text\n${root.certificate}\n\n` }, NOW)).toEqual(root);
  });

  test.each([
    ['nothing', { certificate: 'nothing', key: root.key }, 'no valid root CA certificates found'],
    [
      'two at once',
      { certificate: root.certificate + other.certificate, key: root.key },
      'the desired CA certificate cannot contain multiple certificates',
    ],
    ['another’s key', { ...root, key: other.key }, 'certificate key mismatch'],
    [
      'a certificate of a node',
      { certificate: leaf, key: root.key },
      'error while validating Root CA Certificate: x509: certificate signed by unknown authority',
    ],
  ])('is refused for %s', (_title, brought, text) => {
    expect(() => checkRoot(brought, NOW)).toThrow(text);
  });

  test('is refused when it ends within a year', () => {
    expect(() => checkRoot(root, NOW + 19.5 * YEAR_MS)).toThrow('CA certificate expires too soon');
  });

  test('is refused without a word of the key', () => {
    const secret = keyToPem(generateKey()).replace('PRIVATE', 'BROKEN');
    expect(() => checkRoot({ ...root, key: secret }, NOW)).toThrow(/^malformed private key$/);
  });
});
