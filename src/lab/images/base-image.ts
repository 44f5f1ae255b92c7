/** A Debian root of a suite: pulled where a registry answers, made by debootstrap where none does. */

import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SwarmtwinError } from '../../model/errors.ts';
import { aptInstall } from '../engine/apt.ts';
import { mirrorOf, readAptSources } from '../engine/apt-sources.ts';
import { hasProgram, readOsRelease } from '../engine/ensure-engine.ts';
import { runLogged } from '../engine/logged-command.ts';
import { withScratchFolder } from '../engine/scratch-folder.ts';
import { isDebianLike } from '../engine/set-up-plan.ts';
import type { Catalogue, Suite } from './catalogue.ts';
import { follow, imageStep, pulled, retag, splitName, untag } from './image-run.ts';
import type { ImageRun } from './image-run.ts';

const BOOTSTRAP_MS = 600_000;
const IMPORT_MS = 180_000;
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Makes the base image of a suite and gives its name. Making it without a registry needs root. */
export async function makeBase(run: ImageRun, catalogue: Catalogue, suite: Suite): Promise<string> {
  const name = catalogue.base(suite);
  if (await pulled(run, `debian:${suite}-slim`, name)) return name;
  await ensureDebootstrap(run, suite);
  await withScratchFolder(async (scratch) => {
    const root = join(scratch, 'root');
    await bootstrap(run, suite, root, join(scratch, 'debootstrap.log'));
    await importRoot(run, root, name);
  });
  return name;
}

async function ensureDebootstrap(run: ImageRun, suite: Suite): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new SwarmtwinError(
      'image-failed',
      `debian:${suite}-slim cannot be pulled, and only root can make a Debian root without it`,
      'Give the engine a way to a registry, or run it as root once: the images stay.',
    );
  if (hasProgram('debootstrap') && existsSync(KEYRING)) return;
  if (!isDebianLike(readOsRelease()))
    throw new SwarmtwinError(
      'image-failed',
      `debian:${suite}-slim cannot be pulled, and the program debootstrap is not here`,
      'Give the engine a way to a registry, or install debootstrap and debian-archive-keyring.',
    );
  await aptInstall(['debootstrap', 'debian-archive-keyring'], run.progress, run.signal);
}

/**
 * Runs debootstrap in mount and process namespaces of its own: what it mounts is never seen outside, and
 * nothing of it lives on when it is killed.
 */
async function bootstrap(run: ImageRun, suite: Suite, root: string, log: string): Promise<void> {
  const mirror = hostMirror();
  await imageStep(run, `making a Debian ${suite} root`, BOOTSTRAP_MS, async (context) => {
    rmSync(root, { recursive: true, force: true });
    await runLogged(
      {
        command: [
          ...(['unshare', '--mount', '--pid', '--fork', '--kill-child=SIGKILL'] as const),
          ...['debootstrap', '--variant=minbase', suite, root],
          ...(mirror === undefined ? [] : [mirror]),
        ],
        logPath: log,
        onAbort: 'kill',
      },
      context,
    );
  });
  const archives = join(root, 'var/cache/apt/archives');
  for (const file of readdirSync(archives).filter((each) => each.endsWith('.deb')))
    rmSync(join(archives, file));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/90as-on-host'), await hostAptSettings());
  // An image that a power cut damages is made anew; nothing is won by waiting for the disk after each file.
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n');
}

/** The mirror this machine uses, if it is a Debian one; else debootstrap knows one. */
function hostMirror(): string | undefined {
  const os = readOsRelease();
  return os.id === 'debian' ? mirrorOf(readAptSources(), os.codename) : undefined;
}

/** How this machine's apt reaches and checks archives: a build on its network needs the same. */
async function hostAptSettings(): Promise<string> {
  if (!hasProgram('apt-config')) return '';
  const { stdout } = await promisify(execFile)('apt-config', ['dump'], { timeout: 10_000 });
  const wanted = /^Acquire::(Check-|Retries|https?::(Proxy|Timeout))/;
  return stdout
    .split('\n')
    .filter((line) => wanted.test(line) && !line.includes(' "";'))
    .map((line) => `${line}\n`)
    .join('');
}

/** Imports a root under a name for the time being; the real name is given when tar has ended well. */
async function importRoot(run: ImageRun, root: string, name: string): Promise<void> {
  const [repo, tag] = splitName(name);
  const part = `${tag}-part`;
  await imageStep(run, `importing ${name}`, IMPORT_MS, async (context) => {
    const tar = spawn('tar', ['-C', root, '--numeric-owner', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: context.signal,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      tar.once('error', reject);
      tar.once('close', resolve);
    });
    const [code] = await Promise.all([
      ended,
      run.docker
        .importImage(tar.stdout, {
          repo,
          tag: part,
          changes: 'LABEL swarmtwin.image=1',
          abortSignal: context.signal,
        })
        .then((stream) => follow(run.docker, stream, context)),
    ]);
    if (code !== 0) throw new Error(`tar ended with ${String(code)}`);
    await retag(run.docker, `${repo}:${part}`, name);
    await untag(run.docker, `${repo}:${part}`);
  });
}
