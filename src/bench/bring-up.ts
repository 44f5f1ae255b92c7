/** `lab`: from "images present" to a swarm of three managers with the workload images in every node. */
import type { Lab } from '../lab/lab.ts';
import { workloadName } from '../lab/images/catalogue.ts';
import { SwarmtwinError } from '../model/errors.ts';
import { WORKLOADS } from '../model/scenario.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { must } from './swarm-calls.ts';

export const BRING_UP: Readonly<Record<'up' | 'nodes' | 'form', Metric>> = {
  up: { name: 'lab.up', unit: 's', aims: { swarm: 6, ratio: 1.2 } },
  nodes: { name: 'lab.nodes-answer', unit: 's' },
  form: { name: 'lab.form-swarm', unit: 's' },
};

/** Makes and removes a lab per sample and subject. */
export async function measureBringUp(context: BenchContext): Promise<void> {
  for (let round = 0; round < context.samples; round += 1)
    for (const subject of inTurn(round)) await bringUpOnce(context, subject, round);
}

async function bringUpOnce(
  { lab: makeLab, readings, progress, samples }: BenchContext,
  subject: BenchSubject,
  round: number,
): Promise<void> {
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  const lab = await makeLab(subject);
  try {
    const nodes = since();
    await lab.formSwarm();
    const formed = since();
    await seeImages(lab);
    const up = since();
    readings.add(BRING_UP.up, subject, up);
    readings.add(BRING_UP.nodes, subject, nodes);
    readings.add(BRING_UP.form, subject, formed - nodes);
    progress(`lab ${round + 1}/${samples} ${subject}: up after ${up.toFixed(2)} s`);
  } finally {
    await lab.down();
  }
}

interface ImageSeen {
  readonly RepoTags?: readonly string[] | null;
}

async function seeImages(lab: Lab): Promise<void> {
  const wanted = WORKLOADS.map(workloadName);
  await Promise.all(
    lab.nodes.map(async (node) => {
      const images = (await must(node, 'GET', '/images/json')) as readonly ImageSeen[];
      const there = images.flatMap((image) => image.RepoTags ?? []);
      const missing = wanted.filter((name) => !there.includes(name));
      if (missing.length > 0)
        throw new SwarmtwinError(
          'lab-failed',
          `${node.name} has no ${missing.join(', ')}`,
          'Remove the node image, so that it is built anew.',
        );
    }),
  );
}
