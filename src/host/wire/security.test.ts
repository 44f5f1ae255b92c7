/** Who gets past the swarm's port, with real keys and real TLS: which certificates count, whom they speak for, and which roots vouch for them. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { DescMethodUnary, DescService } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRootCa,
  crossSign,
  generateKey,
  issueNodeCertificate,
  issuerOf,
  issuerOfRoot,
  keyToPem,
  type RootCa,
} from '../certs/certificate.ts';
import type { TlsIdentity } from '../certs/tls-identity.ts';
import { accessOf } from './access.ts';
import { Connection } from './client.ts';
import { CA, NodeCA } from './gen/ca_pb.js';
import { Control } from './gen/control_pb.js';
import { Dispatcher } from './gen/dispatcher_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from './gen/health_pb.js';
import { LogBroker, Logs } from './gen/logbroker_pb.js';
import { Raft, RaftMembership } from './gen/raft_pb.js';
import { peerOf } from './peer.ts';
import { WireServer } from './server.ts';
import { identity, ORG, root } from './test-wire.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERVICES: readonly DescService[] = [
  CA,
  NodeCA,
  Dispatcher,
  Raft,
  RaftMembership,
  Health,
  Logs,
  LogBroker,
  Control,
];

/** A certificate whose validity began that long ago. */
function certified(
  role: 'manager' | 'worker',
  signer: RootCa,
  validity: { readonly agoMs?: number; readonly forMs?: number } = {},
  trusted = signer.certificate,
): TlsIdentity {
  const key = generateKey();
  const now = Date.now() - (validity.agoMs ?? 0);
  const certificate = issueNodeCertificate(signer, {
    publicKey: createPublicKey(key),
    nodeId: 'node00000node00000node000',
    role,
    organization: ORG,
    now,
    validityMs: validity.forMs ?? DAY_MS,
  });
  return { key: keyToPem(key), certificate, rootCa: trusted };
}

const removed = new Set<string>();
const listening: WireServer[] = [];
afterAll(async () => {
  for (const server of listening) await server.close(100);
});

/** A port that says of every health check who asked. */
async function serve(
  as: TlsIdentity,
): Promise<{ readonly port: number; readonly address: string }> {
  const server = new WireServer({
    identity: as,
    membership: { organization: () => ORG, isRemoved: (id) => removed.has(id) },
    routes: (router) => {
      router.service(Health, {
        check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }),
      });
      router.service(Dispatcher, {
        heartbeat: (_request, context) => ({
          period: { seconds: BigInt(peerOf(context).nodeId.length) },
        }),
      });
      router.service(NodeCA, {
        issueNodeCertificate: (_request, context) => ({ nodeId: peerOf(context).nodeId }),
      });
    },
  });
  listening.push(server);
  const { host, port } = await server.listen('127.0.0.1', 0);
  return { port, address: `${host}:${port}` };
}

async function outcome(address: string, as: TlsIdentity, what: DescMethodUnary): Promise<string> {
  const trust = { rootCa: as.rootCa, identity: as };
  const connection = new Connection({ address, trust, requestMs: 3000 });
  try {
    await connection.unary(what, {});
    return 'answered';
  } catch (caught) {
    return (caught as Error).message;
  } finally {
    connection.close();
  }
}

let here = { port: 0, address: '' };
beforeAll(async () => {
  here = await serve(identity('manager', 'manager0manager0manager0m'));
});

describe('a worker’s certificate', () => {
  const forWorkers = SERVICES.flatMap((service) =>
    service.methods
      .filter(({ name }) => {
        const access = accessOf(service.typeName, name);
        return access === 'anyone' || access.includes('swarm-worker');
      })
      .map(({ name }) => `${service.name}.${name}`),
  );

  test('opens what agents need, and nothing else', () => {
    expect(forWorkers.sort()).toEqual([
      'CA.GetRootCACertificate',
      'Dispatcher.Assignments',
      'Dispatcher.Heartbeat',
      'Dispatcher.Session',
      'Dispatcher.Tasks',
      'Dispatcher.UpdateTaskStatus',
      'Dispatcher.UpdateVolumeStatus',
      'LogBroker.ListenSubscriptions',
      'LogBroker.PublishLogs',
      'NodeCA.IssueNodeCertificate',
      'NodeCA.NodeCertificateStatus',
    ]);
  });

  test('is refused by every service of managers', async () => {
    const worker = certified('worker', root);
    const methods = [
      CA.method.getUnlockKey,
      Raft.method.processRaftMessage,
      Raft.method.resolveAddress,
      RaftMembership.method.join,
      Health.method.check,
      Control.method.join,
      Control.method.call,
      Control.method.deliver,
    ] as unknown as readonly DescMethodUnary[];
    for (const method of methods)
      // What is not served says so before anybody is judged.
      expect(await outcome(here.address, worker, method)).toMatch(/not part of OUs|unknown method/);
  });

  test('says who speaks, whatever the caller writes', async () => {
    const worker = certified('worker', root);
    const trust = { rootCa: root.certificate, identity: worker };
    const connection = new Connection({ address: here.address, trust, requestMs: 3000 });
    const forged = {
      forwarded_cert: 'true',
      forwarded_cert_cn: 'other0000other0000other00',
      forwarded_cert_ou: 'swarm-worker',
      forwarded_cert_org: ORG,
    };
    await expect(
      connection.unary(Dispatcher.method.heartbeat, {}, { headers: forged }),
    ).rejects.toMatchObject({ code: 'PermissionDenied' });
    connection.close();
  });
});

test('to the certificate authority a removed node and one of another swarm are strangers', async () => {
  const issuedTo = async (as: TlsIdentity): Promise<string> => {
    const trust = { rootCa: root.certificate, identity: as };
    const connection = new Connection({ address: here.address, trust, requestMs: 3000 });
    const { nodeId } = await connection.unary(NodeCA.method.issueNodeCertificate, {});
    connection.close();
    return nodeId;
  };
  const id = 'worker00worker00worker00w';
  expect(await issuedTo(identity('worker', id))).toBe(id);
  expect(await issuedTo(identity('worker', id, 'another'))).toBe('');
  removed.add(id);
  expect(await issuedTo(identity('worker', id))).toBe('');
});

describe('a certificate', () => {
  const unverified = /no verified chains for remote certificate/;

  test.each([
    ['that ran out', { agoMs: 3 * DAY_MS, forMs: DAY_MS }],
    ['that is not valid yet', { agoMs: -3 * DAY_MS }],
  ])('%s counts for nothing', async (_title, validity) => {
    const late = certified('manager', root, validity);
    expect(await outcome(here.address, late, Health.method.check)).toMatch(unverified);
    const trust = { rootCa: root.certificate, identity: late };
    const connection = new Connection({ address: here.address, trust, requestMs: 3000 });
    // For the certificate authority such a caller is a stranger, whom only a token lets in.
    await expect(connection.unary(NodeCA.method.issueNodeCertificate, {})).resolves.toMatchObject({
      nodeId: '',
    });
    connection.close();
  });

  test('of somebody else is of no use without the key', async () => {
    const { certificate } = certified('manager', root);
    const thief = { ...certified('worker', root), certificate };
    expect(await outcome(here.address, thief, Health.method.check)).toMatch(/key values mismatch/);
  });

  test('that a node signed with its own key counts for nothing', async () => {
    const node = certified('manager', root);
    const forged = certified('manager', { certificate: node.certificate, key: node.key });
    const shown = {
      ...forged,
      certificate: forged.certificate + node.certificate,
      rootCa: root.certificate,
    };
    expect(await outcome(here.address, shown, Health.method.check)).toMatch(unverified);
  });

  test('of a manager that ran out is not believed by who calls it', async () => {
    const there = await serve(certified('manager', root, { agoMs: 3 * DAY_MS }));
    const caller = certified('manager', root);
    expect(await outcome(there.address, caller, Health.method.check)).toMatch(/expired/);
  });
});

/** Without the name of the signer's key: Go leaves that out where issuer and subject have one name. */
function crossSignedAsGoDoes(by: RootCa, next: RootCa): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-cross-'));
  const openssl = (line: string): string =>
    execFileSync('openssl', line.split(' '), { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  try {
    const extensions = [
      'keyUsage=critical,keyCertSign,cRLSign',
      'basicConstraints=critical,CA:TRUE',
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=none',
    ];
    const files = { 'old.pem': by.certificate, 'old.key': by.key, 'new.key': next.key };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'extensions'), extensions.join('\n'));
    openssl('req -new -key new.key -subj /CN=swarm-ca -out new.csr');
    return openssl('x509 -req -in new.csr -CA old.pem -CAkey old.key -extfile extensions -days 9');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('while the root is being moved', () => {
  const next = createRootCa(Date.now());
  const moving: RootCa = { ...next, crossSigned: crossSign(root, next.certificate) };

  test('whoever trusts the old root believes what the new one signed, and the other way round', async () => {
    const moved = certified('manager', moving, {}, root.certificate);
    const waiting = certified('manager', root);
    const there = await serve(moved);
    expect(await outcome(here.address, moved, Health.method.check)).toBe('answered');
    expect(await outcome(there.address, waiting, Health.method.check)).toBe('answered');
    expect(await outcome(there.address, moved, Health.method.check)).toBe('answered');
  });

  test('whoever trusts the new root alone believes what it signed, and nothing older', async () => {
    const moved = certified('manager', moving, {}, next.certificate);
    const there = await serve(moved);
    expect(await outcome(there.address, moved, Health.method.check)).toBe('answered');
    const old = { ...certified('manager', root), rootCa: next.certificate };
    expect(await outcome(there.address, old, Health.method.check)).toMatch(
      /no verified chains for remote certificate/,
    );
  });

  test('without the old root’s word the new one is a stranger’s', async () => {
    const alone = certified('manager', next, {}, root.certificate);
    expect(await outcome(here.address, alone, Health.method.check)).toMatch(
      /no verified chains for remote certificate/,
    );
  });

  test('a cross-signed root of real Swarm’s, which does not say who signed it, is believed by who trusts the old root only', async () => {
    const real: RootCa = { ...next, crossSigned: crossSignedAsGoDoes(root, next) };
    const there = await serve(certified('manager', real, {}, root.certificate));
    const waiting = certified('worker', root);
    expect(await outcome(there.address, waiting, Dispatcher.method.heartbeat)).toBe('answered');
    const stranger = { ...waiting, rootCa: createRootCa(Date.now()).certificate };
    expect(await outcome(there.address, stranger, Dispatcher.method.heartbeat)).toMatch(
      /self-signed certificate in certificate chain/,
    );
    const worker = await serve(certified('worker', real));
    expect(await outcome(worker.address, waiting, Dispatcher.method.heartbeat)).toMatch(
      /self-signed certificate in certificate chain/,
    );
  });

  test('the new root signs, by the name that it has on its own', () => {
    const { certificate } = certified('manager', moving);
    expect(issuerOf(certificate, root.certificate)).toEqual(issuerOfRoot(next.certificate));
    const vouched = new X509Certificate(moving.crossSigned ?? '');
    expect([vouched.ca, vouched.verify(new X509Certificate(root.certificate).publicKey)]).toEqual([
      true,
      true,
    ]);
  });
});

describe('TLS', () => {
  const attempt = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> =>
    new Promise((resolve) => {
      const socket = connectTls({
        port: here.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
        minVersion: version,
        maxVersion: version,
        // OpenSSL itself has 1.1 only where nothing is asked of it.
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      socket.once('secureConnect', () => {
        resolve(socket.getProtocol() ?? '');
        socket.destroy();
      });
      socket.once('error', (error: Error) => {
        resolve(`refused: ${error.message}`);
      });
    });

  test('is 1.2 at the least', async () => {
    expect(await attempt('TLSv1.1')).toMatch(/^refused: /);
    expect(await attempt('TLSv1.2')).toBe('TLSv1.2');
    expect(await attempt('TLSv1.3')).toBe('TLSv1.3');
  });
});
