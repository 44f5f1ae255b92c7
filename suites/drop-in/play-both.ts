/** Labs of engines that are in no swarm yet, real Swarm's and the twin's, and the script played to both at the same time, stage after stage. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labBasics, setUp, type SetUp } from '../../src/command/set-up.ts';
import { REPORTS } from '../../src/command/project.ts';
import { createLab } from '../../src/lab/create-lab.ts';
import type { Lab, LabOptions } from '../../src/lab/lab.ts';
import type { EngineLine } from '../../src/model/engines.ts';
import { compareAnswers } from './compare.ts';
import type { Compared } from './compare.ts';
import { fetchClient, linkClient } from './docker-client.ts';
import { loadImage } from './load-image.ts';
import { playScript } from './play-script.ts';
import type { Played } from './play-script.ts';
import type { Stage } from './script.ts';

const SUBJECTS = ['swarm', 'twin'] as const;
type Pair = readonly [swarm: Lab, twin: Lab];

interface Means {
  readonly ready: SetUp;
  readonly say: (line: string) => void;
  readonly client: string | undefined;
}

/** Plays and compares; the answers are kept in reports/drop-in/answers.json. `client` is another docker CLI than that of the engine. */
export async function playBoth(
  engine: EngineLine,
  stages: readonly Stage[],
  say: (line: string) => void,
  client?: string,
): Promise<readonly Compared[]> {
  const ready = await setUp([engine], { registry: stages.some(({ pulls }) => pulls === true) });
  const compared: Compared[] = [];
  for (const stage of stages) {
    const labs = await labsFor(stage, engine, ready);
    try {
      compared.push(...(await playStage(stage, labs, { ready, say, client })));
    } finally {
      await Promise.all(labs.map((each) => each.down()));
    }
  }
  const folder = join(REPORTS, 'drop-in');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'answers.json'), `${JSON.stringify(compared, null, 2)}\n`);
  return compared;
}

async function labsFor(stage: Stage, engine: EngineLine, ready: SetUp): Promise<Pair> {
  const options: Omit<LabOptions, 'subject'> = {
    ...labBasics(ready, engine),
    managers: stage.engines,
    workers: 0,
    nodeEnvironment: {
      DOCKERD_ARGS: stage.daemon ?? '',
      // Nodes of a lab ask no registries unless they are let.
      ...(stage.pulls === true ? { DOCKER_SERVICE_PREFER_OFFLINE_IMAGE: '0' } : {}),
    },
  };
  const made = await Promise.allSettled(
    SUBJECTS.map((subject) =>
      createLab({ ...options, subject, name: `drop-in-${subject}-${process.pid}` }),
    ),
  );
  const labs = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const [swarm, twin] = labs;
  if (swarm !== undefined && twin !== undefined) return [swarm, twin];
  await Promise.all(labs.map((each) => each.down()));
  throw made.find((each) => each.status === 'rejected')?.reason;
}

async function playStage(stage: Stage, labs: Pair, means: Means): Promise<readonly Compared[]> {
  const played = await Promise.all(labs.map((lab) => playParts(stage, lab, means)));
  const [swarm, twin] = played;
  return stage.parts.flatMap(({ name }) =>
    compareAnswers(name, swarm?.get(name) ?? [], twin?.get(name) ?? []),
  );
}

async function playParts(
  { parts, pulls }: Stage,
  lab: Lab,
  { ready: { images }, say, client: own }: Means,
): Promise<ReadonlyMap<string, readonly Played[]>> {
  const folder = mkdtempSync(join(tmpdir(), `drop-in-${lab.subject}-`));
  try {
    const client =
      own === undefined ? await fetchClient(lab.node('n1'), folder) : linkClient(own, folder);
    if (pulls === true) await loadImage(images.registry, lab.node('n1'));
    const all = await playScript(
      { lab, folder, client, words: { REGISTRY: images.registry } },
      parts.flatMap(({ calls }) => calls),
      say,
    );
    const byCall = new Map(all.map((played) => [played.call, played] as const));
    return new Map(
      parts.map(({ name, calls }) => [name, calls.flatMap((call) => byCall.get(call) ?? [])]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
