/** Which images there are, what they are called, and which content their names stand for. */

import { fileURLToPath } from 'node:url';
import type { Workload } from '../../model/scenario.ts';
import { contentKey, folderParts } from './content-key.ts';
import type { EngineLine } from '../../model/engines.ts';

/** The engines a node can have, and the Debian suite that ships each. */
export const SUITES = {
  '20.10': 'bookworm',
  '26.1': 'trixie',
  '28.5': 'sid',
} as const;

export type Suite = (typeof SUITES)[EngineLine];
export const DEFAULT_ENGINE: EngineLine = '26.1';

/** The suite from which everything but an engine comes. */
export const TOOL_SUITE: Suite = SUITES[DEFAULT_ENGINE];

export const TOXIPROXY_VERSION = '2.12.0';

/** On the stages that only help to build, with a value of one build. */
export const STAGE_LABEL = 'swarmtwin.stage';

const atRoot = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const NODE_FOLDER = atRoot('docker-in-docker/');
export const WORKLOAD_FOLDER = atRoot('fixtures/workload/');
export const REGISTRY_FOLDER = atRoot('fixtures/registry/');

/** Files of the node folder that make another image than the node's. */
export const TOXIPROXY_FILE = 'toxiproxy.Dockerfile';

/** The names of all images, content keys included. */
export interface Catalogue {
  /** A Debian root of the suite. Only the recipe in base-image.ts makes it; raise its number when that changes. */
  readonly base: (suite: Suite) => string;
  /** A node without workload images: an intermediate step. */
  readonly engine: (engine: EngineLine) => string;
  readonly node: (engine: EngineLine) => string;
  readonly toxiproxy: string;
  /** A registry, for suites that pull. */
  readonly registry: string;
  /** The name on the lab's own engine. Inside nodes it is `workloadName`. */
  readonly workload: (workload: Workload) => string;
}

/** The name of a workload image inside every node, whatever its content. */
export const workloadName = (workload: Workload): string => `swarmtwin/workload:${workload}`;

const BASE_RECIPE = '2';

/** Reads the recipes and names the images that they make. What an image stands on counts as part of it. */
export function readCatalogue(): Catalogue {
  const { [TOXIPROXY_FILE]: toxiproxy = '', ...nodeFiles } = folderParts(NODE_FOLDER);
  const base = (suite: Suite): string =>
    `swarmtwin/base:${suite}-${contentKey({ suite, recipe: BASE_RECIPE })}`;
  const tools = base(TOOL_SUITE);
  const workloads = contentKey({ ...folderParts(WORKLOAD_FOLDER), base: tools });
  const node = (engine: EngineLine): string =>
    `${engine}-${contentKey({ ...nodeFiles, engine, base: base(SUITES[engine]), workloads })}`;
  const proxy = contentKey({ toxiproxy, base: tools, version: TOXIPROXY_VERSION });
  return {
    base,
    engine: (engine) => `swarmtwin/engine:${node(engine)}`,
    node: (engine) => `swarmtwin/node:${node(engine)}`,
    registry: `swarmtwin/registry:${contentKey({ ...folderParts(REGISTRY_FOLDER), base: tools })}`,
    toxiproxy: `swarmtwin/toxiproxy:${TOXIPROXY_VERSION}-${proxy}`,
    workload: (workload) => `${workloadName(workload)}-${workloads}`,
  };
}
