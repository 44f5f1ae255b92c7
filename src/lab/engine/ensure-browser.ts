/** Finds Chromium; where there is none, and we may, installs the distribution's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';
import { aptInstall } from './apt.ts';
import { readOsRelease } from './ensure-engine.ts';
import { searchPath } from './logged-command.ts';
import type { Progress } from './progress.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * The path of a Chromium: the one that CHROMIUM names, one on the path, or, for root on Debian, one installed from the distribution's packages. Ubuntu's package is a
 * stub that wants snapd, so there the person has to bring one. Errors: `no-browser`, which says what to type.
 */
export async function ensureBrowser(progress: Progress): Promise<string> {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && !existsSync(named))
    throw new SwarmtwinError(
      'no-browser',
      `CHROMIUM is ${named}, and there is no such file`,
      'Name a Chromium or Chrome that is there, or unset CHROMIUM.',
    );
  const found = named ?? onPath();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || readOsRelease().id !== 'debian')
    throw new SwarmtwinError(
      'no-browser',
      'the page is tried in a real browser, and there is no Chromium here',
      'Type: sudo apt-get install -y chromium (on Debian), or set CHROMIUM to the path of a Chromium or Chrome.',
    );
  progress('there is no Chromium here; installing the one of the distribution');
  await aptInstall(['chromium', 'fonts-dejavu-core'], progress);
  const installed = onPath();
  if (installed !== undefined) return installed;
  throw new SwarmtwinError(
    'no-browser',
    'chromium was installed, and is not on the path',
    'Set CHROMIUM to its path.',
  );
}

const onPath = (): string | undefined =>
  searchPath()
    .split(':')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
