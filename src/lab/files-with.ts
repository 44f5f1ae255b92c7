/** Looks on a node itself for a text in files: in everything that is in memory, and where the engine and the daemons keep what they know. */
import type { LabNode } from './lab.ts';
import { runIn } from './node-exec.ts';

/** What dockerd, its swarm and the twin write about containers and the swarm; images and layers are no place for a secret. */
const ON_DISK = ['containers', 'swarm', 'swarmtwin'].map((name) => `/var/lib/docker/${name}`);
const LOOKED = `grep in every tmpfs of the node and in ${ON_DISK.join(', ')}`;
const DEADLINE_MS = 30_000;

export interface Held {
  readonly looked: string;
  readonly places: readonly { readonly path: string; readonly inMemory: boolean }[];
}

/** @throws SwarmtwinError `lab-failed` where the node does not run */
export async function filesWith(node: Pick<LabNode, 'containerId'>, text: string): Promise<Held> {
  const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
  const script = [
    `places=$(awk '$3 == "tmpfs" || $3 == "ramfs" { print $2 }' /proc/mounts | sort -u)`,
    // A file that goes away meanwhile is no problem; neither are those of /proc and /sys, which are no tmpfs.
    `grep -rlsF -D skip -- ${quoted} $places ${ON_DISK.join(' ')} | sort -u | while read -r file; do stat -f -c "%T $file" "$file"; done`,
    'true',
  ].join('\n');
  const output = await runIn(node.containerId, script, DEADLINE_MS);
  const places = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind = '', ...rest] = line.split(' ');
      return { path: rest.join(' '), inMemory: kind === 'tmpfs' || kind === 'ramfs' };
    });
  return { looked: LOOKED, places };
}
