/** The docker CLI that came with an engine, since people have the two of one age; or another that somebody has. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
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

/** Makes the CLI at `path` the one in `folder`; the answer is the folder for the PATH. */
export function linkClient(path: string, folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(realpathSync(path), join(bin, 'docker'));
  return bin;
}

/** `29.7.2` of the CLI at `path`. */
export function versionOfClient(path: string): string {
  const said = execFileSync(path, ['--version'], { encoding: 'utf8' });
  return /version ([\w.+-]+)/.exec(said)?.[1] ?? said.trim();
}
