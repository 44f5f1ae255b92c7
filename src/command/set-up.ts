import type Dockerode from 'dockerode';
import { ensureEngine } from '../lab/engine/ensure-engine.ts';
import { probeHost, type HostFacts } from '../lab/engine/probe-host.ts';
import type { EngineLine } from '../model/engines.ts';
import { ensureImages, type Images, type ImageSet } from '../lab/images/ensure-images.ts';
import { nodeRights, type NodeRights } from '../lab/images/node-rights.ts';
import type { LabOptions } from '../lab/lab.ts';
import { sweep } from '../lab/sweep.ts';
import { ensureTwinBundle } from '../host/bundle/twin-bundle.ts';
import { SwarmtwinError } from '../model/errors.ts';
import { DIST, NODE_BINARY, PROJECT_ROOT } from './project.ts';
import { progress } from './say.ts';

/** All that labs are made of, ready: an engine, images, the twin's bundle. */
export interface SetUp {
  readonly docker: Dockerode;
  readonly host: HostFacts;
  readonly rights: NodeRights;
  readonly images: Images;
  readonly twin: { readonly nodeBinary: string; readonly bundle: string };
}

/**
 * Finds or gets an engine, removes what dead runs left, makes what images are missing, bundles the twin. The first start takes minutes and says what it
 * does; a second one builds nothing. Errors: `no-engine`, `image-failed`, `deadline`, `interrupted`.
 */
export async function setUp(
  engines: readonly EngineLine[],
  more: Pick<ImageSet, 'registry'> = {},
): Promise<SetUp> {
  const stop = stopOnSignal();
  const bundle = ensureTwinBundle(PROJECT_ROOT, DIST);
  bundle.catch(() => undefined);
  const engine = await ensureEngine(progress, stop.signal);
  const host = await probeHost(engine);
  await sweepDead();
  const rights = nodeRights(host);
  const images = await ensureImages(
    engine.docker,
    { engines, toxiproxy: true, ...more },
    rights,
    progress,
    stop.signal,
  );
  const { path, reused } = await bundle;
  if (!reused) progress('bundled the twin daemon');
  stop.release();
  return {
    docker: engine.docker,
    host,
    rights,
    images,
    twin: { nodeBinary: NODE_BINARY, bundle: path },
  };
}

/** Finds or gets an engine; Ctrl-C leaves nothing half-made. Errors: `no-engine`, `deadline`, `interrupted`. */
export async function findEngine(): Promise<void> {
  const stop = stopOnSignal();
  try {
    await ensureEngine(progress, stop.signal);
  } finally {
    stop.release();
  }
}

/** Removes the labs of processes that are gone, and says which. */
export async function sweepDead(): Promise<void> {
  for (const lab of await sweep()) progress(`removed the lab ${lab.name}: ${lab.why}`);
}

/** What every lab of this set-up has in common. */
export function labBasics(
  setUp: SetUp,
  engine: EngineLine,
): Pick<LabOptions, 'engine' | 'images' | 'rights' | 'twin'> {
  const node = setUp.images.nodes.get(engine);
  if (node === undefined) {
    throw new SwarmtwinError(
      'internal',
      `no node image for engine ${engine}`,
      'Name the engine with --engine.',
    );
  }
  return {
    engine,
    images: { node, toxiproxy: setUp.images.toxiproxy },
    rights: setUp.rights,
    twin: setUp.twin,
  };
}

// Long builds are aborted by Ctrl-C; once labs exist their own guard takes over.
function stopOnSignal(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => {
    progress('interrupted; leaving nothing half-made …');
    controller.abort();
  };
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
