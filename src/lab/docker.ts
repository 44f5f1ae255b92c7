/** The engine on which the lab stands, and bounded questions to it. */
import Docker from 'dockerode';
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import { within } from './engine/deadline.ts';
import { endpointOf } from './engine/engine-probe.ts';

/** For one question to the host's engine. Removing a volume of a big lab takes longest. */
const ENGINE_DEADLINE_MS = 60_000;

let shared: Docker | undefined;

/** The engine of DOCKER_HOST or the default socket; the same client for the whole process. */
export function hostDocker(): Docker {
  shared ??= new Docker({ timeout: ENGINE_DEADLINE_MS });
  return shared;
}

/** Asks the host's engine with a deadline; what goes wrong becomes `lab-failed`, with what was tried. */
export async function ask<T>(
  tried: string,
  work: Promise<T>,
  deadlineMs = ENGINE_DEADLINE_MS,
): Promise<T> {
  try {
    return await within(deadlineMs, tried, work);
  } catch (error) {
    if (isNoEngine(error)) throw noEngine(error);
    throw SwarmtwinError.from(
      error,
      'lab-failed',
      tried,
      'Look at the engine with `docker ps -a`; `swarmtwin lab gc` removes what dead runs left.',
    );
  }
}

/** Nobody listens there, or we may not ask. */
const isNoEngine = (error: unknown): boolean =>
  error instanceof Object &&
  'code' in error &&
  ['ECONNREFUSED', 'ENOENT', 'EACCES', 'ENOTFOUND', 'EHOSTUNREACH'].includes(String(error.code));

const noEngine = (error: unknown): SwarmtwinError =>
  SwarmtwinError.from(
    error,
    'no-engine',
    `no Docker engine answers at ${endpointOf(process.env)}, so there are no labs to be seen`,
    process.env['DOCKER_HOST'] === undefined
      ? 'Start it (sudo systemctl start docker), or type: npx swarmtwin lab up, which as root on Debian or Ubuntu starts or installs one.'
      : 'Start that engine, or unset DOCKER_HOST to use the one on this machine.',
  );

/** The HTTP status with which an engine refused, or undefined. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Runs a removal; what is gone already, or is being removed by somebody else, counts as removed. */
export async function removeQuietly(tried: string, work: Promise<unknown>): Promise<void> {
  try {
    await within(ENGINE_DEADLINE_MS, tried, work);
  } catch (error) {
    const status = statusOf(error);
    const known = status === 404 || (status === 409 && /progress/.test(messageOf(error)));
    if (!known) throw SwarmtwinError.from(error, 'lab-failed', tried, 'Try `swarmtwin lab gc`.');
  }
}
