import { randomBytes } from 'node:crypto';
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import { clusterId, nodeId, type ClusterId, type NodeId } from '../../model/ids.ts';
import type { NodeAvailability } from '../../model/specs.ts';
import { failed, ok, type Done, type Result } from '../../model/result.ts';
import type {
  Authority,
  Elsewhere,
  Issuer,
  RootCa,
  Signer,
  SigningRequest,
} from '../../swarm/manager/authority.ts';
import type { Clock } from '../../swarm/ports.ts';
import type { Enrolment, Identity, JoinParameters, Validity } from '../../swarm/node/node-ports.ts';
import type { WeightedPeer } from '../../swarm/session.ts';
import {
  createRootCa,
  crossSign,
  generateKey,
  issueNodeCertificate,
  issuerOf,
  issuerOfRoot,
  keyToPem,
  MANAGER_OU,
  readCertificate,
  type IssuerFacts,
} from '../certs/certificate.ts';
import { reachesAny, signByCfssl, type Credentials } from '../certs/cfssl.ts';
import { createJoinToken, parseJoinToken, sameText } from '../certs/join-token.ts';
import { checkRoot } from '../certs/own-root.ts';
import { createSigningRequest, readSigningRequest } from '../certs/signing-request.ts';
import { Connection, fetchRootCa } from '../wire/client.ts';
import { availabilityToWire } from '../wire/convert-node.ts';
import { IssuanceStatus_State } from '../wire/gen/types_pb.js';
import { NodeCA } from '../wire/gen/ca_pb.js';
import { answer, asSwarmError } from './answer.ts';

/** SwarmKit: five tries, 2 s apart, 5 s a call; the wait for the signature is polled with a growing pause. */
const TRIES = 5;
const TRY_PAUSE_MS = 2000;
const CALL_MS = 5000;
const STATUS_MS = 30_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Real keys and certificates for the core's decisions. */
export class CertificateDesk implements Authority, Enrolment {
  readonly #clock: Clock;
  #identity: Identity | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  createRoot(done: Done<RootCa>): void {
    done(ok(createRootCa(this.#clock.now())));
  }

  sign(signer: Signer, request: SigningRequest, done: Done<string>): void {
    done(attempt(() => this.#issue(signer, request)));
  }

  /** What this node shows to authorities elsewhere. */
  useIdentity(identity: Identity | null): void {
    this.#identity = identity;
  }

  signElsewhere({ urls, trusted }: Elsewhere, request: SigningRequest, done: Done<string>): void {
    answer(() => signByCfssl(urls, this.#credentials(trusted), request), done);
  }

  reachesAny({ urls, trusted }: Elsewhere, done: (isReached: boolean) => void): void {
    answer(
      () => reachesAny(urls, this.#credentials(trusted)),
      (result) => {
        done(result.ok && result.value);
      },
    );
  }

  crossSign(by: RootCa, certificate: string, done: Done<string>): void {
    done(attempt(() => crossSign(by, certificate)));
  }

  checkRoot(root: RootCa): RootCa {
    return checkRoot(root, this.#clock.now());
  }

  unlockKey(): string {
    return randomBytes(32).toString('base64').replace(/=+$/, '');
  }

  joinToken(rootCertificate: string): string {
    return createJoinToken(rootCertificate);
  }

  sameToken(a: string, b: string): boolean {
    return sameText(a, b);
  }

  selfSign(
    root: RootCa,
    id: NodeId,
    cluster: ClusterId,
    done: Done<Identity & { readonly csr: string }>,
  ): void {
    const key = generateKey();
    const csr = createSigningRequest(key);
    const expiry = 90 * 86_400_000 * NANOSECONDS_PER_MS;
    const certificate = this.#issue(root, {
      csr,
      nodeId: id,
      role: 'manager',
      clusterId: cluster,
      expiry,
    });
    const identity = {
      nodeId: id,
      clusterId: cluster,
      role: 'manager',
      certificate,
      key: keyToPem(key),
    } as const;
    done(ok({ ...identity, rootCa: root.certificate, csr }));
  }

  join(parameters: JoinParameters, done: Done<Identity>): void {
    answer(async () => {
      const { digest } = parseJoinToken(parameters.joinToken);
      const { remoteAddr } = parameters;
      const rootCa = await retried(() => fetchRootCa(remoteAddr, digest));
      const connection = new Connection({ address: remoteAddr, trust: { rootCa } });
      try {
        return await enrol(connection, rootCa, parameters.joinToken, parameters.availability);
      } finally {
        connection.close();
      }
    }, done);
  }

  renew(current: Identity, managers: readonly WeightedPeer[], done: Done<Identity>): void {
    answer(async () => {
      let last = new SwarmError(
        'Unavailable',
        'no manager is known that could renew the certificate',
      );
      for (const { addr } of managers) {
        const { rootCa, key, certificate } = current;
        const connection = new Connection({
          address: addr,
          trust: { rootCa, identity: { key, certificate } },
        });
        try {
          return await enrol(connection, rootCa, '', 'active');
        } catch (caught) {
          last = asSwarmError(caught);
        } finally {
          connection.close();
        }
      }
      throw last;
    }, done);
  }

  validity({ certificate }: Identity): Validity | null {
    try {
      const { validFrom, validTo } = readCertificate(certificate);
      return { from: validFrom, to: validTo };
    } catch (caught) {
      if (isSwarmError(caught)) return null;
      throw caught;
    }
  }

  issuerOf(rootCertificate: string): Issuer {
    return inBase64(issuerOfRoot(rootCertificate));
  }

  issuer({ certificate, rootCa }: Identity): Issuer | null {
    const found = attempt(() => issuerOf(certificate, rootCa));
    return found.ok ? inBase64(found.value) : null;
  }

  #credentials(trusted: string): Credentials {
    const { key = '', certificate = '' } = this.#identity ?? {};
    return { key, certificate, trusted };
  }

  #issue(root: Signer, request: SigningRequest): string {
    const { nodeId: id, role, clusterId: organization, csr, expiry } = request;
    const publicKey = readSigningRequest(csr);
    const validityMs = expiry / NANOSECONDS_PER_MS;
    return issueNodeCertificate(root, {
      publicKey,
      nodeId: id,
      role,
      organization,
      now: this.#clock.now(),
      validityMs,
    });
  }
}

const inBase64 = ({ subject, publicKey }: IssuerFacts): Issuer => ({
  subject: subject.toString('base64'),
  publicKey: publicKey.toString('base64'),
});

function attempt<T>(work: () => T): Result<T> {
  try {
    return ok(work());
  } catch (caught) {
    return failed(asSwarmError(caught));
  }
}

async function enrol(
  connection: Connection,
  rootCa: string,
  token: string,
  availability: NodeAvailability,
): Promise<Identity> {
  const key = generateKey();
  const csr = createSigningRequest(key);
  const request = {
    csr: Buffer.from(csr),
    token,
    availability: availabilityToWire(availability),
  };
  const { nodeId: id } = await retried(() =>
    connection.unary(NodeCA.method.issueNodeCertificate, request, { timeoutMs: CALL_MS }),
  );
  const { status, certificate } = await connection.unary(
    NodeCA.method.nodeCertificateStatus,
    { nodeId: id },
    { timeoutMs: STATUS_MS },
  );
  if (status?.state !== IssuanceStatus_State.ISSUED || certificate === undefined) {
    throw new SwarmError(
      'Unknown',
      `the certificate was not issued: ${status?.err ?? 'no reason given'}`,
    );
  }
  const chain = Buffer.from(certificate.certificate).toString();
  const facts = readCertificate(chain);
  // Whoever answers must have had it signed by the root that this node trusts.
  issuerOf(chain, rootCa);
  return {
    nodeId: nodeId(facts.nodeId),
    clusterId: clusterId(facts.organization),
    role: facts.roles.includes(MANAGER_OU) ? 'manager' : 'worker',
    certificate: chain,
    key: keyToPem(key),
    rootCa,
  };
}

// What the manager refuses for good is not asked again; only a manager that cannot be reached, or has no leader, may change its mind.
async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (caught) {
      const { code, message } = asSwarmError(caught);
      const passing =
        (code === 'Unavailable' && !message.includes('connection refused')) ||
        code === 'DeadlineExceeded';
      if (!passing || attempt === TRIES) throw caught;
      await new Promise((resolve) => setTimeout(resolve, TRY_PAUSE_MS));
    }
  }
}
