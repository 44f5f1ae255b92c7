/** Asks the node's own dockerd in a client's name, for answers that the twin adds to. */
import { request } from 'node:http';
import type { ApiRequest, ApiResponse } from '../../engine-api/api-message.ts';
import { targetOf } from '../../engine-api/network-routes.ts';
import { messageOf } from '../../model/errors.ts';
import type { EngineAddress } from './pass-through.ts';

const ANSWER_MS = 30_000;

/** Answers once; an engine that cannot be reached is status 503. */
export function askEngine(
  engine: EngineAddress,
  question: ApiRequest,
  done: (response: ApiResponse) => void,
): void {
  const { method, body } = question;
  const headers = {
    Host: 'docker',
    ...passedOn(question, 'Content-Type'),
    ...passedOn(question, 'X-Registry-Auth'),
    ...(body.length === 0 ? {} : { 'Content-Length': String(body.length) }),
  };
  const fail = (caught: unknown): void => {
    const message = `the container engine behind this node cannot be reached at ${engine.socketPath}: ${messageOf(caught)}`;
    const json = { 'Content-Type': 'application/json' };
    done({ status: 503, headers: json, body: `${JSON.stringify({ message })}\n` });
  };
  const onward = request(
    {
      socketPath: engine.socketPath,
      method,
      path: targetOf(question),
      headers,
      signal: AbortSignal.timeout(ANSWER_MS),
    },
    (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', fail);
      answer.on('end', () => {
        done({
          status: answer.statusCode ?? 502,
          headers: headersOf(answer.rawHeaders),
          body: Buffer.concat(parts).toString(),
        });
      });
    },
  );
  onward.on('error', fail);
  onward.end(body);
}

const passedOn = ({ headers }: ApiRequest, name: string): Record<string, string> => {
  const value = headers[name.toLowerCase()];
  return value === undefined ? {} : { [name]: value };
};

/** As dockerd wrote them, without what depends on the way the body came. */
export function headersOf(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!OF_THE_WAY.includes(name.toLowerCase())) headers[name] = raw[at + 1] ?? '';
  }
  return headers;
}

const OF_THE_WAY = ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'];
