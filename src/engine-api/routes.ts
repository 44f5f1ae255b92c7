import { decoded } from './api-message.ts';
import type { Route } from './call.ts';
import {
  createConfig,
  createSecret,
  inspectConfig,
  inspectSecret,
  listConfigs,
  listSecrets,
  removeConfig,
  removeSecret,
  updateConfig,
  updateSecret,
} from './data-routes.ts';
import { serviceLogs, taskLogs } from './log-routes.ts';
import { pruneNetworks } from './network-prune.ts';
import { createNetwork, inspectNetwork, listNetworks, removeNetwork } from './network-routes.ts';
import { inspectNode, listNodes, removeNode, updateNode } from './node-routes.ts';
import {
  createService,
  inspectService,
  listServices,
  removeService,
  updateService,
} from './service-routes.ts';
import {
  initSwarm,
  inspectSwarm,
  joinSwarm,
  leaveSwarm,
  unlockKey,
  unlockSwarm,
  updateSwarm,
} from './swarm-routes.ts';
import { inspectTask, listTasks } from './task-routes.ts';

/** By method and pattern, the first match wins (moby: swarm router's initRoutes). */
const TABLE: readonly (readonly [string, string, Route])[] = [
  ['POST', '/swarm/init', initSwarm],
  ['POST', '/swarm/join', joinSwarm],
  ['POST', '/swarm/leave', leaveSwarm],
  ['GET', '/swarm', inspectSwarm],
  ['GET', '/swarm/unlockkey', unlockKey],
  ['POST', '/swarm/update', updateSwarm],
  ['POST', '/swarm/unlock', unlockSwarm],
  ['GET', '/services', listServices],
  ['GET', '/services/{id}', inspectService],
  ['POST', '/services/create', createService],
  ['POST', '/services/{id}/update', updateService],
  ['DELETE', '/services/{id}', removeService],
  ['GET', '/services/{id}/logs', serviceLogs],
  ['GET', '/nodes', listNodes],
  ['GET', '/nodes/{id}', inspectNode],
  ['DELETE', '/nodes/{id}', removeNode],
  ['POST', '/nodes/{id}/update', updateNode],
  ['GET', '/networks', listNetworks],
  ['GET', '/networks/{id}', inspectNetwork],
  ['POST', '/networks/create', createNetwork],
  ['POST', '/networks/prune', pruneNetworks],
  ['DELETE', '/networks/{id}', removeNetwork],
  ['GET', '/tasks', listTasks],
  ['GET', '/tasks/{id}', inspectTask],
  ['GET', '/tasks/{id}/logs', taskLogs],
  ['GET', '/secrets', listSecrets],
  ['POST', '/secrets/create', createSecret],
  ['GET', '/secrets/{id}', inspectSecret],
  ['DELETE', '/secrets/{id}', removeSecret],
  ['POST', '/secrets/{id}/update', updateSecret],
  ['GET', '/configs', listConfigs],
  ['POST', '/configs/create', createConfig],
  ['GET', '/configs/{id}', inspectConfig],
  ['DELETE', '/configs/{id}', removeConfig],
  ['POST', '/configs/{id}/update', updateConfig],
];

/** The route of a request and what stands for `{id}`; null where moby has no page. The path has no version in front. */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly id: string } | null {
  const parts = path.split('/');
  for (const [wanted, pattern, route] of TABLE) {
    if (wanted !== method) continue;
    const expected = pattern.split('/');
    if (expected.length !== parts.length) continue;
    const fits = expected.every((part, at) => part === parts[at] || isId(part, parts[at]));
    if (fits) return { route, id: decoded(parts[expected.indexOf('{id}')] ?? '') };
  }
  return null;
}

const isId = (part: string, given: string | undefined): boolean =>
  part === '{id}' && given !== undefined && given !== '';
