/** `docker exec` on a simulated engine: a command is made, then started, and its output is the answer to that. */
import type { ApiRequest, ApiResponse } from '../engine-api/api-message.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import { runProgram } from './container-programs.ts';
import type { SimulatedContainer } from './container.ts';
import type { SimulatedEngine } from './engine.ts';

interface Made {
  readonly container: SimulatedContainer;
  readonly command: readonly string[];
}

/** What was made and not started yet, by engine. */
const made = new WeakMap<SimulatedEngine, Map<string, Made>>();

/** Null where the path is none of an exec's. */
export function answerExec(
  engine: SimulatedEngine,
  request: ApiRequest,
  path: string,
): ApiResponse | null {
  const create = /^\/containers\/([^/]+)\/exec$/.exec(path)?.[1];
  const start = /^\/exec\/([^/]+)\/start$/.exec(path)?.[1];
  if (request.method !== 'POST') return null;
  if (create !== undefined) return createExec(engine, request, create);
  return start === undefined ? null : startExec(engine, start);
}

const json = (status: number, value: unknown): ApiResponse => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

function createExec(engine: SimulatedEngine, request: ApiRequest, reference: string): ApiResponse {
  const container = engine.containers.find(({ id }) => id === reference);
  if (container === undefined) return json(404, { message: `No such container: ${reference}` });
  if (!container.isUp) return json(409, { message: `container ${reference} is not running` });
  const { Cmd = [] } = JSON.parse(decodeUtf8(request.body)) as { readonly Cmd?: string[] };
  const known = made.get(engine) ?? new Map<string, Made>();
  made.set(engine, known);
  const id = `${container.id.slice(0, 32)}${String(known.size).padStart(32, '0')}`;
  known.set(id, { container, command: Cmd });
  return json(201, { Id: id });
}

function startExec(engine: SimulatedEngine, id: string): ApiResponse {
  const exec = made.get(engine)?.get(id);
  if (exec === undefined) return json(404, { message: `No such exec instance: ${id}` });
  const { container, command } = exec;
  const output = container.isUp ? runProgram(container, command) : '';
  const missing = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0] ?? ''}": executable file not found in $PATH: unknown\r\n`;
  return {
    status: 200,
    headers: { 'Content-Type': 'application/vnd.docker.raw-stream' },
    body: output === null ? missing : output.replaceAll('\n', '\r\n'),
  };
}
