import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadIdentity,
  removeIdentity,
  saveIdentity,
  saveRootCa,
  writeSafely,
} from './key-store.ts';

const IDENTITY = {
  key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  certificate: '-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n',
  rootCa: '-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n',
};

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'swarmtwin-keys-')), 'certificates');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

test('an identity comes back as it was saved, in files that only the owner reads', async () => {
  await saveIdentity(folder, IDENTITY);
  expect(await loadIdentity(folder)).toEqual(IDENTITY);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const files = await readdir(folder);
  expect(files.sort()).toEqual(['swarm-node.pem', 'swarm-root-ca.crt']);
  for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});

test('a node that has only the root has no identity yet, nor one without any files', async () => {
  expect(await loadIdentity(folder)).toBeNull();
  await saveRootCa(folder, IDENTITY.rootCa);
  expect(await loadIdentity(folder)).toBeNull();
});

test('a half-written file of a crash is neither read nor in the way', async () => {
  await saveIdentity(folder, IDENTITY);
  await writeFile(join(folder, '.swarm-node.pem.new'), 'half');
  expect(await loadIdentity(folder)).toEqual(IDENTITY);
  const renewed = { ...IDENTITY, certificate: IDENTITY.certificate.replace('BBBB', 'DDDD') };
  await saveIdentity(folder, renewed);
  expect(await loadIdentity(folder)).toEqual(renewed);
});

test('a file that holds something else is reported, not used', async () => {
  await saveIdentity(folder, IDENTITY);
  await writeFile(join(folder, 'swarm-node.pem'), IDENTITY.certificate);
  await expect(loadIdentity(folder)).rejects.toMatchObject({ code: 'disk-corrupt' });
});

test('an identity can be removed, twice', async () => {
  await saveIdentity(folder, IDENTITY);
  await removeIdentity(folder);
  await removeIdentity(folder);
  expect(await loadIdentity(folder)).toBeNull();
});

test('a write that fails says what it tried and leaves the old contents', async () => {
  await saveIdentity(folder, IDENTITY);
  const missing = join(folder, 'no-such-folder', 'file');
  await expect(writeSafely(missing, 'x')).rejects.toMatchObject({
    name: 'SwarmtwinError',
    message: expect.stringContaining(`writing ${missing}`),
  });
  expect(await readFile(join(folder, 'swarm-root-ca.crt'), 'utf8')).toBe(IDENTITY.rootCa);
});
