/** What every maker of an image is given, and how it builds, imports and pulls one. */

import { readdirSync } from 'node:fs';
import type Docker from 'dockerode';
import pRetry from 'p-retry';
import { SwarmtwinError } from '../../model/errors.ts';
import { within } from '../engine/deadline.ts';
import { runStep } from '../engine/progress.ts';
import type { Progress, StepContext } from '../engine/progress.ts';

export interface ImageRun {
  readonly docker: Docker;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  /** Marks the helping stages of this run, so that they can be found and removed. */
  readonly stage: string;
}

/** One image to be built from a folder. */
export interface Recipe {
  readonly folder: string;
  readonly dockerfile?: string;
  /** A stage of the Dockerfile; the last one unless given. */
  readonly target?: string;
  readonly tag: string;
  readonly args: Readonly<Record<string, string>>;
}

const ASK_MS = 20_000;
const BUILD_MS = 600_000;
const RETRIES = 2;
const LINES_OF_AN_ERROR = 12;

/** Runs a step of making an image, again when it fails; throws SwarmtwinError `image-failed`. */
export async function imageStep<T>(
  run: ImageRun,
  what: string,
  deadlineMs: number,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  const { progress, signal } = run;
  try {
    return await pRetry(() => runStep({ what, deadlineMs, progress, signal }, work), {
      retries: RETRIES,
      shouldRetry: () => signal?.aborted !== true,
      onFailedAttempt: ({ error, retriesLeft }) => {
        if (retriesLeft > 0 && signal?.aborted !== true)
          progress(
            `${what} failed, trying again: ${error.message.trim().split('\n').at(-1) ?? ''}`,
          );
      },
    });
  } catch (error) {
    throw SwarmtwinError.from(
      error,
      'image-failed',
      what,
      'Most often the package mirror or the Go module proxy cannot be reached. Start it again; what was made is kept.',
    );
  }
}

/** Builds an image. The tag is there only when all of it is; the build may use the host's network, for package mirrors. */
export async function build(run: ImageRun, recipe: Recipe): Promise<void> {
  await imageStep(run, `building ${recipe.tag}`, BUILD_MS, async (context) => {
    const stream = await run.docker.buildImage(
      { context: recipe.folder, src: readdirSync(recipe.folder) },
      {
        t: recipe.tag,
        dockerfile: recipe.dockerfile ?? 'Dockerfile',
        ...(recipe.target === undefined ? {} : { target: recipe.target }),
        buildargs: { ...proxyArgs(), ...recipe.args },
        networkmode: 'host',
        rm: true,
        forcerm: true,
        abortSignal: context.signal,
      },
    );
    await follow(run.docker, stream, context);
  });
}

/** Proxies of this environment; the Docker builder knows these names without an ARG. */
function proxyArgs(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Waits for the end of a build, an import or a pull. Throws its error with the last lines before it. */
export async function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  context: StepContext,
): Promise<void> {
  const lines: string[] = [];
  let failure: string | undefined;
  const hear = (event: StreamEvent): void => {
    failure ??= event.errorDetail?.message ?? event.error;
    const line = lastLine(event.stream ?? event.status ?? '');
    if (line === '') return;
    lines.push(line);
    if (lines.length > LINES_OF_AN_ERROR) lines.shift();
    context.note(line);
  };
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error === null) resolve();
        else reject(error);
      },
      hear,
    );
  });
  if (failure !== undefined) throw new Error(`${failure}\n${lines.join('\n')}`);
}

/** The last line that says something, without the colours that terminals understand. */
function lastLine(text: string): string {
  const escape = String.fromCharCode(27);
  const plain = text.replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '');
  return (
    plain
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
  );
}

/** The part of an engine's progress event that is read here. */
interface StreamEvent {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** The names of all images of ours that are there; one call. */
export async function presentImages(docker: Docker): Promise<ReadonlySet<string>> {
  const images = await within(ASK_MS, 'listing images', docker.listImages());
  const names = images.flatMap((image) => image.RepoTags ?? []);
  return new Set(names.filter((name) => name.startsWith('swarmtwin/')));
}

/** Gives an image a second name. */
export async function retag(docker: Docker, from: string, to: string): Promise<void> {
  const [repo, tag] = splitName(to);
  await within(ASK_MS, `naming ${to}`, docker.getImage(from).tag({ repo, tag }));
}

/** Takes a name away; the image goes with it when that was its last name and nothing is built on it. */
export async function untag(docker: Docker, name: string): Promise<void> {
  await within(ASK_MS, `removing ${name}`, docker.getImage(name).remove());
}

/** Repository and tag of a name that has both. */
export function splitName(name: string): readonly [repo: string, tag: string] {
  const colon = name.lastIndexOf(':');
  return [name.slice(0, colon), name.slice(colon + 1)];
}

const REGISTRY_MS = 10_000;
const PULL_MS = 300_000;

/** Pulls `remote` as `name` where its registry answers. False where it does not, with the reason as a progress line. */
export async function pulled(run: ImageRun, remote: string, name: string): Promise<boolean> {
  const image = run.docker.getImage(remote);
  try {
    await within(REGISTRY_MS, `asking the registry for ${remote}`, image.distribution());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    run.progress(`${remote} cannot be pulled here, so it is made: ${reason}`);
    return false;
  }
  await imageStep(run, `pulling ${remote}`, PULL_MS, async (context) => {
    const stream = await run.docker.pull(remote, { abortSignal: context.signal });
    await follow(run.docker, stream, context);
  });
  await retag(run.docker, remote, name);
  return true;
}
