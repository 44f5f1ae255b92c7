/** Installs packages of the distribution. Needs root; asks nothing and never uses sudo. */

import pRetry from 'p-retry';
import { SwarmtwinError } from '../../model/errors.ts';
import { runLogged } from './logged-command.ts';
import { runStep } from './progress.ts';
import type { Progress } from './progress.ts';

/** Where apt's own words are to be found. */
export const APT_LOG = '/var/log/swarmtwin-apt.log';

const UPDATE_MS = 180_000;
const INSTALL_MS = 600_000;
const LOCK_WAIT_S = 120;
const RETRIES = 2;

/**
 * Installs packages, lists of packages first, without what they only recommend. An interrupted install is left to
 * finish, for a half-configured package is worse than one too many. Throws SwarmtwinError `no-engine`.
 */
export async function aptInstall(
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const names = packages.join(' ');
  try {
    await apt(['update'], 'reading the package lists', UPDATE_MS, progress, signal);
    await apt(
      ['install', '-y', '--no-install-recommends', ...packages],
      `installing ${names}`,
      INSTALL_MS,
      progress,
      signal,
    );
  } catch (error) {
    throw SwarmtwinError.from(
      error,
      'no-engine',
      `cannot install ${names}`,
      `See ${APT_LOG}, or install by hand: apt-get update && apt-get install -y ${names}`,
    );
  }
}

async function apt(
  words: readonly string[],
  what: string,
  deadlineMs: number,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = ['apt-get', '-q', '-o', `DPkg::Lock::Timeout=${LOCK_WAIT_S}`, ...words] as const;
  const once = (): Promise<void> =>
    runStep({ what, deadlineMs, progress, signal }, (context) =>
      runLogged(
        {
          command: [...command],
          logPath: APT_LOG,
          env: { DEBIAN_FRONTEND: 'noninteractive' },
          onAbort: 'leave',
        },
        context,
      ),
    );
  await pRetry(once, {
    retries: RETRIES,
    shouldRetry: ({ error }) => signal?.aborted !== true && !error.message.includes('not done'),
    onFailedAttempt: ({ error, retriesLeft }) => {
      if (retriesLeft > 0 && signal?.aborted !== true)
        progress(`${what} failed, trying again: ${error.message.trim().split('\n').at(-1) ?? ''}`);
    },
  });
}
