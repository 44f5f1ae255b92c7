/** Whoever may stand before the manager port of a twin whose root we know: nodes, strangers, and nodes of yesterday. */
import { createPublicKey } from 'node:crypto';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import {
  createRootCa,
  generateKey,
  issueNodeCertificate,
  keyToPem,
  type RootCa,
} from '../../src/host/certs/certificate.ts';
import type { TlsIdentity } from '../../src/host/certs/tls-identity.ts';
import { Connection } from '../../src/host/wire/client.ts';
import { Dispatcher } from '../../src/host/wire/gen/dispatcher_pb.js';
import { NodeCA } from '../../src/host/wire/gen/ca_pb.js';
import { createSigningRequest } from '../../src/host/certs/signing-request.ts';
import { within, type TwinProcess } from './twin-process.ts';

const DAY_MS = 86_400_000;
const BEAT_MS = 2000;
const ANSWER_MS = 10_000;
/** Streams of the server’s, and a wait for a signature, may go on for ever, and are given up. */
const ENDLESS = /\/(NodeCertificateStatus|Session|Assignments|ListenSubscriptions|SubscribeLogs)$/;
const ENDLESS_MS = 200;

export type CallerKind =
  'nobody' | 'worker' | 'unknown worker' | 'manager' | 'stranger' | 'expired';

interface Swarm {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: object & { readonly CAConfig: object };
  readonly RootRotationInProgress: boolean;
  readonly JoinTokens: { readonly Worker: string };
  readonly TLSInfo: { readonly TrustRoot: string };
}

/** How a raw call ended. */
export interface RawEnd {
  readonly status: string;
  readonly message: string;
  /** Of HTTP/2, where the stream was reset; null where it ended well. */
  readonly reset: number | null;
}

export class GrpcCallers {
  readonly workerId: string;
  /** Of the worker's session, which it really has. */
  readonly sessionId: string;
  readonly #twin: TwinProcess;
  readonly #identities: ReadonlyMap<CallerKind, TlsIdentity | null>;
  readonly #sessions = new Map<CallerKind, ClientHttp2Session>();
  readonly #held: Connection;
  readonly #beat: NodeJS.Timeout;

  private constructor(
    twin: TwinProcess,
    identities: ReadonlyMap<CallerKind, TlsIdentity | null>,
    held: {
      readonly connection: Connection;
      readonly workerId: string;
      readonly sessionId: string;
    },
  ) {
    this.#twin = twin;
    this.#identities = identities;
    this.#held = held.connection;
    this.workerId = held.workerId;
    this.sessionId = held.sessionId;
    const { sessionId } = held;
    this.#beat = setInterval(() => {
      // That the session is over is for the test to see.
      this.#held.unary(Dispatcher.method.heartbeat, { sessionId }).catch(() => undefined);
    }, BEAT_MS);
  }

  /** Gives the swarm a root of ours, and joins one worker to it that has a session and no machine. */
  static async of(twin: TwinProcess): Promise<GrpcCallers> {
    const root = createRootCa(Date.now());
    const swarm = await useRoot(twin, root);
    const address = `127.0.0.1:${twin.managerPort}`;
    const workerId = await enrol(address, root, swarm.JoinTokens.Worker);
    const identities = new Map<CallerKind, TlsIdentity | null>([
      ['nobody', null],
      ['worker', identity(root, swarm.ID, 'worker', workerId)],
      ['unknown worker', identity(root, swarm.ID, 'worker', 'nobody0nobody0nobody0nobo')],
      ['manager', identity(root, swarm.ID, 'manager', workerId)],
      ['stranger', identity(createRootCa(Date.now()), swarm.ID, 'manager', workerId)],
      ['expired', identity(root, swarm.ID, 'manager', workerId, 3 * DAY_MS)],
    ]);
    const own = identities.get('worker') ?? undefined;
    const trust = { rootCa: root.certificate, ...(own === undefined ? {} : { identity: own }) };
    const connection = new Connection({ address, trust });
    const messages = connection.serverStream(Dispatcher.method.session, {
      description: { hostname: 'hostile' },
    });
    const first = await messages.next();
    if (first.done === true) throw new Error('the dispatcher gives no session');
    const { sessionId } = first.value;
    return new GrpcCallers(twin, identities, { connection, workerId, sessionId });
  }

  static readonly kinds: readonly CallerKind[] = [
    'nobody',
    'worker',
    'unknown worker',
    'manager',
    'stranger',
    'expired',
  ];

  /** A connection of that caller; the one it has, if that still serves. */
  session(kind: CallerKind): ClientHttp2Session {
    const open = this.#sessions.get(kind);
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const fresh = this.connect(kind);
    this.#sessions.set(kind, fresh);
    return fresh;
  }

  /** A new connection of that caller. What becomes of it is the caller's to see. */
  connect(kind: CallerKind): ClientHttp2Session {
    const identity = this.#identities.get(kind) ?? null;
    const session = connect(`https://127.0.0.1:${this.#twin.managerPort}`, {
      rejectUnauthorized: false,
      ...(identity === null ? {} : { key: identity.key, cert: identity.certificate }),
    });
    session.on('error', () => {
      session.destroy();
    });
    return session;
  }

  /** Sends a body as it is; `stays` sends no end. Rejects where the call neither ends nor is reset in time. */
  call(
    kind: CallerKind,
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    stays = false,
  ): Promise<RawEnd> {
    return new Promise((resolve, reject) => {
      const found = new Map<string, unknown>();
      const keep = (headers: IncomingHttpHeaders): void => {
        for (const [name, value] of Object.entries(headers)) found.set(name, value);
      };
      const text = (name: string): string => {
        const value = found.get(name);
        return typeof value === 'string' ? value : '';
      };
      const stream = this.session(kind).request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      const isEndless = stays || ENDLESS.test(path);
      const late = setTimeout(
        () => {
          stream.close(constants.NGHTTP2_CANCEL);
          if (!isEndless)
            reject(new Error(`no answer to ${kind}'s ${path} within ${ANSWER_MS} ms`));
        },
        isEndless ? ENDLESS_MS : ANSWER_MS,
      );
      stream.on('response', keep);
      stream.on('trailers', keep);
      stream.on('error', () => undefined);
      stream.on('close', () => {
        clearTimeout(late);
        resolve({
          status: text('grpc-status'),
          message: decodeURIComponent(text('grpc-message')),
          reset: stream.rstCode === 0 ? null : stream.rstCode,
        });
      });
      stream.resume();
      if (stays) stream.write(body);
      else stream.end(body);
    });
  }

  close(): void {
    clearInterval(this.#beat);
    this.#held.close();
    for (const session of this.#sessions.values()) session.destroy();
  }
}

async function useRoot(twin: TwinProcess, root: RootCa): Promise<Swarm> {
  const { Spec, Version } = (await twin.get('/v1.45/swarm')) as Swarm;
  const CAConfig = {
    ...Spec.CAConfig,
    SigningCACert: root.certificate,
    SigningCAKey: root.key,
    ForceRotate: 1,
  };
  const body = JSON.stringify({ ...Spec, CAConfig });
  const { status, body: said } = await twin.post(
    `/v1.45/swarm/update?version=${Version.Index}`,
    body,
  );
  if (status !== 200) throw new Error(`the root is not taken: ${said}`);
  let swarm: Swarm | null = null;
  await within(60_000, 'the swarm has our root', async () => {
    swarm = (await twin.get('/v1.45/swarm')) as Swarm;
    return (
      !swarm.RootRotationInProgress && swarm.TLSInfo.TrustRoot.trim() === root.certificate.trim()
    );
  });
  return (await twin.get('/v1.45/swarm')) as Swarm;
}

async function enrol(address: string, root: RootCa, token: string): Promise<string> {
  const connection = new Connection({ address, trust: { rootCa: root.certificate } });
  try {
    const csr = Buffer.from(createSigningRequest(generateKey()));
    const { nodeId } = await connection.unary(NodeCA.method.issueNodeCertificate, { csr, token });
    await connection.unary(NodeCA.method.nodeCertificateStatus, { nodeId });
    return nodeId;
  } finally {
    connection.close();
  }
}

function identity(
  root: RootCa,
  organization: string,
  role: 'worker' | 'manager',
  nodeId: string,
  agoMs = 0,
): TlsIdentity {
  const key = generateKey();
  const publicKey = createPublicKey(key);
  const now = Date.now() - agoMs;
  const request = { publicKey, nodeId, role, organization, now, validityMs: DAY_MS };
  return {
    key: keyToPem(key),
    certificate: issueNodeCertificate(root, request),
    rootCa: root.certificate,
  };
}
