/** Who calls. The certificate of the connection says so; a manager that passes a call on says it in headers. */
import type { IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { SwarmError, isSwarmError } from '../../model/errors.ts';

export const MANAGER = 'swarm-manager';
export const WORKER = 'swarm-worker';
/** A role as it stands in the certificate's OU. */
export type Role = typeof MANAGER | typeof WORKER;

export interface Peer {
  /** From the certificate's CN; `''` for a caller without a verified certificate. */
  readonly nodeId: string;
  readonly roles: readonly string[];
  /** The cluster id of the certificate. */
  readonly organization: string;
  /** `host:port`, as the manager that was reached saw it. */
  readonly remoteAddress: string;
  /** Swarm's words for why the certificate cannot be used; `''` when it can. */
  readonly refusal: string;
  /** The manager that passed the call on. */
  readonly forwardedBy?: Peer;
}

/** How a call is judged: the cluster's id, and which nodes were removed from it. */
export interface Membership {
  organization(): string;
  isRemoved(nodeId: string): boolean;
}

// SwarmKit: ca/forward.go.
const FORWARDED = 'forwarded_cert';
const FORWARDED_CN = 'forwarded_cert_cn';
const FORWARDED_OU = 'forwarded_cert_ou';
const FORWARDED_ORG = 'forwarded_cert_org';
const REMOTE_ADDRESS = 'remote_addr';
// SwarmKit: the raft proxy, which lets a call be passed on once.
const REDIRECT = 'redirect';

/** Headers that pass a caller on. */
export type ForwardHeaders = Readonly<Record<string, string | string[]>>;

/** The caller of this call, whoever it is. */
export const peerOf = (context: { readonly peer: Peer }): Peer => context.peer;

/** What the connection itself proves. */
export function peerOfSocket(socket: TLSSocket): Peer {
  const certificate = socket.getPeerCertificate(false);
  const remoteAddress = goAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0);
  // Node gives an empty object where there is no certificate, whatever its types say.
  const subject = (certificate as { subject?: Record<string, string | string[]> } | null)?.subject;
  const nobody = { nodeId: '', roles: [], organization: '', remoteAddress };
  if (subject === undefined) return { ...nobody, refusal: 'no client certificates in request' };
  if (!socket.authorized) {
    return { ...nobody, refusal: 'no verified chains for remote certificate' };
  }
  return {
    nodeId: list(subject['CN'])[0] ?? '',
    roles: list(subject['OU']),
    organization: list(subject['O'])[0] ?? '',
    remoteAddress,
    refusal: '',
  };
}

/**
 * The caller behind a connection: the peer itself, or the one it passes on, which only a manager may do.
 * @throws SwarmError PermissionDenied when anybody else claims to.
 */
export function resolvePeer(
  direct: Peer,
  headers: IncomingHttpHeaders,
  membership: Membership,
): Peer {
  if (headers[FORWARDED] !== 'true') return direct;
  const refusal = refuse(direct, [MANAGER], membership);
  if (refusal !== null) {
    throw denied(`unauthorized forwarder role: ${nested(refusal)}`);
  }
  const nodeId = one(headers[FORWARDED_CN]);
  return {
    nodeId,
    roles: one(headers[FORWARDED_OU])
      .split(',')
      .map((role) => role.trim()),
    organization: one(headers[FORWARDED_ORG]),
    remoteAddress: one(headers[REMOTE_ADDRESS]),
    refusal: nodeId === '' ? 'no client certificates in request' : '',
    forwardedBy: direct,
  };
}

/** Headers that pass a caller on to the leader; `self`, our address, is the mark that stops a second passing on. */
export const forwardHeaders = (peer: Peer, self: string): ForwardHeaders => ({
  [FORWARDED]: 'true',
  [FORWARDED_CN]: peer.nodeId,
  [FORWARDED_ORG]: peer.organization,
  [FORWARDED_OU]: [...peer.roles],
  [REMOTE_ADDRESS]: peer.remoteAddress,
  [REDIRECT]: self,
});

/**
 * Refuses a call that another manager has already passed on.
 * @throws SwarmError ResourceExhausted, Swarm's text.
 */
export function refuseSecondRedirect(headers: IncomingHttpHeaders): void {
  const redirect = one(headers[REDIRECT]);
  if (redirect === '') return;
  const seen = redirect
    .split(',')
    .map((address) => address.trim())
    .join(' ');
  throw new SwarmError('ResourceExhausted', `more than one redirect to leader from: [${seen}]`);
}

/**
 * The caller, if its certificate has one of the roles and belongs to this swarm.
 * @throws SwarmError PermissionDenied in Swarm's words (SwarmKit: ca/auth.go).
 */
export function authorizePeer(peer: Peer, roles: readonly Role[], membership: Membership): Peer {
  if (peer.forwardedBy === undefined) {
    const refusal = refuse(peer, roles, membership);
    if (refusal !== null) throw denied(`unauthorized peer role: ${nested(refusal)}`);
    return peer;
  }
  const organization = membership.organization();
  if (peer.nodeId === '' || peer.organization === '' || peer.roles.every((role) => role === '')) {
    throw denied('missing information in forwarded request');
  }
  if (!peer.roles.some((role) => (roles as readonly string[]).includes(role))) {
    throw denied(`unauthorized forwarded role, expecting: [${roles.join(' ')}]`);
  }
  if (peer.organization !== organization) {
    throw denied(`organization mismatch, expecting: ${organization}`);
  }
  // Swarm leaves this to the manager that was reached; asking again here costs nothing.
  if (membership.isRemoved(peer.nodeId)) throw denied(`node ${peer.nodeId} was removed from swarm`);
  return peer;
}

/**
 * The caller of what anyone may call: itself where its certificate would open anything here, else a stranger, whom only a token lets in (SwarmKit:
 * IssueNodeCertificate, for which the certificate of a removed node or of another swarm is none).
 */
export function peerOrStranger(peer: Peer, membership: Membership): Peer {
  try {
    return authorizePeer(peer, [WORKER, MANAGER], membership);
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    return { ...peer, nodeId: '', roles: [], organization: '', refusal: caught.message };
  }
}

function refuse(peer: Peer, roles: readonly Role[], membership: Membership): string | null {
  if (peer.refusal !== '') return peer.refusal;
  if (!peer.roles.some((role) => (roles as readonly string[]).includes(role))) {
    return `Permission denied: remote certificate not part of OUs: [${roles.join(' ')}]`;
  }
  if (membership.isRemoved(peer.nodeId)) {
    return `Permission denied: node ${peer.nodeId} was removed from swarm`;
  }
  const organization = membership.organization();
  if (peer.organization !== organization) {
    return `Permission denied: remote certificate not part of organization: ${organization}`;
  }
  return null;
}

const denied = (why: string): SwarmError =>
  new SwarmError('PermissionDenied', `Permission denied: ${why}`);

// Go prints an inner status whole.
const nested = (why: string): string => `rpc error: code = PermissionDenied desc = ${why}`;

// Node joins what comes several times with commas.
const one = (value: string | string[] | undefined): string => String(value ?? '');

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const goAddress = (host: string, port: number): string => {
  const plain = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
};
