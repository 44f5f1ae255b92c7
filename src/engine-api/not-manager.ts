import { SwarmError } from '../model/errors.ts';
import type { SwarmNodeView } from './node-view.ts';

const LOCKED =
  'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.';
const EXPIRED = 'Swarm certificates have expired. To replace them, leave the swarm and join again.';
const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const PREPARING =
  'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.';
const WORKER =
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";

/** Why this node cannot answer for the swarm, null when it can (moby: Cluster.errNoManager). */
export function notManager(node: SwarmNodeView): SwarmError | null {
  return node.managerReady() ? null : unavailable(reason(node));
}

function reason(node: SwarmNodeView): string {
  const state = node.localState();
  if (state === 'locked') return LOCKED;
  if (node.certificatesExpired()) return EXPIRED;
  if (state === 'inactive' || state === 'error') return NO_SWARM;
  return node.role() === 'manager' ? PREPARING : WORKER;
}

/** A worker is asked to begin its swarm anew. */
export const workerCannot = (): SwarmError => unavailable(WORKER);

/** A refusal with status 503 in the facade's own words. */
export const unavailable = (message: string): SwarmError =>
  new SwarmError('Unavailable', message, 'facade');
