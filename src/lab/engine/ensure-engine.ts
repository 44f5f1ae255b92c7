/** Finds a Docker engine; where there is none, and we may, gets one. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SwarmtwinError } from '../../model/errors.ts';
import { aptInstall } from './apt.ts';
import { hasSystemd, startDockerd } from './dockerd.ts';
import { answers, askEngine, endpointOf } from './engine-probe.ts';
import type { EngineInfo, NoAnswer } from './engine-probe.ts';
import { searchPath } from './logged-command.ts';
import type { Progress } from './progress.ts';
import { parseOsRelease, planSetUp } from './set-up-plan.ts';
import type { OsRelease } from './set-up-plan.ts';

/**
 * Gives a Docker engine that answers: the one DOCKER_HOST names, the one on the usual socket, or, for root on Debian or
 * Ubuntu, one installed from the distribution's packages and started. Otherwise throws SwarmtwinError `no-engine`, which
 * says what is missing and what to type. Never uses sudo; never replaces an engine that somebody named.
 */
export async function ensureEngine(progress: Progress, signal?: AbortSignal): Promise<EngineInfo> {
  const first = await askEngine();
  if (answers(first)) return first;
  refuseWhereOthersDecide(first);
  const plan = planSetUp({
    os: readOsRelease(),
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasDockerd: hasProgram('dockerd'),
    hasSystemd: hasSystemd(),
  });
  if (plan.kind === 'refuse') throw new SwarmtwinError('no-engine', plan.why, plan.next);
  if (plan.kind === 'install') {
    await aptInstall(['docker.io', 'iptables', 'ca-certificates'], progress, signal);
    const second = await askEngine();
    if (answers(second)) return second;
  }
  return await startDockerd(progress, signal);
}

function refuseWhereOthersDecide(outcome: NoAnswer): void {
  const endpoint = endpointOf(process.env);
  if (process.env['DOCKER_HOST'] !== undefined)
    throw new SwarmtwinError(
      'no-engine',
      `DOCKER_HOST is ${endpoint}, and no engine answers there: ${outcome.reason}`,
      'Start that engine, or unset DOCKER_HOST to use the one on this machine.',
    );
  if (outcome.isDenied)
    throw new SwarmtwinError(
      'no-engine',
      `a Docker engine is at ${endpoint}, but this user may not use it`,
      'Type: sudo usermod -aG docker "$USER", then log in again.',
    );
}

/** What this machine runs. */
export const readOsRelease = (): OsRelease =>
  parseOsRelease(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');

/** Whether a program is on the path, the administrators' folders included. */
export const hasProgram = (name: string): boolean =>
  searchPath()
    .split(':')
    .some((folder) => existsSync(join(folder, name)));
