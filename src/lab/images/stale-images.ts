/** Clears away images that older recipes made. */

import type Docker from 'dockerode';
import { within } from '../engine/deadline.ts';
import { WORKLOADS } from '../../model/scenario.ts';
import { SUITES, readCatalogue } from './catalogue.ts';
import { presentImages } from './image-run.ts';
import { ENGINE_LINES } from '../../model/engines.ts';

/**
 * Removes our images that today's recipes do not make any more and that no container uses. Gives their names; those of
 * other checkouts with other recipes go too, and come back when they are asked for.
 */
export async function removeStaleImages(docker: Docker): Promise<readonly string[]> {
  const catalogue = readCatalogue();
  const current = new Set([
    ...ENGINE_LINES.flatMap((engine) => [catalogue.node(engine), catalogue.base(SUITES[engine])]),
    ...WORKLOADS.map(catalogue.workload),
    catalogue.toxiproxy,
    catalogue.registry,
  ]);
  const removed: string[] = [];
  for (const name of await presentImages(docker)) {
    if (current.has(name)) continue;
    if (await removeUnused(docker, name)) removed.push(name);
  }
  return removed;
}

const ASK_MS = 60_000;
const IN_USE = 409;

async function removeUnused(docker: Docker, name: string): Promise<boolean> {
  try {
    await within(ASK_MS, `removing ${name}`, docker.getImage(name).remove());
    return true;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === IN_USE)
      return false;
    throw error;
  }
}
