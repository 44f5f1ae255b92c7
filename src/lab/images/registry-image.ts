/** A registry from the distribution's package: none of the suites needs one of the world's. */

import { REGISTRY_FOLDER, TOOL_SUITE } from './catalogue.ts';
import type { Catalogue, Suite } from './catalogue.ts';
import { build } from './image-run.ts';
import type { ImageRun } from './image-run.ts';

export async function makeRegistry(
  run: ImageRun,
  catalogue: Catalogue,
  base: (suite: Suite) => Promise<string>,
): Promise<void> {
  await build(run, {
    folder: REGISTRY_FOLDER,
    tag: catalogue.registry,
    args: { BASE: await base(TOOL_SUITE), STAGE: run.stage },
  });
}
