import {
  BODY_LIMIT_BYTES,
  DEFAULT_OPTIONS,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
} from './api-message.ts';
import { guard } from './call.ts';
import type { SwarmNodeView } from './node-view.ts';
import { Reply } from './reply.ts';
import { findRoute } from './routes.ts';
import { compareVersions } from './version-order.ts';

/** Who answers: the twin (`swarm`), both together (`info`, `ping`, `events`), or the node's own dockerd, untouched (`engine`). */
export type Answerer = 'swarm' | 'info' | 'ping' | 'events' | 'engine';

const SWARM_ROOTS = ['swarm', 'nodes', 'services', 'tasks', 'secrets', 'configs'];

/** What is asked of networks that the swarm has a part in; joining a container to one, or parting it, is the engine's alone. */
const NETWORKS =
  /^GET \/networks$|^(GET|DELETE) \/networks\/[^/]+$|^POST \/networks\/(create|prune)$/;

/** Says who answers a request. `/version` and every OPTIONS request are dockerd's. */
export function route(request: Pick<ApiRequest, 'method' | 'path'>): Answerer {
  if (request.method === 'OPTIONS') return 'engine';
  const { path } = splitVersion(request.path);
  if (path === '/info' && request.method === 'GET') return 'info';
  if (path === '/events' && request.method === 'GET') return 'events';
  if (path === '/_ping') return 'ping';
  if (NETWORKS.test(`${request.method} ${path}`)) return 'swarm';
  const root = path.split('/')[1] ?? '';
  return SWARM_ROOTS.includes(root) ? 'swarm' : 'engine';
}

/**
 * Answers a request that {@link route} gave to the twin, exactly once, when the node has answered. Everything that can be wrong with a request is
 * an answer; nothing is thrown but for a defect.
 */
export function handle(
  node: SwarmNodeView,
  request: ApiRequest,
  done: (response: ApiResponse) => void,
  options: ApiOptions = DEFAULT_OPTIONS['26.1'],
): void {
  const { path, version: named } = splitVersion(request.path);
  const reply = new Reply(options, done, named);
  const version = named ?? options.apiVersion;
  const found = findRoute(request.method, path);
  if (found === null) {
    reply.early(404, 'page not found', true);
    return;
  }
  const problem = versionProblem(version, options);
  if (problem !== null) {
    reply.early(400, problem, false);
    return;
  }
  if (request.body.length > BODY_LIMIT_BYTES) {
    reply.early(413, 'http: request body too large', false);
    return;
  }
  const call = { node, request, options, version, id: found.id, reply };
  guard(call, () => {
    found.route(call);
  });
}

function splitVersion(path: string): { readonly path: string; readonly version?: string } {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  return match === null ? { path } : { version: match[1] ?? '', path: match[2] ?? '' };
}

function versionProblem(version: string, options: ApiOptions): string | null {
  const { apiVersion, minApiVersion } = options;
  if (compareVersions(version, minApiVersion) < 0)
    return `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`;
  if (compareVersions(version, apiVersion) > 0)
    return `client version ${version} is too new. Maximum supported API version is ${apiVersion}`;
  return null;
}
