/** The whole script, in its order: every part builds on those before it, and every stage begins with engines that are in no swarm. */
import type { Call } from './call.ts';
import { AFTER } from './script/after.ts';
import { BEFORE_A_SWARM } from './script/before-a-swarm.ts';
import { DATA } from './script/data.ts';
import { FLAGS } from './script/flags.ts';
import { IMAGES } from './script/images.ts';
import { NETWORKS } from './script/networks.ts';
import { NODES } from './script/nodes.ts';
import { SERVICES } from './script/services.ts';
import { SPECS } from './script/specs.ts';
import { UPDATES } from './script/updates.ts';
import { WORK } from './script/work.ts';

export interface Part {
  readonly name: string;
  readonly calls: readonly Call[];
}

/** What is played to one pair of labs. */
export interface Stage {
  readonly name: string;
  readonly engines: number;
  /** Nodes pull as they do where nobody forbids it, from registries on n1; the word REGISTRY is the image of one. */
  readonly pulls?: true;
  /** More words for dockerd. */
  readonly daemon?: string;
  readonly parts: readonly Part[];
}

export const STAGES: readonly Stage[] = [
  {
    name: 'swarm',
    engines: 3,
    parts: [
      { name: 'before a swarm', calls: BEFORE_A_SWARM },
      { name: 'nodes', calls: NODES },
      { name: 'services', calls: SERVICES },
      { name: 'updates and rollbacks', calls: UPDATES },
      { name: 'secrets and configs', calls: DATA },
      { name: 'networks', calls: NETWORKS },
      { name: 'jobs, logs, stacks and plain calls', calls: WORK },
      { name: 'the cluster and its end', calls: AFTER },
    ],
  },
  {
    name: 'images',
    engines: 2,
    pulls: true,
    daemon: '--insecure-registry 198.18.0.0/15',
    parts: [{ name: 'images and registries', calls: IMAGES }],
  },
  {
    name: 'specs',
    engines: 2,
    daemon: '--node-generic-resource gpu=2 --node-generic-resource disk=red',
    parts: [
      { name: 'fields of a service', calls: SPECS },
      { name: 'flags of init and join', calls: FLAGS },
    ],
  },
];
