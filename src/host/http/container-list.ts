/**
 * `docker ps --filter is-task=…`. dockerd knows a task's container by how it was made, and the twin's containers are made through the API
 * like any other; so the front tells them by their label.
 */
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseTarget, type EngineLine } from '../../engine-api/api-message.ts';
import { readFilters } from '../../engine-api/filters.ts';
import { isSwarmError } from '../../model/errors.ts';
import type { EngineAddress } from './pass-through.ts';
import { refuse } from './pass-through.ts';

const TASK_LABEL = 'com.docker.swarm.task.id';
const LIST = /^(\/v[0-9.]+)?\/containers\/json$/;

/** A list of containers to ask dockerd for, and what to leave out of its answer. */
export interface ContainerList {
  /** Path and query, without `is-task`. */
  readonly target: string;
  /** False: dockerd leaves out the others itself, by the label. True: the tasks are left out of what it answers. */
  readonly withoutTasks: boolean;
}

/** `null` for every request but a list of containers with an `is-task` that dockerd would take. */
export function listByTask(
  method: string,
  target: string,
  engine: EngineLine,
): ContainerList | null {
  const url = new URL(target, 'http://node');
  if (method !== 'GET' || !LIST.test(url.pathname)) return null;
  const filters = filtersIn(target, engine);
  const wanted = filters.get('is-task');
  if (wanted?.length !== 1) return null;
  const word = wanted[0] ?? '';
  if (!/^(true|1|false|0)$/.test(word)) return null;
  filters.delete('is-task');
  const withoutTasks = word === 'false' || word === '0';
  if (!withoutTasks) filters.set('label', [...(filters.get('label') ?? []), TASK_LABEL]);
  url.searchParams.set('filters', JSON.stringify(Object.fromEntries(filters)));
  return { target: `${url.pathname}${url.search}`, withoutTasks };
}

/** Answers such a list. */
export function serveList(
  engine: EngineAddress,
  { target, withoutTasks }: ContainerList,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const onward = request({ socketPath: engine.socketPath, method: 'GET', path: target });
  onward.on('response', (answer) => {
    const status = answer.statusCode ?? 502;
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', () => outgoing.destroy());
    answer.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      outgoing.writeHead(status, { 'Content-Type': 'application/json' });
      outgoing.end(status === 200 && withoutTasks ? othersIn(body) : body);
    });
  });
  onward.on('error', (caught) => {
    refuse(outgoing, engine, caught);
  });
  outgoing.on('close', () => onward.destroy());
  incoming.resume();
  onward.end();
}

/** None where dockerd will refuse them. */
function filtersIn(target: string, engine: EngineLine): Map<string, readonly string[]> {
  try {
    const request = { ...parseTarget(target), method: 'GET', headers: {}, body: new Uint8Array() };
    return new Map(readFilters(request, engine));
  } catch (caught) {
    if (isSwarmError(caught)) return new Map();
    throw caught;
  }
}

interface Listed {
  readonly Labels?: Readonly<Record<string, string>> | null;
}

function othersIn(body: string): string {
  const all = JSON.parse(body) as readonly Listed[];
  return `${JSON.stringify(all.filter(({ Labels }) => Labels?.[TASK_LABEL] === undefined))}\n`;
}
