/** The whole script, in its order: every part builds on those before it. */
import type { Call } from './call.ts';
import { AFTER } from './script/after.ts';
import { BEFORE_A_SWARM } from './script/before-a-swarm.ts';
import { DATA } from './script/data.ts';
import { NETWORKS } from './script/networks.ts';
import { NODES } from './script/nodes.ts';
import { SERVICES } from './script/services.ts';
import { UPDATES } from './script/updates.ts';
import { WORK } from './script/work.ts';

export interface Part {
  readonly name: string;
  readonly calls: readonly Call[];
}

export const SCRIPT: readonly Part[] = [
  { name: 'before a swarm', calls: BEFORE_A_SWARM },
  { name: 'nodes', calls: NODES },
  { name: 'services', calls: SERVICES },
  { name: 'updates and rollbacks', calls: UPDATES },
  { name: 'secrets and configs', calls: DATA },
  { name: 'networks', calls: NETWORKS },
  { name: 'jobs, logs, stacks and plain calls', calls: WORK },
  { name: 'the cluster and its end', calls: AFTER },
];
