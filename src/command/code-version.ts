import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOMS } from '../../tools/rooms.mjs';
import { PROJECT_ROOT } from './project.ts';

const LENGTH = 10;

/** The version of the code that a simulated run depends on: a hash over the sources of the simulator and of the rooms that it imports. */
export function codeVersion(root: string = PROJECT_ROOT): string {
  const hash = createHash('sha256');
  const rooms = ['simulator', ...(ROOMS['simulator']?.imports ?? [])];
  for (const room of rooms.sort()) {
    for (const path of sourcesOf(join(root, 'src', room))) {
      hash.update(`${path}\n`).update(readFileSync(join(root, 'src', room, path)));
    }
  }
  return hash.digest('hex').slice(0, LENGTH);
}

const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .sort();
