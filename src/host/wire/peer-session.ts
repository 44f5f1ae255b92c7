/** One HTTP/2 connection to one manager, opened when first needed and again after it broke. */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';
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

/** The session that connect's transport draws its streams from. Errors are {@link ConnectionError}. */
export class PeerSession {
  readonly authority: string;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #trust: Trust;
  readonly #times: SessionTimes;
  #session: Promise<ClientHttp2Session> | null = null;
  #open: ClientHttp2Session | null = null;
  #lastHeard = 0;
  #watch: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(address: string, trust: Trust, times: SessionTimes) {
    const url = new URL(`https://${address}`);
    this.authority = url.origin;
    this.#address = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 443 : Number(url.port),
    };
    this.#trust = trust;
    this.#times = times;
  }

  /** Opens a stream; the transport writes the body and reads the answer. */
  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
  ): Promise<ClientHttp2Stream> {
    const session = await this.#ready();
    const stream = session.request({ ...headers, ':method': method, ':path': path });
    const heard = (): void => {
      this.notifyResponseByteRead();
    };
    stream.once('response', heard);
    return stream;
  }

  /** Told by the transport for every piece of an answer: the peer is alive. */
  notifyResponseByteRead(): void {
    this.#lastHeard = performance.now();
  }

  /** Whether a connection is open at this moment. */
  get connected(): boolean {
    return this.#open !== null && !this.#open.destroyed && !this.#open.closed;
  }

  /** Gives the connection up with everything on it; the next call opens another. */
  reset(): void {
    this.#open?.destroy(new ConnectionError('open', new Error('connection reset by this side')));
    this.#forget();
  }

  /** Gives the connection up for good. */
  close(): void {
    this.#closed = true;
    const opening = this.#session;
    this.#open?.destroy();
    this.#forget();
    // A connection that is still being made is ended when it is there; when it fails, nothing is left to end.
    opening?.then(
      (session) => {
        session.destroy();
      },
      () => undefined,
    );
  }

  async #ready(): Promise<ClientHttp2Session> {
    if (this.#closed) throw new ConnectionError('open', new Error('the connection was closed'));
    if (this.#open !== null && (this.#open.destroyed || this.#open.closed)) this.#forget();
    this.#session ??= this.#connect();
    return await this.#session;
  }

  async #connect(): Promise<ClientHttp2Session> {
    try {
      const socket = await dial(this.#address, this.#trust, this.#times.connectMs);
      const session = await startHttp2(this.authority, socket, this.#times.connectMs);
      if (this.#closed) {
        session.destroy();
        throw new ConnectionError('open', new Error('the connection was closed'));
      }
      this.#adopt(session);
      return session;
    } catch (caught) {
      this.#session = null;
      throw caught instanceof ConnectionError ? caught : new ConnectionError('open', caught);
    }
  }

  #adopt(session: ClientHttp2Session): void {
    this.#open = session;
    this.#lastHeard = performance.now();
    session.on('error', () => {
      session.destroy();
    });
    const lost = (): void => {
      if (this.#open === session) this.#forget();
    };
    session.once('close', lost);
    // After a GOAWAY the streams under way may finish; new ones need a new connection.
    session.once('goaway', lost);
    this.#watch = setInterval(() => {
      this.#checkAlive(session);
    }, this.#times.pingAfterMs).unref();
  }

  #checkAlive(session: ClientHttp2Session): void {
    if (performance.now() - this.#lastHeard < this.#times.pingAfterMs) return;
    const late = setTimeout(() => {
      session.destroy(new ConnectionError('open', new Error('keepalive ping failed')));
    }, this.#times.pingTimeoutMs);
    const sent = session.ping(() => {
      clearTimeout(late);
      this.#lastHeard = performance.now();
    });
    if (!sent) clearTimeout(late);
  }

  #forget(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    this.#open = null;
    this.#session = null;
  }
}

/** The TLS connection, proved as `trust` says. */
function dial(
  address: { readonly host: string; readonly port: number },
  trust: Trust,
  connectMs: number,
): Promise<TLSSocket> {
  const proof =
    trust === 'unverified'
      ? { rejectUnauthorized: false }
      : {
          ca: trust.rootCa,
          ...(trust.identity && { key: trust.identity.key, cert: trust.identity.certificate }),
        };
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...address,
      ...proof,
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
      if (socket.alpnProtocol === 'h2') resolve(socket);
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
