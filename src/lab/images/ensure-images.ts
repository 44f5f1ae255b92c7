/** Makes the images that a run needs and that are not there yet. */

import type Docker from 'dockerode';
import { within } from '../engine/deadline.ts';
import type { Progress } from '../engine/progress.ts';
import { WORKLOADS, type Workload } from '../../model/scenario.ts';
import { makeBase } from './base-image.ts';
import { STAGE_LABEL, SUITES, TOOL_SUITE, readCatalogue, workloadName } from './catalogue.ts';
import type { Catalogue, Suite } from './catalogue.ts';
import { presentImages } from './image-run.ts';
import type { ImageRun } from './image-run.ts';
import { makeNode } from './node-image.ts';
import { makeRegistry } from './registry-image.ts';
import type { NodeRights } from './node-rights.ts';
import { makeToxiproxy } from './toxiproxy-image.ts';
import { makeWorkloads } from './workload-images.ts';
import type { EngineLine } from '../../model/engines.ts';

export interface ImageSet {
  readonly engines: readonly EngineLine[];
  readonly toxiproxy: boolean;
  readonly registry?: boolean;
}

export interface Images {
  /** The node image of each engine that was asked for. */
  readonly nodes: ReadonlyMap<EngineLine, string>;
  /** The proxy's image; there only if it was asked for. */
  readonly toxiproxy: string;
  /** The registry's image; there only if it was asked for. */
  readonly registry: string;
  /** Workload images by the names they have inside every node. */
  readonly workloads: Readonly<Record<Workload, string>>;
  /** What had to be made; empty on every start but the first. */
  readonly made: readonly string[];
}

const PRUNE_MS = 120_000;

/**
 * Sees to it that the wanted images are there: pulls where a registry answers, builds where none does. When nothing is
 * missing it makes one call and says nothing. Interrupted, it leaves no half image, and the next call goes on from what
 * is done. Throws SwarmtwinError `image-failed`, `deadline` or `interrupted`.
 */
export async function ensureImages(
  docker: Docker,
  wanted: ImageSet,
  rights: NodeRights,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Images> {
  const catalogue = readCatalogue();
  const present = await presentImages(docker);
  const nodes = wanted.engines.filter((engine) => !present.has(catalogue.node(engine)));
  const toxiproxy = wanted.toxiproxy && !present.has(catalogue.toxiproxy);
  const registry = wanted.registry === true && !present.has(catalogue.registry);
  const made = [
    ...nodes.map(catalogue.node),
    ...(toxiproxy ? [catalogue.toxiproxy] : []),
    ...(registry ? [catalogue.registry] : []),
  ];
  if (made.length > 0)
    await make({
      docker,
      catalogue,
      present,
      nodes,
      toxiproxy,
      registry,
      rights,
      progress,
      signal,
    });
  return {
    nodes: new Map(wanted.engines.map((engine) => [engine, catalogue.node(engine)])),
    toxiproxy: catalogue.toxiproxy,
    registry: catalogue.registry,
    workloads: Object.fromEntries(
      WORKLOADS.map((workload) => [workload, workloadName(workload)]),
    ) as Record<Workload, string>,
    made,
  };
}

interface Missing {
  readonly docker: Docker;
  readonly catalogue: Catalogue;
  readonly present: ReadonlySet<string>;
  readonly nodes: readonly EngineLine[];
  readonly toxiproxy: boolean;
  readonly registry: boolean;
  readonly rights: NodeRights;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** The proxy and the nodes are made side by side: one mostly computes, the other mostly waits for the network. */
async function make(missing: Missing): Promise<void> {
  const stop = new AbortController();
  const { docker, progress } = missing;
  const signal =
    missing.signal === undefined ? stop.signal : AbortSignal.any([missing.signal, stop.signal]);
  const run: ImageRun = { docker, progress, signal, stage: `${process.pid}-${Date.now()}` };
  const base = baseMaker(run, missing);
  const works = [
    missing.toxiproxy
      ? makeToxiproxy(run, missing.catalogue, () => base(TOOL_SUITE))
      : Promise.resolve(),
    missing.nodes.length > 0 ? makeNodes(run, missing, base) : Promise.resolve(),
    missing.registry ? makeRegistry(run, missing.catalogue, base) : Promise.resolve(),
  ];
  try {
    await Promise.all(works);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(works);
    throw error;
  } finally {
    await pruneStages(run);
  }
}

async function makeNodes(
  run: ImageRun,
  missing: Missing,
  base: (suite: Suite) => Promise<string>,
): Promise<void> {
  const { catalogue } = missing;
  if (WORKLOADS.some((workload) => !missing.present.has(catalogue.workload(workload))))
    await makeWorkloads(run, catalogue, await base(TOOL_SUITE));
  for (const engine of missing.nodes)
    await makeNode(run, catalogue, engine, await base(SUITES[engine]), missing.rights);
}

/** Makes each base at most once, whoever asks for it. */
function baseMaker(run: ImageRun, missing: Missing): (suite: Suite) => Promise<string> {
  const making = new Map<Suite, Promise<string>>();
  return (suite) => {
    const name = missing.catalogue.base(suite);
    if (missing.present.has(name)) return Promise.resolve(name);
    const before = making.get(suite) ?? makeBase(run, missing.catalogue, suite);
    making.set(suite, before);
    return before;
  };
}

/** Removes what was only needed on the way, a Go compiler above all. */
async function pruneStages(run: ImageRun): Promise<void> {
  const filters = { dangling: { true: true }, label: { [`${STAGE_LABEL}=${run.stage}`]: true } };
  await within(PRUNE_MS, 'removing helping stages', run.docker.pruneImages({ filters }));
}
