/** The plain container API of a simulated engine: version, list, inspect, stop, kill, pause, remove, in dockerd's shapes. */
import { decoded } from '../engine-api/api-message.ts';
import type { ApiOptions, ApiRequest, ApiResponse } from '../engine-api/api-message.ts';
import { readFilters, type FilterArgs } from '../engine-api/filters.ts';
import { formatTime, ZERO_TIME } from '../model/time.ts';
import type { Mount } from '../model/specs.ts';
import { answerExec } from './container-exec.ts';
import type { SimulatedContainer } from './container.ts';
import type { SimulatedEngine } from './engine.ts';

type Reply = (response: ApiResponse) => void;

/** Every engine has these. */
export const ENGINE_NETWORKS = ['bridge', 'host', 'none'];

const CONTAINER = /^\/containers\/([^/]+)(?:\/(json|stop|kill|pause|unpause))?$/;

/** Answers what is not the swarm's. What dockerd would answer and a simulated engine cannot is a 501 that says so. */
export function answerPlain(
  engine: SimulatedEngine,
  options: ApiOptions,
  request: ApiRequest,
  done: Reply,
): void {
  const path = request.path.replace(/^\/v[0-9.]+(?=\/)/, '');
  const found = CONTAINER.exec(path);
  const executed = engine.isUp ? answerExec(engine, request, path) : null;
  if (!engine.isUp) done(json(503, { message: 'the container engine of this node is down' }));
  else if (path === '/version') done(json(200, version(options)));
  else if (path === '/containers/json') done(json(200, list(engine, options, request)));
  else if (request.method === 'GET' && path.startsWith('/networks'))
    done(networks(path, readFilters(request, options.behaveLike)));
  else if (executed !== null) done(executed);
  else if (found === null) done(json(501, { message: `a simulated engine has no ${path}` }));
  else answerOne(engine, `${request.method} ${found[2] ?? ''}`, found[1] ?? '', done);
}

const json = (status: number, value: unknown): ApiResponse => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

const empty = (status: number): ApiResponse => ({ status, headers: {}, body: '' });

const version = ({ engineVersion, apiVersion, minApiVersion }: ApiOptions): unknown => ({
  Platform: { Name: 'swarmtwin, simulated' },
  Version: engineVersion,
  ApiVersion: apiVersion,
  MinAPIVersion: minApiVersion,
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: 'simulated',
});

/** None of them has labels. */
function networks(path: string, filters: FilterArgs): ApiResponse {
  const all = ENGINE_NETWORKS.map((name) => ({
    Name: name,
    Id: name,
    Scope: 'local',
    Driver: name,
  }));
  if (path === '/networks') return json(200, (filters.get('label') ?? []).length > 0 ? [] : all);
  const name = decoded(path.slice('/networks/'.length));
  const one = all.find(({ Id }) => Id === name);
  return one === undefined ? json(404, { message: `network ${name} not found` }) : json(200, one);
}

function list(
  engine: SimulatedEngine,
  options: ApiOptions,
  request: ApiRequest,
): readonly unknown[] {
  const filters = readFilters(request, options.behaveLike);
  const all = ['1', 'true', 'True'].includes(request.query.get('all')?.[0] ?? '');
  return engine.containers
    .filter((container) => all || container.isUp)
    .filter((container) => passes(container, filters))
    .map((container) => ({
      Id: container.id,
      Names: [`/${container.name}`],
      Image: container.image,
      Created: Math.floor(container.createdAt / 1000),
      Labels: container.labels,
      State: container.state,
      Status: container.isUp ? 'Up' : `Exited (${container.exitCode})`,
    }));
}

/** Every label has to be there; of the other keys one value has to fit (moby: filters). */
function passes(container: SimulatedContainer, filters: FilterArgs): boolean {
  const one = (key: string, fits: (value: string) => boolean): boolean => {
    const values = filters.get(key) ?? [];
    return values.length === 0 || values.some(fits);
  };
  return (
    (filters.get('label') ?? []).every((wanted) => hasLabel(container.labels, wanted)) &&
    one('id', (wanted) => container.id.startsWith(wanted)) &&
    one('name', (wanted) => container.name.includes(wanted)) &&
    one('status', (wanted) => container.state === wanted)
  );
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return wanted in labels;
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

function answerOne(engine: SimulatedEngine, asked: string, reference: string, done: Reply): void {
  const container = engine.containers.find(
    ({ id, name }) => id.startsWith(reference) || name === reference,
  );
  if (container === undefined) {
    done(json(404, { message: `No such container: ${reference}` }));
    return;
  }
  switch (asked) {
    case 'GET json':
      done(json(200, inspected(container)));
      return;
    case 'POST stop':
      stop(container, done);
      return;
    case 'POST kill':
      container.kill();
      break;
    case 'POST pause':
      container.pause();
      break;
    case 'POST unpause':
      container.unpause();
      break;
    case 'DELETE ':
      engine.remove(container);
      break;
    default:
      done(json(404, { message: 'page not found' }));
      return;
  }
  done(empty(204));
}

/** Answers when it has ended. */
function stop(container: SimulatedContainer, done: Reply): void {
  if (!container.isUp) {
    done(empty(304));
    return;
  }
  const end = container.watch(() => {
    if (container.isUp) return;
    end();
    done(empty(204));
  });
  container.stop();
}

const timeOf = (time: number): string => (time === 0 ? ZERO_TIME : formatTime(time));

const inspected = (container: SimulatedContainer): unknown => ({
  Id: container.id,
  Name: `/${container.name}`,
  Created: timeOf(container.createdAt),
  Image: container.image,
  State: {
    Status: container.state,
    Running: container.isUp,
    Paused: container.state === 'paused',
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: container.pid,
    ExitCode: container.exitCode,
    Error: container.error,
    StartedAt: timeOf(container.startedAt),
    FinishedAt: timeOf(container.finishedAt),
    ...(container.health === 'none' ? {} : { Health: { Status: container.health } }),
  },
  Config: {
    Image: container.image,
    Env: container.task.spec.ContainerSpec?.Env ?? [],
    Labels: container.labels,
  },
  Mounts: (container.task.spec.ContainerSpec?.Mounts ?? []).map(mounted),
});

const mounted = ({ Type, Source, Target, ReadOnly }: Mount): unknown => ({
  Type,
  ...(Type === 'volume' ? { Name: Source, Driver: 'local' } : {}),
  Source: Type === 'volume' ? `/var/lib/docker/volumes/${Source ?? ''}/_data` : Source,
  Destination: Target,
  RW: ReadOnly !== true,
});
