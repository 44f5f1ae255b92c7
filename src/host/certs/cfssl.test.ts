import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { clusterId, nodeId } from '../../model/ids.ts';
import { reachesAny, signByCfssl, type Credentials } from './cfssl.ts';
import { createRootCa, generateKey, issueNodeCertificate, keyToPem } from './certificate.ts';

const root = createRootCa(Date.now());

function identity(role: 'manager' | 'worker', id: string): { key: string; certificate: string } {
  const key = generateKey();
  const request = { publicKey: createPublicKey(key), nodeId: id, role, organization: 'c' };
  return {
    key: keyToPem(key),
    certificate: issueNodeCertificate(root, { ...request, now: Date.now() }),
  };
}

const mine: Credentials = { ...identity('manager', 'm'), trusted: root.certificate };
const asked = {
  csr: 'the request',
  nodeId: nodeId('n'),
  role: 'manager',
  clusterId: clusterId('c'),
  expiry: 1,
} as const;

let server: Server;
let url = '';
let answer: { status: number; body: string } = { status: 200, body: '' };
let heard: unknown[] = [];

beforeAll(async () => {
  // `localhost` is the id of the node whose certificate it shows, and so one of its names.
  const own = identity('manager', 'localhost');
  server = createServer(
    { key: own.key, cert: own.certificate, ca: root.certificate, requestCert: true },
    (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        heard.push(JSON.parse(body));
        response.writeHead(answer.status);
        response.end(answer.body);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}/sign`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  heard = [];
  answer = { status: 200, body: '{"success":true,"result":{"certificate":"signed"}}' };
});

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('an authority elsewhere', () => {
  test('is asked for what the node is to be', async () => {
    expect(await signByCfssl([url], mine, asked)).toBe('signed');
    expect(heard).toEqual([
      {
        hosts: ['swarm-manager', 'n', 'swarm-ca'],
        certificate_request: 'the request',
        subject: { CN: 'n', names: [{ O: 'c', OU: 'swarm-manager' }] },
      },
    ]);
  });

  test('that is not there is passed over for the next', async () => {
    expect(await signByCfssl(['https://localhost:1/sign', url], mine, asked)).toBe('signed');
  });

  test('that refuses is believed', async () => {
    answer = { status: 200, body: '{"success":false,"errors":[{"message":"no"}]}' };
    await expect(signByCfssl([url], mine, asked)).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'response errors: [no]',
    });
  });

  test.each([
    ['is not well', { status: 500, body: '' }],
    ['answers something else', { status: 200, body: 'hello' }],
    ['answers without end', { status: 200, body: 'x'.repeat(300 * 1024) }],
  ])('that %s is asked again later', async (_title, given) => {
    answer = given;
    await expect(signByCfssl([url], mine, asked)).rejects.toEqual(code('Unavailable'));
  });

  test('with another root is not believed', async () => {
    const trusted = createRootCa(Date.now()).certificate;
    await expect(signByCfssl([url], { ...mine, trusted }, asked)).rejects.toEqual(
      code('Unavailable'),
    );
    expect(await reachesAny([url], { ...mine, trusted })).toBe(false);
    expect(heard).toEqual([]);
  });

  test('is reached over HTTPS only', async () => {
    expect(await reachesAny(['nonsense', url.replace('https', 'http'), url], mine)).toBe(true);
    expect(await reachesAny([url.replace('https', 'http')], mine)).toBe(false);
  });
});
