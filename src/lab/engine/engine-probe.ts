/** Asks whether a Docker engine answers, and which one. */

import Docker from 'dockerode';
import { messageOf } from '../../model/errors.ts';
import { within } from './deadline.ts';

/** A Docker engine that answers. Its version is what it says itself. */
export interface EngineInfo {
  readonly docker: Docker;
  /** How it is reached, for messages. */
  readonly endpoint: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly arch: string;
}

export interface NoAnswer {
  readonly reason: string;
  /** The socket is there and not for us. */
  readonly isDenied: boolean;
}

export const DEFAULT_SOCKET = '/var/run/docker.sock';
const ANSWER_MS = 5_000;

/** Where DOCKER_HOST points, or the usual socket. */
export const endpointOf = (env: NodeJS.ProcessEnv): string =>
  env['DOCKER_HOST'] ?? `unix://${DEFAULT_SOCKET}`;

/** Asks the engine of this environment (DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH) for its version, for at most 5 s. */
export async function askEngine(): Promise<EngineInfo | NoAnswer> {
  const endpoint = endpointOf(process.env);
  try {
    const docker =
      process.env['DOCKER_HOST'] === undefined
        ? new Docker({ socketPath: DEFAULT_SOCKET })
        : new Docker();
    const version = await within(ANSWER_MS, endpoint, docker.version());
    return {
      docker,
      endpoint,
      version: version.Version,
      apiVersion: version.ApiVersion,
      arch: version.Arch,
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { reason: messageOf(error), isDenied: code === 'EACCES' };
  }
}

export const answers = (outcome: EngineInfo | NoAnswer): outcome is EngineInfo =>
  'docker' in outcome;
