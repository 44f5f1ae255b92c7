/** The options of a lab of real Swarm for the tests of the lab itself: engine and images made sure of first. */
import { ensureEngine } from '../../src/lab/engine/ensure-engine.ts';
import { probeHost } from '../../src/lab/engine/probe-host.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { ensureImages } from '../../src/lab/images/ensure-images.ts';
import { nodeRights } from '../../src/lab/images/node-rights.ts';
import type { LabOptions } from '../../src/lab/lab.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Options for one manager of real Swarm; spread and change. */
export async function swarmOptions(name: string): Promise<LabOptions> {
  const engine = await ensureEngine(say);
  const rights = nodeRights(await probeHost(engine));
  const wanted = { engines: [DEFAULT_ENGINE], toxiproxy: true };
  const images = await ensureImages(engine.docker, wanted, rights, say);
  const node = images.nodes.get(DEFAULT_ENGINE);
  if (node === undefined) throw new Error(`no image for engine ${DEFAULT_ENGINE}`);
  return {
    name,
    subject: 'swarm',
    managers: 1,
    workers: 0,
    engine: DEFAULT_ENGINE,
    images: { node, toxiproxy: images.toxiproxy },
    rights,
  };
}
