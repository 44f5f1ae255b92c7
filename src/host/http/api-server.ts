/** The node's Engine API: the swarm's part answered here, everything else by the node's own dockerd. */
import { once } from 'node:events';
import { chmod, chown, rm } from 'node:fs/promises';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type Dockerode from 'dockerode';
import {
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
  type BodySink,
  parseTarget,
} from '../../engine-api/api-message.ts';
import { handle, route } from '../../engine-api/handler.ts';
import { mergeInfo, pingHeaders } from '../../engine-api/info.ts';
import type { SwarmNodeView } from '../../engine-api/node-view.ts';
import { messageOf, SwarmtwinError } from '../../model/errors.ts';
import type { SwarmEventLog } from '../../engine-api/swarm-events.ts';
import { containerView, serveContainerView } from './container-view.ts';
import { serveEvents } from './event-stream.ts';
import { passThrough, passUpgrade, type EngineAddress } from './pass-through.ts';
import { readBody } from './read-body.ts';

const BODY_MS = 20_000;
/** For a request's head, counted from its first byte, and for a TLS handshake; how often it is looked for what is late. */
const HEADERS_MS = 10_000;
const LOOK_MS = 2_500;
/** Go's bound; `docker build` brings the credentials of every registry in one header. */
const HEADER_BYTES = 1 << 20;
/** Go: how soon it is asked whether a client that says nothing is still there. */
const KEEP_ALIVE_MS = 15_000;
/** moby: what `/info` may take, the wait for a leader included. */
const INFO_MS = 30_000;

/** Requests of any length and connections that wait for the next one are dockerd's too: a build's context, `docker events`, clients that keep theirs. */
const BOUNDS = {
  headersTimeout: HEADERS_MS,
  requestTimeout: 0,
  keepAliveTimeout: 0,
  connectionsCheckingInterval: LOOK_MS,
  maxHeaderSize: HEADER_BYTES,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
  // What is the swarm's, and asks for another protocol (curl --http2), gets its answer in this one, as from dockerd.
  shouldUpgradeCallback: ({ method = 'GET', url = '/' }: IncomingMessage): boolean =>
    route({ method, path: parseTarget(url).path }) === 'engine',
};
const TLS_BOUNDS = { minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_MS } as const;

/** Go's clients are silent about a 408 on a connection that they keep. */
const REFUSALS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

export interface ApiServerOptions {
  readonly view: SwarmNodeView;
  readonly docker: Dockerode;
  readonly engine: EngineAddress;
  readonly api: ApiOptions;
  /** Where this node keeps the files of secrets and configs. */
  readonly taskFiles: string;
  /** What the swarm tells of itself on this node. */
  readonly events: SwarmEventLog;
  /** What this node's clock is off by, for a lab to prove a skew. */
  clockOffsetMs(): number;
  log(message: string): void;
}

export interface ListenOptions {
  /** PEM; with `ca` only clients that it signed are served. */
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    readonly ca?: string;
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  /** Who may use a unix socket beside root; only root where it is left out. */
  readonly groupId?: number;
}

export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #servers: Server[] = [];

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  /** Listens on `unix:///path`, `tcp://host:port` or an open `fd://number`. Errors: `connection`, with the address. */
  async listen(host: string, options: ListenOptions = {}): Promise<void> {
    const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      this.#serve(incoming, outgoing);
    };
    const server =
      options.tls === undefined
        ? createServer(BOUNDS, serve)
        : createTlsServer({ ...BOUNDS, ...TLS_BOUNDS, ...options.tls }, serve);
    server.on('upgrade', (incoming, socket, head) => {
      passUpgrade(this.#options.engine, incoming, socket, head);
    });
    server.on('clientError', (caught: NodeJS.ErrnoException, socket) => {
      const status = REFUSALS[caught.code ?? ''] ?? '400 Bad Request';
      // A client that does not read, nor end, is not waited for.
      if (socket.writable)
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
      else socket.destroy();
    });
    try {
      await open(server, host, options.groupId ?? null);
    } catch (caught) {
      throw SwarmtwinError.from(
        caught,
        'connection',
        `listening on ${host}`,
        'Free that address or name another with --host.',
      );
    }
    this.#servers.push(server);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.splice(0).map(async (server) => {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = incoming.url ?? '/';
    if (target === '/swarmtwin/clock') {
      send(outgoing, {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ offsetMs: this.#options.clockOffsetMs() }),
      });
      return;
    }
    const kind = route({ method: incoming.method ?? 'GET', path: parseTarget(target).path });
    if (kind === 'engine') this.#engine(incoming, outgoing);
    else if (kind === 'swarm') this.#swarm(incoming, outgoing);
    else if (kind === 'events') {
      const { engine, events: swarm, api } = this.#options;
      serveEvents({ engine, swarm, behaveLike: api.behaveLike }, incoming, outgoing);
    } else this.#engineAnd(kind, incoming, outgoing);
  }

  #engine(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { engine, api, taskFiles } = this.#options;
    const { behaveLike } = api;
    const { method = 'GET', url = '/' } = incoming;
    const view = containerView(method, url, { behaveLike, taskFiles });
    if (view === null) passThrough(engine, incoming, outgoing);
    else serveContainerView(engine, view, incoming, outgoing);
  }

  #swarm(incoming: IncomingMessage, outgoing: ServerResponse): void {
    readBody(incoming, BODY_MS, (body) => {
      if (!body.ok) {
        send(outgoing, {
          status: body.status,
          headers: { 'Content-Type': 'application/json', Connection: 'close' },
          body: `${JSON.stringify({ message: body.message })}\n`,
        });
        return;
      }
      const request: ApiRequest = {
        method: incoming.method ?? 'GET',
        ...parseTarget(incoming.url ?? '/'),
        headers: singleHeaders(incoming),
        body: body.bytes,
      };
      const answer = (response: ApiResponse): void => {
        send(outgoing, response);
      };
      handle(this.#options.view, request, answer, this.#options.api);
    });
  }

  // `/info` and `/_ping` are dockerd's, with the swarm's part put in.
  #engineAnd(kind: 'info' | 'ping', incoming: IncomingMessage, outgoing: ServerResponse): void {
    incoming.resume();
    if (kind === 'ping') {
      const extra = pingHeaders(this.#options.view, this.#options.api.behaveLike);
      this.#ask(
        incoming,
        (status, headers, body) => {
          send(outgoing, {
            status,
            headers: { ...headers, ...extra },
            body: incoming.method === 'HEAD' ? '' : body,
          });
        },
        outgoing,
      );
      return;
    }
    this.#ask(
      incoming,
      (status, headers, body) => {
        if (status !== 200) {
          send(outgoing, { status, headers, body });
          return;
        }
        this.#options.view.info((result) => {
          if (!result.ok) {
            send(outgoing, {
              status: 500,
              headers: { 'Content-Type': 'application/json' },
              body: `${JSON.stringify({ message: result.error.text })}\n`,
            });
            return;
          }
          const merged = mergeInfo(
            JSON.parse(body) as Record<string, unknown>,
            result.value,
            this.#options.api.behaveLike,
          );
          send(outgoing, { status, headers, body: `${JSON.stringify(merged)}\n` });
        });
      },
      outgoing,
    );
  }

  #ask(
    incoming: IncomingMessage,
    done: (status: number, headers: Record<string, string>, body: string) => void,
    outgoing: ServerResponse,
  ): void {
    const base = `http://engine${incoming.url ?? '/'}`;
    askEngine(
      this.#options.engine,
      incoming.method ?? 'GET',
      new URL(base).pathname + new URL(base).search,
      INFO_MS,
    ).then(
      ({ status, headers, body }) => {
        done(status, headers, body);
      },
      (caught: unknown) => {
        const message = `the container engine behind this node cannot be reached at ${this.#options.engine.socketPath}: ${messageOf(caught)}`;
        send(outgoing, {
          status: 503,
          headers: { 'Content-Type': 'application/json' },
          body: `${JSON.stringify({ message })}\n`,
        });
      },
    );
  }
}

function askEngine(
  engine: EngineAddress,
  method: string,
  path: string,
  deadlineMs: number,
): Promise<{
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}> {
  return new Promise((resolve, reject) => {
    const onward = request(
      {
        socketPath: engine.socketPath,
        method,
        path,
        headers: { Host: 'docker' },
        signal: AbortSignal.timeout(deadlineMs),
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const headers = singleHeaders(answer);
          // The body is whole by now, and its length may yet change.
          delete headers['transfer-encoding'];
          delete headers['content-length'];
          resolve({
            status: answer.statusCode ?? 502,
            headers: dressed(answer, headers),
            body: Buffer.concat(parts).toString(),
          });
        });
      },
    );
    onward.on('error', reject);
    onward.end();
  });
}

// Header names as dockerd wrote them.
function dressed(answer: IncomingMessage, headers: Record<string, string>): Record<string, string> {
  const names = new Map(
    answer.rawHeaders.filter((_text, at) => at % 2 === 0).map((name) => [name.toLowerCase(), name]),
  );
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [names.get(name) ?? name, value]),
  );
}

function singleHeaders(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function send(outgoing: ServerResponse, { status, headers, body, stream }: ApiResponse): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  if (stream !== undefined) {
    outgoing.writeHead(status, headers);
    // A client that follows is to know at once that it is served.
    outgoing.flushHeaders();
    stream(bodyOf(outgoing));
    return;
  }
  const length =
    status === 204 || status === 304 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(body);
}

function bodyOf(outgoing: ServerResponse): BodySink {
  return {
    write: (bytes) => {
      if (outgoing.writable) outgoing.write(bytes);
    },
    end: () => {
      outgoing.end();
    },
    whenReady: (callback) => {
      if (!outgoing.writableNeedDrain || outgoing.destroyed) {
        callback();
        return;
      }
      const ready = (): void => {
        outgoing.off('drain', ready);
        outgoing.off('close', ready);
        callback();
      };
      outgoing.on('drain', ready);
      outgoing.on('close', ready);
    },
    onClose: (callback) => {
      if (outgoing.destroyed) callback();
      else outgoing.once('close', callback);
    },
  };
}

async function open(server: Server, host: string, groupId: number | null): Promise<void> {
  const url = new URL(host);
  const listening = once(server, 'listening');
  if (url.protocol === 'unix:') {
    // A killed process leaves its socket file; nobody else may be behind it, since the data folder is locked to one daemon.
    await rm(url.pathname, { force: true });
    // Nobody else may connect before the rights are as they should be.
    const before = process.umask(0o177);
    try {
      server.listen({ path: url.pathname });
    } finally {
      process.umask(before);
    }
    await listening;
    if (groupId !== null) await chown(url.pathname, 0, groupId);
    await chmod(url.pathname, 0o660);
    return;
  }
  if (url.protocol === 'fd:') {
    server.listen({ fd: Number(url.host) });
    await listening;
    return;
  }
  server.listen({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) });
  await listening;
}
