import { existsSync, readFileSync, statSync } from 'node:fs';
import { SwarmtwinError } from '../model/errors.ts';

/** The text of a file that somebody named. `next` says what should be named. Errors: `bad-usage` where there is none, or it is no file, or may not be read. */
export function readNamed(path: string, next: string): string {
  const refuse = (why: string): SwarmtwinError => new SwarmtwinError('bad-usage', why, next);
  if (!existsSync(path)) throw refuse(`there is no file ${path}`);
  if (!statSync(path).isFile()) throw refuse(`${path} is no file`);
  try {
    return readFileSync(path, 'utf8');
  } catch (caught) {
    throw SwarmtwinError.from(caught, 'bad-usage', `reading ${path}`, next);
  }
}
