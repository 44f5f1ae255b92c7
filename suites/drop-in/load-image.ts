/** An image of the lab's own engine, brought to a node. */
import Docker from 'dockerode';
import { follow } from '../../src/lab/images/image-run.ts';
import { ask, hostDocker } from '../../src/lab/docker.ts';
import type { LabNode } from '../../src/lab/lab.ts';

export async function loadImage(name: string, node: LabNode): Promise<void> {
  const engine = new Docker({ host: node.address, port: node.client.port });
  const archive = await ask(`saving ${name}`, hostDocker().getImage(name).get());
  const answer = await ask(`loading ${name} on ${node.name}`, engine.loadImage(archive));
  const signal = AbortSignal.timeout(60_000);
  await follow(engine, answer, { signal, note: () => undefined });
}
