import { SwarmError } from '../../model/errors.ts';
import { nodeId as asNodeId, type NodeId } from '../../model/ids.ts';
import type { Cluster, Node, NodeCertificate } from '../../model/objects.ts';
import { drawId } from '../../model/random.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import { DEFAULT_SWARM_SPEC, type NodeAvailability, type NodeRole } from '../../model/specs.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Authority, SigningRequest } from './authority.ts';
import { externalUrls } from './external-authorities.ts';

/** SwarmKit: certificates that could not be signed are tried again every 10 s. */
const RETRY_MS = 10_000;
const LEAST_EXPIRY_NS = 3_600_000_000_000;

export interface IssueRequest {
  readonly csr: string;
  readonly token: string;
  readonly availability: NodeAvailability;
  /** Where the caller's connection comes from. */
  readonly addr: string;
}

interface StatusWaiter {
  readonly nodeId: NodeId;
  readonly done: Done<NodeCertificate>;
}

/** The leader's certificate authority: decides who gets a certificate and for which role, and has it signed (behaviour.md 10). */
export class CertificateAuthority {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #authority: Authority;
  readonly #signing = new Set<NodeId>();
  readonly #waiters = new Set<StatusWaiter>();
  readonly #retries = new Set<Timer>();
  #unwatch: (() => void) | null = null;

  constructor(ports: Ports, store: Store, authority: Authority) {
    this.#ports = ports;
    this.#store = store;
    this.#authority = authority;
  }

  start(): void {
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events) {
        if (event.kind === 'node' && event.action !== 'remove') this.#consider(event.object);
      }
    });
    for (const node of this.#store.read.all('node')) this.#consider(node);
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    for (const timer of this.#retries) timer.cancel();
    this.#retries.clear();
    this.#signing.clear();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.done(failed(new SwarmError('Aborted', 'CA is stopped')));
  }

  rootCertificate(): string {
    return this.#cluster()?.rootCa.certificate ?? '';
  }

  /** Takes in a new node by its token, or renews the certificate of one that proved its own (`caller`). Answers with the node's id. */
  issue(
    caller: NodeId | null,
    request: IssueRequest,
    done: Done<{ readonly nodeId: NodeId }>,
  ): void {
    if (caller !== null) this.#renew(caller, request.csr, done);
    else this.#admit(request, done);
  }

  /** Answers once the node's certificate is issued or refused; the caller's deadline ends the wait. */
  status(nodeId: NodeId, done: Done<NodeCertificate>): void {
    const node = this.#store.read.get('node', nodeId);
    if (node === undefined) done(failed(new SwarmError('NotFound', `node ${nodeId} not found`)));
    else if (isFinal(node.certificate)) done(ok(node.certificate));
    else this.#waiters.add({ nodeId, done });
  }

  #admit(request: IssueRequest, done: Done<{ readonly nodeId: NodeId }>): void {
    const role = this.#roleOfToken(request.token);
    if (role === null) {
      done(
        failed(
          new SwarmError('InvalidArgument', 'A valid join token is necessary to join this cluster'),
        ),
      );
      return;
    }
    const id = asNodeId(drawId(this.#ports.random));
    const certificate = pending(request.csr, role, id, 'pending');
    this.#store.update((transaction) => {
      transaction.create('node', {
        id,
        spec: { Labels: {}, Role: role, Availability: request.availability },
        role,
        status: { state: 'unknown', message: '', addr: request.addr },
        certificate,
      });
      return { nodeId: id };
    }, done);
  }

  #renew(caller: NodeId, csr: string, done: Done<{ readonly nodeId: NodeId }>): void {
    this.#store.update((transaction) => {
      const node = transaction.get('node', caller);
      if (node === undefined) {
        throw new SwarmError(
          'NotFound',
          `node ${caller} not found when attempting to renew certificate`,
        );
      }
      transaction.update('node', {
        ...node,
        certificate: pending(csr, node.role, caller, 'renew'),
      });
      return { nodeId: caller };
    }, done);
  }

  #roleOfToken(token: string): NodeRole | null {
    const tokens = this.#cluster()?.joinTokens;
    if (tokens === undefined) return null;
    if (this.#authority.sameToken(token, tokens.manager)) return 'manager';
    return this.#authority.sameToken(token, tokens.worker) ? 'worker' : null;
  }

  #consider(node: Node): void {
    if (isFinal(node.certificate)) this.#answer(node.id, node.certificate);
    else if (node.certificate.csr !== '' && !this.#signing.has(node.id)) this.#sign(node);
  }

  #sign(node: Node): void {
    const cluster = this.#cluster();
    if (cluster === undefined) return;
    this.#signing.add(node.id);
    const { csr, role } = node.certificate;
    const expiry = expiryOf(cluster);
    const request = { csr, nodeId: node.id, role, clusterId: cluster.id, expiry };
    this.#signWith(cluster, request, (result) => {
      this.#signing.delete(node.id);
      if (this.#unwatch === null) return;
      if (result.ok) this.#record(node, { state: 'issued', certificate: result.value });
      else if (result.error.code === 'InvalidArgument') {
        this.#record(node, { state: 'failed', err: result.error.message });
      } else this.#retryLater(node.id);
    });
  }

  /** While the root is being moved the new one signs, and the old one vouches for it. An authority elsewhere comes before a key of the swarm's own. */
  #signWith({ rootCa, spec }: Cluster, request: SigningRequest, done: Done<string>): void {
    const { rotation } = rootCa;
    const { certificate, key } = rotation ?? rootCa;
    const urls = externalUrls(spec.CAConfig, certificate, rootCa.certificate);
    if (urls.length > 0) {
      const trusted = rootCa.certificate + (rotation?.certificate ?? '');
      this.#authority.signElsewhere({ urls, trusted }, request, (result) => {
        done(result.ok ? ok(result.value + (rotation?.crossSigned ?? '')) : result);
      });
    } else if (key === '') done(failed(new SwarmError('Unavailable', 'no valid signer found')));
    else this.#authority.sign(rotation ?? rootCa, request, done);
  }

  #record(signed: Node, change: Partial<NodeCertificate>): void {
    this.#store.update((transaction) => {
      const node = transaction.get('node', signed.id);
      // A newer request came while this one was signed; it is signed in its turn.
      if (node === undefined || node.certificate.csr !== signed.certificate.csr) return;
      transaction.update('node', { ...node, certificate: { ...node.certificate, ...change } });
    });
  }

  #retryLater(id: NodeId): void {
    const timer = this.#ports.timers.after(RETRY_MS, () => {
      this.#retries.delete(timer);
      const node = this.#store.read.get('node', id);
      if (node !== undefined) this.#consider(node);
    });
    this.#retries.add(timer);
  }

  #answer(nodeId: NodeId, certificate: NodeCertificate): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.nodeId !== nodeId) continue;
      this.#waiters.delete(waiter);
      waiter.done(ok(certificate));
    }
  }

  #cluster(): Cluster | undefined {
    return this.#store.read.all('cluster')[0];
  }
}

/** SwarmKit: what is not set, or less than an hour, is three months. */
function expiryOf({ spec }: Cluster): number {
  const { NodeCertExpiry } = spec.CAConfig;
  return NodeCertExpiry < LEAST_EXPIRY_NS
    ? DEFAULT_SWARM_SPEC.CAConfig.NodeCertExpiry
    : NodeCertExpiry;
}

const isFinal = (certificate: NodeCertificate): boolean =>
  certificate.state === 'issued' ||
  certificate.state === 'failed' ||
  certificate.state === 'rotate';

const pending = (
  csr: string,
  role: NodeRole,
  id: NodeId,
  state: 'pending' | 'renew',
): NodeCertificate => ({
  role,
  state,
  csr,
  certificate: '',
  cn: id,
});
