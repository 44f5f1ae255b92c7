/** The docker CLI that came with an engine: people have the two of one age. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask, hostDocker } from '../../src/lab/docker.ts';
import type { LabNode } from '../../src/lab/lab.ts';
import { unpack } from '../../src/lab/unpack.ts';

/** Copies it out of a node into `folder`; the answer is the folder for the PATH. */
export async function fetchClient(node: LabNode, folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const archive = await ask(
    `fetching the docker CLI of ${node.name}`,
    hostDocker().getContainer(node.containerId).getArchive({ path: '/usr/bin/docker' }),
  );
  await unpack(archive, bin);
  return bin;
}
