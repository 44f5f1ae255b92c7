/** The docker CLI that came with an engine: people have the two of one age. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ask, hostDocker } from '../../src/lab/docker.ts';
import type { LabNode } from '../../src/lab/lab.ts';

/** Copies it out of a node into `folder`; the answer is the folder for the PATH. */
export async function fetchClient(node: LabNode, folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const archive = await ask(
    `fetching the docker CLI of ${node.name}`,
    hostDocker().getContainer(node.containerId).getArchive({ path: '/usr/bin/docker' }),
  );
  const tar = spawn('tar', ['-C', bin, '-x'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', resolve);
  });
  await pipeline(archive, tar.stdin);
  const code = await ended;
  if (code !== 0) throw new Error(`tar ended with ${String(code)}`);
  return bin;
}
