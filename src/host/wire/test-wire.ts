/** What the tests of the wire need: nodes with certificates, and callers that do not keep to the protocol. */
import { createPublicKey } from 'node:crypto';
import { connect as connectHttp2, performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { RootCa } from '../certs/certificate.ts';
import { createRootCa, generateKey, issueNodeCertificate, keyToPem } from '../certs/certificate.ts';
import type { TlsIdentity } from '../certs/tls-identity.ts';

export const ORG = 'clusterclusterclusterclus';
export const root = createRootCa(Date.now());

/** A node of the cluster, with a key of its own. */
export function identity(
  role: 'manager' | 'worker',
  nodeId: string,
  organization = ORG,
  ca: RootCa = root,
): TlsIdentity {
  const key = generateKey();
  const publicKey = createPublicKey(key);
  const request = { publicKey, nodeId, role, organization, now: Date.now() };
  return {
    key: keyToPem(key),
    certificate: issueNodeCertificate(ca, request),
    rootCa: ca.certificate,
  };
}

/** A TCP server that accepts and says nothing. */
export async function silentServer(): Promise<{ port: number; close: () => void }> {
  const sockets: { destroy(): void }[] = [];
  const listener = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  };
  return { port: (listener.address() as { port: number }).port, close };
}

/** A TLS server that speaks HTTP/2 without having agreed to it, and refuses every call with Aborted, `heard`. */
export async function unnamedServer({
  key,
  certificate,
}: TlsIdentity): Promise<{ address: string; close: () => void }> {
  const sockets: { destroy(): void }[] = [];
  const listener = createTlsServer({ key, cert: certificate }, (socket) => {
    sockets.push(socket);
    const session = performServerHandshake(socket);
    session.on('error', () => undefined);
    session.on('stream', (stream) => {
      stream.on('error', () => undefined);
      const trailers = { 'grpc-status': '10', 'grpc-message': 'heard' };
      const headers = { ':status': 200, 'content-type': 'application/grpc', ...trailers };
      stream.respond(headers, { endStream: true });
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  };
  return { address: `127.0.0.1:${(listener.address() as { port: number }).port}`, close };
}

export const tls = (port: number, ALPNProtocols: string[]) =>
  connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols });

/** Sends the noise and waits for the other side to hang up. */
export async function ended(socket: Socket, noise: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error('the server kept the connection'));
    }, 5000);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(late);
      resolve();
    });
    socket.resume();
    socket.write(noise);
  });
}

/** A call by hand; `null` sends headers and never a body. Resolves with the headers and trailers. */
export function rawCall(
  address: string,
  path: string,
  body: Buffer | null,
  more: Record<string, string> = {},
  createConnection?: () => Socket,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${address}`, {
      rejectUnauthorized: false,
      ...(createConnection && { createConnection }),
    });
    const found: Record<string, unknown> = {};
    const finish = (error?: Error) => {
      session.destroy();
      if (error === undefined) resolve(found);
      else reject(error);
    };
    session.on('error', finish);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...more,
    });
    stream.on('response', (headers, flags) => {
      Object.assign(found, headers, { flags });
    });
    stream.on('trailers', (trailers) => {
      Object.assign(found, trailers);
    });
    stream.on('error', finish);
    stream.on('close', () => {
      finish(stream.rstCode === 0 ? undefined : new Error(`reset with ${stream.rstCode}`));
    });
    stream.resume();
    if (body !== null) stream.end(body);
  });
}

export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 3000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come true within 3 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
