/**
 * What dockerd shows of containers, as Swarm's would show it. dockerd knows a task's container by how it was made, and the twin's containers are made through
 * the API like any other: so the front tells them by their label for `docker ps --filter is-task=…`, and hides the mounts through which they get the files of
 * secrets and configs; Swarm's are made inside and never shown.
 */
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseTarget } from '../../engine-api/api-message.ts';
import { readFilters } from '../../engine-api/filters.ts';
import { isSwarmError } from '../../model/errors.ts';
import { headersOf } from './engine-question.ts';
import type { EngineAddress } from './pass-through.ts';
import { refuse } from './pass-through.ts';
import type { EngineLine } from '../../model/engines.ts';

const TASK_LABEL = 'com.docker.swarm.task.id';
const LIST = /^(\/v[0-9.]+)?\/containers\/json$/;
const ONE = /^(\/v[0-9.]+)?\/containers\/[^/]+\/json$/;

/** A question about containers to ask dockerd, and what its answer needs before a client sees it. */
export interface ContainerView {
  /** Path and query. */
  readonly target: string;
  /** For the body of an answer with status 200; it stays as it came where nothing is to be hidden. */
  readonly edit: (body: string) => string;
}

export interface ContainerViewOptions {
  readonly behaveLike: EngineLine;
  /** Where this node keeps the files of secrets and configs. */
  readonly taskFiles: string;
}

/** `null` for every request but one for a container or a list of them. */
export function containerView(
  method: string,
  target: string,
  { behaveLike, taskFiles }: ContainerViewOptions,
): ContainerView | null {
  // Not a URL yet: whatever stands in a request line comes here.
  const { path: pathname } = parseTarget(target);
  if (method !== 'GET') return null;
  const hide = (body: string): string => withoutTaskFiles(body, taskFiles);
  if (ONE.test(pathname)) return { target, edit: hide };
  if (!LIST.test(pathname)) return null;
  const byTask = listByTask(target, behaveLike);
  if (byTask === null) return { target, edit: hide };
  return {
    target: byTask.target,
    edit: (body) => hide(byTask.withoutTasks ? othersIn(body) : body),
  };
}

/** Answers it. */
export function serveContainerView(
  engine: EngineAddress,
  { target, edit }: ContainerView,
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
      const body = Buffer.concat(chunks);
      const shown = status === 200 ? Buffer.from(edit(body.toString())) : body;
      outgoing.writeHead(status, {
        ...headersOf(answer.rawHeaders),
        'Content-Length': String(shown.length),
      });
      outgoing.end(shown);
    });
  });
  onward.on('error', (caught) => {
    refuse(outgoing, engine, caught);
  });
  outgoing.on('close', () => onward.destroy());
  incoming.resume();
  onward.end();
}

interface ListByTask {
  /** Path and query, without `is-task`. */
  readonly target: string;
  /** False: dockerd leaves out the others itself, by the label. True: the tasks are left out of what it answers. */
  readonly withoutTasks: boolean;
}

/** `null` for every list but one with an `is-task` that dockerd would take. */
function listByTask(target: string, engine: EngineLine): ListByTask | null {
  const url = new URL(target, 'http://node');
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

interface Mounted {
  readonly Source?: string;
}

/** What of a container is read here; a list has no `HostConfig.Mounts`. */
interface Shown {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Mounts?: readonly Mounted[] | null;
  readonly HostConfig?: { readonly Mounts?: readonly Mounted[] | null };
}

function othersIn(body: string): string {
  const all = JSON.parse(body) as readonly Shown[];
  return `${JSON.stringify(all.filter(({ Labels }) => Labels?.[TASK_LABEL] === undefined))}\n`;
}

function withoutTaskFiles(body: string, folder: string): string {
  if (!body.includes(folder)) return body;
  const isOther = ({ Source = '' }: Mounted): boolean => !Source.startsWith(`${folder}/`);
  const shown = JSON.parse(body) as Shown | readonly Shown[];
  const clean = 'map' in shown ? shown.map((one) => hidden(one, isOther)) : hidden(shown, isOther);
  return `${JSON.stringify(clean)}\n`;
}

function hidden(container: Shown, isOther: (mount: Mounted) => boolean): Shown {
  const { Mounts, HostConfig } = container;
  return {
    ...container,
    ...(Mounts === undefined || Mounts === null ? {} : { Mounts: Mounts.filter(isOther) }),
    ...(HostConfig === undefined ? {} : { HostConfig: withMounts(HostConfig, isOther) }),
  };
}

/** dockerd says nothing of mounts where none were asked for. */
function withMounts(
  config: NonNullable<Shown['HostConfig']>,
  isOther: (mount: Mounted) => boolean,
): NonNullable<Shown['HostConfig']> {
  const Mounts = config.Mounts?.filter(isOther) ?? [];
  if (Mounts.length > 0) return { ...config, Mounts };
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'Mounts'));
}
