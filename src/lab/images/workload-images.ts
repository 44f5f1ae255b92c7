/** The images of the services that the suites deploy. */

import { WORKLOADS } from '../../model/scenario.ts';
import { WORKLOAD_FOLDER } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { build } from './image-run.ts';
import type { ImageRun } from './image-run.ts';

/** Builds all of them; they share one layer, so all but the first cost next to nothing. */
export async function makeWorkloads(
  run: ImageRun,
  catalogue: Catalogue,
  base: string,
): Promise<void> {
  for (const workload of WORKLOADS)
    await build(run, {
      folder: WORKLOAD_FOLDER,
      target: workload,
      tag: catalogue.workload(workload),
      args: { BASE: base, STAGE: run.stage },
    });
}
