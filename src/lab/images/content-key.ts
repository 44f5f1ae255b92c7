/** Names for images by what they are made from, so that what is there already is never made again. */

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const KEY_LENGTH = 12;

/** A short hash of named parts. The order of the names does not matter; a name and its text cannot run into each other. */
export function contentKey(parts: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(parts).sort()) {
    const text = parts[name] ?? '';
    hash.update(`${name.length}:${name}${text.length}:${text}`);
  }
  return hash.digest('hex').slice(0, KEY_LENGTH);
}

/** The files of one folder as parts of a key, by name; what is for people (README) does not count. */
export function folderParts(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.md'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
