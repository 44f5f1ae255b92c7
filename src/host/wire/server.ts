/** Swarm's port (2377): one TLS listener, HTTP/2 only, gRPC only, every call judged before its body is read. */
import type {
  ConnectRouter,
  ContextValues,
  HandlerContext,
  Interceptor,
} from '@connectrpc/connect';
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
} from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import type {
  Http2SecureServer,
  Http2ServerRequest,
  Http2ServerResponse,
  SecureServerOptions,
  ServerHttp2Session,
} from 'node:http2';
import { constants, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isSwarmError, SwarmtwinError } from '../../model/errors.ts';
import type { TlsIdentity } from '../certs/key-store.ts';
import { accessOf } from './access.ts';
import type { Membership, Peer } from './peer.ts';
import { authorizePeer, peerOfSocket, resolvePeer, setPeer } from './peer.ts';
import { toStatus } from './status.ts';

/** SwarmKit: messages between managers are at most 4 MiB. */
export const MAX_MESSAGE_BYTES = 4 << 20;

export interface ServerLimits {
  readonly messageBytes: number;
  readonly headerBytes: number;
  readonly streamsPerConnection: number;
  readonly connections: number;
  /** From the first byte to the end of the TLS handshake. */
  readonly handshakeMs: number;
  /** A connection that is silent for so long is closed: agents beat every 5 s, managers every second. */
  readonly idleMs: number;
  /** The one message of a unary call must have come by then. */
  readonly bodyMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  messageBytes: MAX_MESSAGE_BYTES,
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
  /** Puts the services on the router; a service of `docker.swarmkit.v1` that is left out answers Unimplemented. */
  readonly routes: (router: ConnectRouter) => void;
  readonly limits?: Partial<ServerLimits>;
  /** A handler of ours failed with an error that is none of Swarm's. */
  readonly onFailure?: (method: string, failure: unknown) => void;
}

type Handlers = ReadonlyMap<string, UniversalHandler>;

/** The listener of one manager. */
export class WireServer {
  readonly #server: Http2SecureServer;
  readonly #sessions = new Map<ServerHttp2Session, Peer>();
  readonly #limits: ServerLimits;
  readonly #membership: Membership;
  readonly #handlers: Handlers;
  readonly #shutdown = new AbortController();
  #emptied: () => void = () => undefined;

  constructor(options: WireServerOptions) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#membership = options.membership;
    this.#handlers = this.#mount(options);
    this.#server = createSecureServer(tlsOptions(options.identity, this.#limits));
    this.#server.maxConnections = this.#limits.connections;
    this.#server.on('session', (session) => {
      this.#admit(session);
    });
    this.#server.on('request', (request, response) => {
      this.#serve(request, response);
    });
  }

  /** Starts to listen; port 0 picks a free one. Rejects with the reason and the address when it cannot. */
  async listen(
    host: string,
    port: number,
  ): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: unknown): void => {
        reject(
          SwarmtwinError.from(
            cause,
            'connection',
            `listening on ${host}:${port}`,
            'Free the port or name another address.',
          ),
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
    for (const [session, peer] of this.#sessions) {
      if (peer.nodeId === nodeId) session.close();
    }
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Ends every call, lets what is under way finish for `graceMs`, then cuts. Resolves when nothing is left. */
  async close(graceMs = 1000): Promise<void> {
    this.#shutdown.abort(new ConnectError('server is stopped', Code.Unavailable));
    const closed = Promise.all([this.#listenerClosed(), this.#sessionsClosed()]);
    for (const session of this.#sessions.keys()) session.close();
    const cut = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
    }, graceMs);
    await closed;
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

  #mount(options: WireServerOptions): Handlers {
    const router = createConnectRouter({
      connect: false,
      grpcWeb: false,
      grpc: true,
      acceptCompression: [],
      readMaxBytes: this.#limits.messageBytes,
      shutdownSignal: this.#shutdown.signal,
      requestGate: (context) => {
        this.#gate(context);
      },
      interceptors: [statusInterceptor(options.onFailure)],
    });
    options.routes(router);
    return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  }

  // Runs when the headers are there and before any of the body is read.
  #gate(context: HandlerContext): void {
    try {
      const direct = context.values.get(directPeerKey);
      if (direct === null) throw new ConnectError('internal error', Code.Internal);
      const peer = resolvePeer(direct, context.requestHeader, this.#membership);
      setPeer(context, peer);
      const access = accessOf(context.service.typeName, context.method.name);
      if (access !== 'anyone') authorizePeer(peer, access, this.#membership);
    } catch (caught) {
      throw toStatus(caught);
    }
  }

  #admit(session: ServerHttp2Session): void {
    this.#sessions.set(session, peerOfSocket(session.socket as TLSSocket));
    session.once('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#emptied();
    });
    // What went wrong with one connection ends that connection; its peer sees it and so do its streams.
    session.on('error', () => {
      session.destroy();
    });
    session.setTimeout(this.#limits.idleMs, () => {
      session.destroy();
    });
  }

  #serve(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const direct = this.#sessions.get(request.stream.session as ServerHttp2Session);
    const handler = this.#handlers.get(request.url);
    if (headerBytes(request) > this.#limits.headerBytes) {
      answer(request, Code.ResourceExhausted, 'the headers are too large');
      return;
    }
    if (direct === undefined || handler === undefined) {
      answer(request, Code.Unimplemented, `unknown method ${request.url.slice(0, 200)}`);
      return;
    }
    if (handler.method.methodKind === 'unary' || handler.method.methodKind === 'server_streaming') {
      this.#boundBody(request);
    }
    const values = createContextValues().set(directPeerKey, direct);
    this.#run(handler, request, response, values).catch(() => {
      // The answer could not be written: the caller is gone, and the handler was told by its signal.
      request.stream.close(constants.NGHTTP2_CANCEL);
    });
  }

  async #run(
    handler: UniversalHandler,
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    values: ContextValues,
  ): Promise<void> {
    if (!URL.canParse(request.url, `https://${request.authority}`)) {
      answer(request, Code.InvalidArgument, 'malformed request');
      return;
    }
    const universal = universalRequestFromNodeRequest(request, response, undefined, values);
    await universalResponseToNodeResponse(await handler(universal), response);
  }

  #boundBody(request: Http2ServerRequest): void {
    const late = setTimeout(() => {
      request.stream.close(constants.NGHTTP2_CANCEL);
    }, this.#limits.bodyMs);
    const settle = (): void => {
      clearTimeout(late);
    };
    request.stream.once('end', settle);
    request.stream.once('close', settle);
  }
}

const directPeerKey = createContextKey<Peer | null>(null, { description: 'direct peer' });

const secureContext = (identity: TlsIdentity): SecureServerOptions => ({
  key: identity.key,
  cert: identity.certificate,
  ca: identity.rootCa,
  minVersion: 'TLSv1.2',
});

const tlsOptions = (identity: TlsIdentity, limits: ServerLimits): SecureServerOptions => ({
  ...secureContext(identity),
  ALPNProtocols: ['h2'],
  // A machine that wants to join has no certificate yet; each call is judged by itself.
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: limits.handshakeMs,
  unknownProtocolTimeout: limits.handshakeMs,
  maxSessionMemory: 16,
  settings: {
    maxConcurrentStreams: limits.streamsPerConnection,
    maxHeaderListSize: limits.headerBytes,
    initialWindowSize: 256 * 1024,
    enablePush: false,
  },
});

// HTTP/2's own setting is advice to the sender; nghttp2 itself stops only at 64 KiB.
const headerBytes = (request: Http2ServerRequest): number =>
  request.rawHeaders.reduce((sum, part) => sum + part.length, 0);

/**
 * A refusal before any handler, in gRPC's form for it: one frame of headers that ends the stream. With an empty body after
 * them, grpc-go reports a stream without trailers instead of the status, and dockerd gives its session up.
 */
function answer(request: Http2ServerRequest, code: Code, message: string): void {
  if (request.stream.destroyed) return;
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': encodeURIComponent(message).replaceAll('%20', ' '),
  };
  request.stream.respond(headers, { endStream: true });
  request.resume();
}

/** Turns what handlers throw into statuses, in the call and in the stream it answers with. */
function statusInterceptor(onFailure: WireServerOptions['onFailure']): Interceptor {
  return (next) => async (request) => {
    const fail = (caught: unknown): ConnectError => {
      // A caller who went away is no failure of the handler that was answering.
      const gone = request.signal.aborted || isStreamGone(caught);
      if (!gone && !(caught instanceof ConnectError) && !isSwarmError(caught)) {
        onFailure?.(`${request.service.typeName}/${request.method.name}`, caught);
      }
      return toStatus(caught);
    };
    try {
      const response = await next(request);
      return response.stream
        ? { ...response, message: withStatus(response.message, fail) }
        : response;
    } catch (caught) {
      throw fail(caught);
    }
  };
}

const isStreamGone = (caught: unknown): boolean =>
  caught instanceof Error &&
  /^ERR_(HTTP2|STREAM)_/.test(String((caught as NodeJS.ErrnoException).code));

async function* withStatus<T>(
  messages: AsyncIterable<T>,
  fail: (caught: unknown) => ConnectError,
): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (caught) {
    throw fail(caught);
  }
}
