/** One HTTP/2 connection to one manager, opened when first needed and again after it broke. */
import type { X509Certificate } from 'node:crypto';
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { isVouchedFor, LONGEST_CHAIN } from '../certs/chain.ts';
import { ConnectionError } from './status.ts';

/** What the other side must prove, and what we prove to it; all PEM. */
export type Trust =
  | {
      readonly rootCa: string;
      /** Left out by a machine that has no certificate yet. */
      readonly identity?: { readonly key: string; readonly certificate: string };
    }
  /** Nothing is proved: only for fetching the root certificate, whose digest the caller knows. */
  | 'unverified';

export interface SessionTimes {
  /** For the TCP connection and the TLS handshake together. */
  readonly connectMs: number;
  /** A ping after so long without anything from the peer; the connection is given up when `pingTimeoutMs` more have passed. */
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
}

/**
 * Every manager's certificate carries this name (SwarmKit: ManagerRole; CA calls use `swarm-ca`, which managers' certificates
 * carry as well).
 */
const SERVER_NAME = 'swarm-manager';

/** Streams to one peer. Errors are {@link ConnectionError}. */
export class PeerSession {
  /** `host:port`, as it was given. */
  readonly address: string;
  readonly #authority: string;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #trust: Trust;
  readonly #times: SessionTimes;
  /** Those that are open: the one in use, and any whose peer takes no new calls and lets the old ones end. */
  readonly #alive = new Set<ClientHttp2Session>();
  readonly #peerLeaves: () => void;
  #opening: Promise<ClientHttp2Session> | null = null;
  #current: ClientHttp2Session | null = null;
  #lastHeard = 0;
  #closed = false;

  /** `peerLeaves`: it takes no new calls on a connection, and waits for those under way. */
  constructor(
    address: string,
    trust: Trust,
    times: SessionTimes,
    peerLeaves: () => void = () => undefined,
  ) {
    this.#peerLeaves = peerLeaves;
    const url = new URL(`https://${address}`);
    this.address = address;
    this.#authority = url.origin;
    this.#target = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 443 : Number(url.port),
    };
    this.#trust = trust;
    this.#times = times;
  }

  /** A new stream for the gRPC method of that path. */
  async request(path: string, headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    const session = this.#usable() ?? (await this.#open());
    return session.request({ ...headers, ':method': 'POST', ':path': path });
  }

  /** Something came from the peer: it is alive. */
  heard(): void {
    this.#lastHeard = performance.now();
  }

  /** Whether the stream is on the connection that new calls go over. */
  carries(stream: ClientHttp2Stream): boolean {
    return stream.session !== undefined && stream.session === this.#usable();
  }

  /** Whether a connection is open at this moment. */
  get connected(): boolean {
    return this.#usable() !== null;
  }

  /** Whether it was given up, and nothing is under way on it any more. */
  get isOver(): boolean {
    return this.#closed && this.#alive.size === 0;
  }

  /** Gives the connection up with everything on it; the next call opens another. */
  reset(): void {
    for (const session of this.#alive) {
      session.destroy(new ConnectionError('open', new Error('connection reset by this side')));
    }
    this.#current = null;
  }

  /** Gives the connection up for good. One that is still being made ends as soon as it is there. */
  close(): void {
    this.#closed = true;
    for (const session of this.#alive) session.destroy(closedHere());
    this.#current = null;
  }

  /** Takes no new calls; the connection ends with the last one under way. */
  retire(): void {
    this.#closed = true;
    for (const session of this.#alive) session.close();
    this.#current = null;
  }

  #usable(): ClientHttp2Session | null {
    const session = this.#current;
    return session === null || session.destroyed || session.closed ? null : session;
  }

  /** Several calls that wait for a connection wait for the same one. */
  async #open(): Promise<ClientHttp2Session> {
    if (this.#closed) throw closedHere();
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = null;
    });
    return await this.#opening;
  }

  async #connect(): Promise<ClientHttp2Session> {
    const socket = await reach(this.#target, this.#trust, this.#times.connectMs);
    const session = await startHttp2(this.#authority, socket, this.#times.connectMs);
    if (this.#closed) {
      session.destroy();
      throw closedHere();
    }
    this.#adopt(session);
    return session;
  }

  #adopt(session: ClientHttp2Session): void {
    this.#alive.add(session);
    this.#current = session;
    this.heard();
    const watch = setInterval(() => {
      this.#checkAlive(session);
    }, this.#times.pingAfterMs).unref();
    session.on('error', () => {
      session.destroy();
    });
    // After a GOAWAY the streams under way may finish; new ones need a new connection.
    session.once('goaway', () => {
      if (this.#current === session) this.#current = null;
      this.#peerLeaves();
    });
    session.once('close', () => {
      clearInterval(watch);
      this.#alive.delete(session);
    });
  }

  #checkAlive(session: ClientHttp2Session): void {
    // A destroyed session is not yet closed while its socket still has bytes to lose.
    if (session.destroyed || session.closed) return;
    if (performance.now() - this.#lastHeard < this.#times.pingAfterMs) return;
    const late = setTimeout(() => {
      if (!session.destroyed) {
        session.destroy(new ConnectionError('open', new Error('keepalive ping failed')));
      }
    }, this.#times.pingTimeoutMs);
    const sent = session.ping((failure) => {
      clearTimeout(late);
      if (failure === null) this.heard();
    });
    if (!sent) clearTimeout(late);
  }
}

const closedHere = (): ConnectionError =>
  new ConnectionError('open', new Error('the connection was closed'));

interface Target {
  readonly host: string;
  readonly port: number;
}

/** The TLS connection, proved as `trust` says. While real managers move to a new root, OpenSSL cannot see who vouches for them, and we look ourselves. */
async function reach(target: Target, trust: Trust, connectMs: number): Promise<TLSSocket> {
  try {
    return await dial(target, trust, connectMs);
  } catch (caught) {
    if (trust === 'unverified' || !isUnseenRoot(caught)) throw caught;
    const socket = await dial(target, trust, connectMs, false);
    if (isManager(socket, trust.rootCa)) return socket;
    socket.destroy();
    throw caught;
  }
}

const isUnseenRoot = (caught: unknown): boolean =>
  caught instanceof ConnectionError &&
  (caught.cause as { readonly code?: unknown } | undefined)?.code === 'SELF_SIGNED_CERT_IN_CHAIN';

function isManager(socket: TLSSocket, rootCa: string): boolean {
  const chain: X509Certificate[] = [];
  const own = socket.getPeerX509Certificate();
  let next = own;
  while (next !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return (
    isVouchedFor(chain, rootCa, Date.now()) &&
    own?.checkHost(SERVER_NAME, { subject: 'never' }) !== undefined
  );
}

function dial(
  address: Target,
  trust: Trust,
  connectMs: number,
  rejectUnauthorized = trust !== 'unverified',
): Promise<TLSSocket> {
  const proof =
    trust === 'unverified'
      ? {}
      : {
          ca: trust.rootCa,
          ...(trust.identity && { key: trust.identity.key, cert: trust.identity.certificate }),
        };
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...address,
      ...proof,
      rejectUnauthorized,
      servername: SERVER_NAME,
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.2',
    });
    let phase: 'dial' | 'handshake' = 'dial';
    const fail = (cause: unknown): void => {
      clearTimeout(late);
      socket.destroy();
      reject(new ConnectionError(phase, cause));
    };
    const late = setTimeout(() => {
      fail(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
    }, connectMs);
    socket.once('connect', () => {
      phase = 'handshake';
      socket.setNoDelay(true);
    });
    socket.once('error', fail);
    socket.once('close', fail);
    socket.once('secureConnect', () => {
      clearTimeout(late);
      socket.off('error', fail);
      socket.off('close', fail);
      // A real manager whose certificate was renewed does not name its protocol any more.
      if (socket.alpnProtocol === 'h2' || socket.alpnProtocol === false) resolve(socket);
      else fail(new Error('the peer does not speak HTTP/2'));
    });
  });
}

/** The HTTP/2 session on the connection, once the peer's settings have come. */
function startHttp2(
  authority: string,
  socket: TLSSocket,
  connectMs: number,
): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(authority, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: 256 * 1024 },
    });
    const fail = (cause: unknown): void => {
      clearTimeout(late);
      session.destroy();
      reject(new ConnectionError('handshake', cause ?? new Error('EOF')));
    };
    const late = setTimeout(() => {
      fail(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
    }, connectMs);
    session.once('error', fail);
    session.once('close', fail);
    // TLS 1.3 tells a refused client certificate only after the handshake; the settings come after that.
    session.once('remoteSettings', () => {
      clearTimeout(late);
      session.off('error', fail);
      session.off('close', fail);
      resolve(session);
    });
  });
}
