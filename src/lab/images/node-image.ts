/** The image of a node: an engine of a suite, and the workload images inside. */

import { spawn } from 'node:child_process';
import { copyFileSync, createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { within } from '../engine/deadline.ts';
import type { StepContext } from '../engine/progress.ts';
import { withScratchFolder } from '../engine/scratch-folder.ts';
import { WORKLOADS } from '../../model/scenario.ts';
import { NODE_FOLDER, workloadName } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { build, imageStep, untag } from './image-run.ts';
import type { ImageRun } from './image-run.ts';
import { unpack } from '../unpack.ts';
import type { NodeRights } from './node-rights.ts';
import type { EngineLine } from '../../model/engines.ts';

const SEED_MS = 180_000;
const ASK_MS = 20_000;
const POLL_MS = 250;
const SEED_FILE = 'seed.Dockerfile';
/** On containers that only help to make an image, with the process that made them. */
const BUILD_LABEL = 'swarmtwin.build';

/** Makes the node image of an engine from its base image. The workload images have to be there. */
export async function makeNode(
  run: ImageRun,
  catalogue: Catalogue,
  engine: EngineLine,
  base: string,
  rights: NodeRights,
): Promise<void> {
  const bare = catalogue.engine(engine);
  await build(run, { folder: NODE_FOLDER, tag: bare, args: { BASE: base, ENGINE: engine } });
  await withScratchFolder(async (scratch) => {
    const what = `putting the workload images into ${catalogue.node(engine)}`;
    await imageStep(run, what, SEED_MS, (context) =>
      makeSeed(run.docker, catalogue, bare, rights, scratch, context),
    );
    copyFileSync(join(NODE_FOLDER, SEED_FILE), join(scratch, SEED_FILE));
    await build(run, {
      folder: scratch,
      dockerfile: SEED_FILE,
      tag: catalogue.node(engine),
      args: { ENGINE_IMAGE: bare },
    });
  });
  await untag(run.docker, bare);
}

/** Lets a daemon of this very engine load the workload images, and fetches what it made of them: seed.tar. */
async function makeSeed(
  docker: Docker,
  catalogue: Catalogue,
  image: string,
  rights: NodeRights,
  scratch: string,
  context: StepContext,
): Promise<void> {
  await removeOrphans(docker);
  await saveWorkloads(docker, catalogue, join(scratch, 'images.tar'), context);
  const tags = WORKLOADS.map((each) => `${catalogue.workload(each)}=${workloadName(each)}`);
  const container = await docker.createContainer({
    Image: image,
    Env: ['SWARMTWIN_SUBJECT=seed', `SWARMTWIN_TAGS=${tags.join(' ')}`],
    Labels: { [BUILD_LABEL]: String(process.pid) },
    Volumes: { '/var/lib/docker': {} },
    HostConfig: { ...rights, NetworkMode: 'none' },
    abortSignal: context.signal,
  });
  try {
    const packed = spawn('tar', ['-C', scratch, '-c', 'images.tar'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: context.signal,
    });
    await container.putArchive(packed.stdout, { path: '/', abortSignal: context.signal });
    await container.start({ abortSignal: context.signal });
    await seeded(docker, container, context);
    await unpack(
      await container.getArchive({ path: '/seed.tar', abortSignal: context.signal }),
      scratch,
    );
  } finally {
    await within(ASK_MS, 'removing a container', container.remove({ force: true, v: true }));
  }
}

/** Removes what a killed process left of a seed. */
async function removeOrphans(docker: Docker): Promise<void> {
  const filters = { label: [BUILD_LABEL] };
  const all = await within(
    ASK_MS,
    'listing containers',
    docker.listContainers({ all: true, filters }),
  );
  for (const { Id, Labels } of all) {
    if (existsSync(`/proc/${Labels[BUILD_LABEL] ?? ''}`)) continue;
    const removal = docker.getContainer(Id).remove({ force: true, v: true });
    await within(ASK_MS, 'removing a container', removal);
  }
}

async function saveWorkloads(
  docker: Docker,
  catalogue: Catalogue,
  path: string,
  context: StepContext,
): Promise<void> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/images/get?',
        method: 'GET',
        options: { names: WORKLOADS.map(catalogue.workload) },
        isStream: true,
        abortSignal: context.signal,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (error: Error | null, data: unknown) => {
        if (error === null) resolve(data as NodeJS.ReadableStream);
        else reject(error);
      },
    );
  });
  await pipeline(stream, createWriteStream(path), { signal: context.signal });
}

/** Waits for /seed.tar. Throws with the container's last words when that ends before. */
async function seeded(
  docker: Docker,
  container: Docker.Container,
  context: StepContext,
): Promise<void> {
  let words = '';
  const ear = new Writable({
    write(chunk: Buffer, _encoding, done) {
      words = (words + chunk.toString()).slice(-2_000);
      context.note(words.trimEnd().split('\n').at(-1) ?? '');
      done();
    },
  });
  const output = await container.attach({ stream: true, logs: true, stdout: true, stderr: true });
  const ending = new AbortController();
  output.once('close', () => {
    ending.abort();
  });
  output.once('end', () => {
    ending.abort();
  });
  docker.modem.demuxStream(output, ear, ear);
  while (!(await hasFile(container, '/seed.tar'))) {
    if (ending.signal.aborted) throw new Error(`the daemon in it ended early:\n${words}`);
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

async function hasFile(container: Docker.Container, path: string): Promise<boolean> {
  try {
    const answer = container.infoArchive({ path }) as Promise<NodeJS.ReadableStream>;
    // The answer has no body, but its connection stays open until somebody has read it.
    (await within(ASK_MS, `looking for ${path}`, answer)).resume();
    return true;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return false;
    throw error;
  }
}
