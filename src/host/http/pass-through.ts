/** Hands a request to the node's own dockerd, byte for byte, and its answer back. */
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Where dockerd listens: a unix socket's path. */
export interface EngineAddress {
  readonly socketPath: string;
}

/** An ordinary request: headers, body and answer are streamed, trailers and all. */
export function passThrough(
  engine: EngineAddress,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const onward = request({
    socketPath: engine.socketPath,
    method: incoming.method,
    path: incoming.url,
    headers: headersOf(incoming.rawHeaders),
    setHost: false,
  });
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
    // Logs and events send their head long before the first byte of their body.
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  onward.on('upgrade', (answer, socket, head) => {
    // dockerd switched protocols without being asked to: the client's raw bytes are its own from here on.
    spliceUpgraded(answer, socket, head, incoming, outgoing);
  });
  onward.on('error', (caught) => {
    refuse(outgoing, engine, caught);
  });
  outgoing.on('close', () => onward.destroy());
  sendBody(incoming, onward);
}

/**
 * Where the length is known, the last piece and the end of the request go in one write: dockerd answers as soon as it has all, and closes the connection where
 * it was asked to; a write after that, be it of nothing, is an error that costs the answer.
 */
function sendBody(incoming: IncomingMessage, onward: ClientRequest): void {
  let left = Number(incoming.headers['content-length'] ?? 0);
  if (!(left > 0)) {
    incoming.pipe(onward);
    return;
  }
  incoming.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left <= 0) onward.end(piece);
    else if (!onward.write(piece)) {
      incoming.pause();
      onward.once('drain', () => incoming.resume());
    }
  });
}

/** A request that asks to switch protocols (attach, exec, build sessions): from its first byte on both sockets are one. */
export function passUpgrade(
  engine: EngineAddress,
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  const server = connect({ path: engine.socketPath, allowHalfOpen: true });
  // From here on nobody else hears of it, and an error that nobody hears ends the process.
  client.on('error', () => server.destroy());
  server.on('connect', () => {
    server.write(headOf(incoming));
    if (head.length > 0) server.write(head);
    splice(client, server);
  });
  server.on('error', (caught) => {
    if (!client.destroyed) {
      const body = JSON.stringify({ message: unreachable(engine, caught) });
      client.end(
        `HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  });
}

function splice(client: Duplex, server: Socket): void {
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroy());
  client.pipe(server);
  server.pipe(client);
}

function spliceUpgraded(
  answer: IncomingMessage,
  socket: Socket,
  head: Buffer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const client = incoming.socket;
  outgoing.detachSocket(client);
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 101} ${answer.statusMessage ?? 'UPGRADED'}`];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
  }
  client.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) client.write(head);
  client.on('error', () => socket.destroy());
  splice(client, socket);
}

function headersOf(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function headOf(incoming: IncomingMessage): string {
  const lines = [`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1`];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    lines.push(`${incoming.rawHeaders[at] ?? ''}: ${incoming.rawHeaders[at + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const unreachable = (engine: EngineAddress, caught: Error): string =>
  `the container engine behind this node cannot be reached at ${engine.socketPath}: ${caught.message}`;

/** Says that the engine cannot be reached, if it can still be said. */
export function refuse(outgoing: ServerResponse, engine: EngineAddress, caught: Error): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(503, { 'Content-Type': 'application/json' });
  outgoing.end(`${JSON.stringify({ message: unreachable(engine, caught) })}\n`);
}
