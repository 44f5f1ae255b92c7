/** Which images there are, what they are called, and which content their names stand for. */

import { fileURLToPath } from 'node:url';
import { contentKey, folderParts } from './content-key.ts';

/** The engines a node can have, and the Debian suite that ships each. */
export const SUITES = {
  '20.10': 'bookworm',
  '26.1': 'trixie',
  '28.5': 'sid',
} as const;

export type EngineLine = keyof typeof SUITES;
export type Suite = (typeof SUITES)[EngineLine];
export const ENGINE_LINES = Object.keys(SUITES) as readonly EngineLine[];
export const DEFAULT_ENGINE: EngineLine = '26.1';

/** The suite from which everything but an engine comes. */
export const TOOL_SUITE: Suite = SUITES[DEFAULT_ENGINE];

/** What fixtures/workload/Dockerfile makes, by the names of its stages. */
export const WORKLOADS = [
  'v1',
  'v2',
  'exit1',
  'exit0-later',
  'unhealthy',
  'ignore-term',
  'http',
] as const;
export type Workload = (typeof WORKLOADS)[number];

export const TOXIPROXY_VERSION = '2.12.0';

/** On every image of ours. */
export const IMAGE_LABEL = 'swarmtwin.image';
/** On the stages that only help to build, with a value of one build. */
export const STAGE_LABEL = 'swarmtwin.stage';

const atRoot = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const NODE_FOLDER = atRoot('docker-in-docker/');
export const WORKLOAD_FOLDER = atRoot('fixtures/workload/');

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
  /** The name on the lab's own engine. Inside nodes it is `workloadName`. */
  readonly workload: (workload: Workload) => string;
}

/** The name of a workload image inside every node, whatever its content. */
export const workloadName = (workload: Workload): string => `swarmtwin/workload:${workload}`;

const BASE_RECIPE = '1';

/** Reads the recipes and names the images that they make. */
export function readCatalogue(): Catalogue {
  const files = folderParts(NODE_FOLDER);
  const { [TOXIPROXY_FILE]: toxiproxyFile = '', ...nodeFiles } = files;
  const workloads = contentKey({ ...folderParts(WORKLOAD_FOLDER), suite: TOOL_SUITE });
  const key = (engine: EngineLine): string =>
    contentKey({ ...nodeFiles, engine, suite: SUITES[engine], workloads });
  return {
    base: (suite) => `swarmtwin/base:${suite}-${contentKey({ suite, recipe: BASE_RECIPE })}`,
    engine: (engine) => `swarmtwin/engine:${engine}-${key(engine)}`,
    node: (engine) => `swarmtwin/node:${engine}-${key(engine)}`,
    toxiproxy: `swarmtwin/toxiproxy:${TOXIPROXY_VERSION}-${contentKey({ toxiproxyFile, version: TOXIPROXY_VERSION })}`,
    workload: (workload) => `${workloadName(workload)}-${workloads}`,
  };
}
