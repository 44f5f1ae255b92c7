/** Somebody's own images, brought to the nodes of a lab, which have engines of their own: by name from the engine that carries the lab, or as tar files of `docker save`. */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import { ask, hostDocker, statusOf } from './docker.ts';
import { runStep, type Progress } from './engine/progress.ts';
import { follow } from './images/image-run.ts';
import type { LabNode } from './lab.ts';

/** One file as `docker load` takes it. */
export interface Archive {
  /** The image's name, or the file as it was given. */
  readonly what: string;
  readonly path: string;
  readonly bytes: number;
}

export interface TakenImages {
  readonly archives: readonly Archive[];
  /** Removes the copies that were made of named images. */
  readonly drop: () => void;
}

/** A big image on a slow disk; each node takes it by itself. */
const LONG_MS = 600_000;

const isFile = (what: string): boolean => /\.(tar|tar\.gz|tgz)$/.test(what);

/**
 * Finds every image before any node is started, and saves those that are named to files, once for all nodes.
 * @throws SwarmtwinError `bad-usage` where one is not there, with what to do
 */
export async function takeImages(
  images: readonly string[],
  progress: Progress,
  docker: Pick<Docker, 'getImage'> = hostDocker(),
): Promise<TakenImages> {
  for (const what of images) await refuseMissing(what, docker);
  const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-images-'));
  const drop = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const archives: Archive[] = [];
    for (const [index, what] of images.entries()) {
      const path = isFile(what) ? what : join(folder, `${index}.tar`);
      if (!isFile(what)) await save(what, path, progress, docker);
      archives.push({ what, path, bytes: statSync(path).size });
    }
    return { archives, drop };
  } catch (caught) {
    drop();
    throw SwarmtwinError.from(
      caught,
      'image-failed',
      `saving ${images.join(', ')}`,
      `Is there room in ${tmpdir()}? TMPDIR names another place.`,
    );
  }
}

async function refuseMissing(what: string, docker: Pick<Docker, 'getImage'>): Promise<void> {
  if (isFile(what)) {
    if (existsSync(what)) return;
    throw new SwarmtwinError(
      'bad-usage',
      `there is no file ${what}`,
      'docker save -o FILE.tar IMAGE makes one; or name an image of your engine, without .tar at its end.',
    );
  }
  try {
    await ask(`looking for the image ${what}`, docker.getImage(what).inspect());
  } catch (caught) {
    const { cause } = caught as { readonly cause?: unknown };
    if (statusOf(caught) !== 404 && statusOf(cause) !== 404) throw caught;
    throw new SwarmtwinError(
      'bad-usage',
      `there is no image ${what} on the engine that carries the lab (${process.env['DOCKER_HOST'] ?? 'the one of this machine'})`,
      `Make it there (docker build -t ${what} . or docker pull ${what}), or give a tar file of docker save.`,
      caught,
    );
  }
}

async function save(
  what: string,
  path: string,
  progress: Progress,
  docker: Pick<Docker, 'getImage'>,
): Promise<void> {
  await runStep({ what: `saving ${what}`, deadlineMs: LONG_MS, progress }, async ({ signal }) => {
    await pipeline(await docker.getImage(what).get(), createWriteStream(path), { signal });
  });
}

/**
 * Loads the images on every node, all nodes at the same time. They stay with a node's data, kill and start included.
 * @throws SwarmtwinError `image-failed` with the node and what its engine said
 */
export async function loadImages(
  nodes: readonly LabNode[],
  archives: readonly Archive[],
  progress: Progress,
): Promise<void> {
  const names = nodes.map(({ name }) => name).join(', ');
  for (const archive of archives) {
    const what = `loading ${archive.what} (${megabytes(archive.bytes)}) on ${names}`;
    await runStep({ what, deadlineMs: LONG_MS, progress }, async (context) => {
      await Promise.all(nodes.map((node) => loadOn(node, archive, context)));
    });
  }
}

async function loadOn(
  node: LabNode,
  { what, path }: Archive,
  context: Parameters<typeof follow>[2],
): Promise<void> {
  try {
    const engine = new Docker({ host: node.address, port: node.client.port });
    const answer = await engine.loadImage(createReadStream(path));
    await follow(engine, answer, context);
  } catch (caught) {
    throw new SwarmtwinError(
      'image-failed',
      `loading ${what} on ${node.name}: ${messageOf(caught)}`,
      'Is it what docker save wrote, whole? docker load -i takes the same.',
      caught,
    );
  }
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
