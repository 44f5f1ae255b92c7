/** Swarm's port (2377): one TLS listener, HTTP/2 only, gRPC only, every call judged before its body is read. */
import type {
  Http2SecureServer,
  IncomingHttpHeaders,
  SecureServerOptions,
  ServerHttp2Session,
  ServerSessionOptions,
  ServerHttp2Stream,
} from 'node:http2';
import { createSecureServer, performServerHandshake } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isSwarmError, SwarmError, SwarmtwinError } from '../../model/errors.ts';
import type { TlsIdentity } from '../certs/tls-identity.ts';
import { accessOf } from './access.ts';
import { MAX_MESSAGE_BYTES } from './frames.ts';
import type { Membership, Peer } from './peer.ts';
import { authorizePeer, peerOfSocket, peerOrStranger, resolvePeer } from './peer.ts';
import type { AnyHandler } from './router.ts';
import { pathOf, Router } from './router.ts';
import { refuse, Room, ServerCall, type CallLimits } from './server-call.ts';

export interface ServerLimits {
  readonly messageBytes: number;
  /** Of a call that anyone may make, with a certificate or without: a signing request is some hundred bytes long. */
  readonly strangerBytes: number;
  /** Of all bodies of one connection that are not whole yet. */
  readonly underWayBytes: number;
  readonly headerBytes: number;
  readonly streamsPerConnection: number;
  readonly connections: number;
  /** From the first byte to the end of the TLS handshake. */
  readonly handshakeMs: number;
  /** A connection that is silent for so long is closed: agents beat every 5 s, managers every second. */
  readonly idleMs: number;
  /** The one message of a call that has one must have come by then. */
  readonly bodyMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  messageBytes: MAX_MESSAGE_BYTES,
  strangerBytes: 64 * 1024,
  underWayBytes: 8 * MAX_MESSAGE_BYTES,
  headerBytes: 16 * 1024,
  streamsPerConnection: 256,
  connections: 4096,
  handshakeMs: 10_000,
  idleMs: 60_000,
  bodyMs: 20_000,
};

export interface WireServerOptions {
  readonly identity: TlsIdentity;
  readonly membership: Membership;
  /** Puts the services on the router; a method that is left out answers Unimplemented. */
  readonly routes: (router: Router) => void;
  readonly limits?: Partial<ServerLimits>;
  /** A handler of ours failed with an error that is none of Swarm's. */
  readonly onFailure?: (method: string, failure: unknown) => void;
}

// Node passes the raw headers as well; its types leave them out.
type StreamArguments = [
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
];

interface Connected {
  readonly peer: Peer;
  readonly calls: Set<ServerCall>;
  readonly room: Room;
}

/** The listener of one manager. */
export class WireServer {
  readonly #server: Http2SecureServer;
  readonly #sessions = new Map<ServerHttp2Session, Connected>();
  readonly #limits: ServerLimits;
  readonly #membership: Membership;
  readonly #onFailure: NonNullable<WireServerOptions['onFailure']>;
  readonly #router = new Router();
  /** Also those whose handshake is not done. */
  readonly #sockets = new Set<Socket>();
  #emptied: () => void = () => undefined;
  #closing = false;

  constructor(options: WireServerOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#membership = options.membership;
    this.#onFailure = options.onFailure ?? (() => undefined);
    options.routes(this.#router);
    this.#server = createSecureServer(tlsOptions(options.identity, this.#limits));
    this.#server.maxConnections = this.#limits.connections;
    const keep = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
      });
    };
    this.#server.on('connection', keep);
    this.#server.on('secureConnection', keep);
    this.#server.on('session', (session) => {
      this.#admit(session);
    });
    this.#server.on('stream', (...[stream, headers, , rawHeaders]: StreamArguments) => {
      this.#serve(stream, headers, rawHeaders);
    });
    this.#server.on('unknownProtocol', (socket: TLSSocket) => {
      this.#greet(socket);
    });
  }

  /** Starts to listen; port 0 picks a free one. Rejects with the reason and the address when it cannot. */
  async listen(
    host: string,
    port: number,
  ): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: unknown): void => {
        const tried = `listening on ${host}:${port}`;
        reject(
          SwarmtwinError.from(cause, 'connection', tried, 'Free the port or name another address.'),
        );
      };
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        resolve();
      });
    });
    const { address, port: bound } = this.#server.address() as AddressInfo;
    return { host: address, port: bound };
  }

  /** New connections use the new certificate and trust the new roots; old connections stay as they are. */
  renew(identity: TlsIdentity): void {
    this.#server.setSecureContext(secureContext(identity));
  }

  /** Closes the connections of a node, whose next call then meets today's rules. */
  disconnect(nodeId: string): void {
    for (const [session, { peer }] of this.#sessions) {
      if (peer.nodeId === nodeId) session.close();
    }
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Ends every call with Unavailable, lets the answers out for `graceMs`, then cuts. Resolves when nothing is left. */
  async close(graceMs = 1000): Promise<void> {
    this.#closing = true;
    const listenerClosed = this.#listenerClosed();
    for (const [session, { calls }] of this.#sessions) {
      session.close();
      for (const call of calls) call.abort(new SwarmError('Unavailable', 'server is stopped'));
    }
    const cut = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
      // A session that was asked to close waits for a peer behind a cut link to take its last bytes; its socket does not.
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await listenerClosed;
    // Last: a handshake that was under way may have become a session meanwhile.
    await this.#sessionsClosed();
    clearTimeout(cut);
  }

  #listenerClosed(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #sessionsClosed(): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied = resolve;
      if (this.#sessions.size === 0) resolve();
    });
  }

  #admit(session: ServerHttp2Session): void {
    const peer = peerOfSocket(session.socket as TLSSocket);
    this.#sessions.set(session, {
      peer,
      calls: new Set(),
      room: new Room(this.#limits.underWayBytes),
    });
    session.once('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#emptied();
    });
    if (this.#closing) session.destroy();
    // What went wrong with one connection ends that connection; its peer sees it and so do its streams.
    session.on('error', () => {
      session.destroy();
    });
    session.setTimeout(this.#limits.idleMs, () => {
      session.destroy();
    });
  }

  // A real node whose certificate was renewed does not name a protocol any more (SwarmKit: loadNewTLSConfig), and speaks HTTP/2 all the same.
  #greet(socket: TLSSocket): void {
    const session = performServerHandshake(socket, sessionOptions(this.#limits));
    session.on('stream', (...[stream, headers, , rawHeaders]: StreamArguments) => {
      this.#serve(stream, headers, rawHeaders);
    });
    this.#admit(session);
  }

  #serve(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    const connected = this.#sessions.get(stream.session as ServerHttp2Session);
    if (connected === undefined) {
      stream.destroy();
      return;
    }
    try {
      const handler = this.#handlerFor(headers, rawHeaders);
      const judge = (): Peer => this.#authorized(connected.peer, headers, handler);
      const request = { headers, peer: judge(), room: connected.room, judge };
      const limits = this.#limitsFor(handler);
      const call = new ServerCall(stream, handler, request, limits, (...failed) => {
        this.#failed(...failed);
      });
      connected.calls.add(call);
      stream.once('close', () => {
        connected.calls.delete(call);
      });
      void call.run();
    } catch (caught) {
      // Without a listener, an error of a stream that nobody serves would end the process.
      stream.on('error', () => {
        stream.destroy();
      });
      refuse(stream, isSwarmError(caught) ? caught : new SwarmError('Internal', 'internal error'));
    }
  }

  #handlerFor(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): AnyHandler {
    // HTTP/2's own setting is advice to the sender; nghttp2 itself stops only at 64 KiB.
    if (rawHeaders.reduce((sum, part) => sum + part.length, 0) > this.#limits.headerBytes) {
      throw new SwarmError('ResourceExhausted', 'the headers are too large');
    }
    const path = headers[':path'] ?? '';
    const isGrpc = /^application\/grpc(\+proto)?($|;)/.test(headers['content-type'] ?? '');
    if (headers[':method'] !== 'POST' || !isGrpc) {
      throw new SwarmError('InvalidArgument', 'this port speaks gRPC only');
    }
    const handler = this.#router.find(path);
    if (handler !== undefined) return handler;
    throw new SwarmError('Unimplemented', `unknown method ${path.slice(0, 200)}`);
  }

  #authorized(direct: Peer, headers: IncomingHttpHeaders, handler: AnyHandler): Peer {
    const peer = resolvePeer(direct, headers, this.#membership);
    const access = accessOf(handler.method.parent.typeName, handler.method.name);
    return access === 'anyone'
      ? peerOrStranger(peer, this.#membership)
      : authorizePeer(peer, access, this.#membership);
  }

  #limitsFor({ method }: AnyHandler): CallLimits {
    const { messageBytes, strangerBytes } = this.#limits;
    const isForAnyone = accessOf(method.parent.typeName, method.name) === 'anyone';
    return isForAnyone
      ? { ...this.#limits, messageBytes: Math.min(messageBytes, strangerBytes) }
      : this.#limits;
  }

  #failed(method: AnyHandler['method'], failure: unknown): void {
    this.#onFailure(pathOf(method).slice(1), failure);
  }
}

const secureContext = (identity: TlsIdentity): SecureServerOptions => ({
  key: identity.key,
  cert: identity.certificate,
  ca: identity.rootCa,
  minVersion: 'TLSv1.2',
});

const sessionOptions = (limits: ServerLimits): ServerSessionOptions => ({
  maxSessionMemory: 16,
  settings: {
    maxConcurrentStreams: limits.streamsPerConnection,
    maxHeaderListSize: limits.headerBytes,
    initialWindowSize: 256 * 1024,
    enablePush: false,
  },
});

const tlsOptions = (identity: TlsIdentity, limits: ServerLimits): SecureServerOptions => ({
  ...secureContext(identity),
  ...sessionOptions(limits),
  ALPNProtocols: ['h2'],
  // A machine that wants to join has no certificate yet; each call is judged by itself.
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: limits.handshakeMs,
  unknownProtocolTimeout: limits.handshakeMs,
});
