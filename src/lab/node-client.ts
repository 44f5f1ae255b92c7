/** A small HTTP client for one node's Engine API: any call, never without a deadline, and a connection error is an answer too. */
import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What came of a call. `no-answer` carries Node's error code, or `DEADLINE`. */
export type NodeAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'no-answer';
      readonly code: string;
      readonly message: string;
      readonly tookMs: number;
    };

export interface CallOptions {
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole call. 30 s unless given: Swarm's own limit for a request is 20 s. */
  readonly deadlineMs?: number;
}

export interface StreamHandlers {
  onLine(line: string): void;
  /** Called once, whatever ended the stream. */
  onEnd(reason: string): void;
}

export interface NodeClient {
  readonly address: string;
  readonly port: number;
  call(method: string, path: string, options?: CallOptions): Promise<NodeAnswer>;
  /** Follows a stream of lines (`/events`, logs). The returned function closes it. */
  follow(path: string, handlers: StreamHandlers, connectDeadlineMs?: number): () => void;
  /** Closes idle connections. */
  close(): void;
}

const DEFAULT_DEADLINE_MS = 30_000;

/** Makes a client of `http://ADDRESS:PORT`. Reads share connections that are kept alive; writes never meet a stale one. */
export function nodeClient(address: string, port = 2375): NodeClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const target = { address, port, agent };
  return {
    address,
    port,
    call: (method, path, options = {}) => call(target, method, path, options),
    follow: (path, handlers, connectDeadlineMs = 5000) =>
      follow(target, path, handlers, connectDeadlineMs),
    close: () => {
      agent.destroy();
    },
  };
}

interface Target {
  readonly address: string;
  readonly port: number;
  readonly agent: Agent;
}

interface Attempt {
  readonly answer: NodeAnswer;
  /** The connection had been used before, so its end says nothing about the node of now. */
  readonly stale: boolean;
}

async function call(
  target: Target,
  method: string,
  path: string,
  options: CallOptions,
): Promise<NodeAnswer> {
  const isRead = method === 'GET' || method === 'HEAD';
  const first = await attempt(target, isRead ? target.agent : false, method, path, options);
  if (!first.stale || first.answer.kind === 'answer') return first.answer;
  return (await attempt(target, false, method, path, options)).answer;
}

function attempt(
  target: Target,
  agent: Agent | false,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Attempt> {
  const began = performance.now();
  const tookMs = (): number => Math.round(performance.now() - began);
  const payload = payloadOf(options.body);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  return new Promise((resolve) => {
    const fail = (code: string, message: string, stale: boolean): void => {
      clearTimeout(timer);
      resolve({ answer: { kind: 'no-answer', code, message, tookMs: tookMs() }, stale });
    };
    const req = request(
      {
        host: target.address,
        port: target.port,
        method,
        path,
        agent,
        headers: { ...payload.headers, ...options.headers },
      },
      (res) => {
        collect(res).then(
          (body) => {
            clearTimeout(timer);
            const status = res.statusCode ?? 0;
            const answer = { kind: 'answer', status, headers: res.headers, body } as const;
            resolve({ answer: { ...answer, tookMs: tookMs() }, stale: false });
          },
          (error: unknown) => {
            fail(codeOf(error), String(error), false);
          },
        );
      },
    );
    const timer = setTimeout(() => {
      fail('DEADLINE', `no answer to ${method} ${path} within ${deadlineMs} ms`, false);
      req.destroy();
    }, deadlineMs);
    req.on('error', (error) => {
      const code = codeOf(error);
      fail(code, error.message, req.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE'));
    });
    req.end(payload.bytes);
  });
}

function payloadOf(body: unknown): {
  readonly headers: Record<string, string>;
  readonly bytes: string | Uint8Array | undefined;
} {
  if (body === undefined) return { headers: {}, bytes: undefined };
  if (body instanceof Uint8Array) return { headers: {}, bytes: body };
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  return { headers: { 'Content-Type': 'application/json' }, bytes };
}

async function collect(res: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of res) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function follow(
  target: Target,
  path: string,
  handlers: StreamHandlers,
  connectDeadlineMs: number,
): () => void {
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    handlers.onEnd(reason);
  };
  const req = request({ host: target.address, port: target.port, path, agent: false }, (res) => {
    clearTimeout(timer);
    let rest = '';
    res.setEncoding('utf8');
    res.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '' && !ended) handlers.onLine(line);
    });
    res.on('end', () => {
      end(`ended with status ${res.statusCode ?? 0}`);
    });
    res.on('error', (error) => {
      end(codeOf(error));
    });
  });
  const timer = setTimeout(() => {
    end('DEADLINE');
    req.destroy();
  }, connectDeadlineMs);
  req.on('error', (error) => {
    end(codeOf(error));
  });
  req.end();
  return () => {
    end('closed');
    req.destroy();
  };
}

/** Node's error code of something thrown by a socket or a request. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return 'UNKNOWN';
}
