/** `stack`: `docker stack deploy` of 40 services with the CLI of this machine. Their tasks wait: it is the managers that are measured. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab, LabNode } from '../lab/lab.ts';
import { messageOf, SwarmtwinError } from '../model/errors.ts';
import type { BenchContext } from './context.ts';
import { inTurn } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { firstNode, must, NOWHERE, until, untilTasks, untilWhole } from './swarm-calls.ts';

const SERVICES = 40;
const CLI_MS = 120_000;

/** From the start of the CLI to its end. */
const STACK: Metric = { name: `stack.${SERVICES}-services`, unit: 's', aims: { ratio: 1 } };
export const STACKS: readonly Metric[] = [STACK];

export async function measureStack(context: BenchContext): Promise<void> {
  const pair = await context.pair();
  const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-bench-stack-'));
  try {
    const file = join(folder, 'stack.json');
    writeFileSync(file, JSON.stringify(stackOf(SERVICES)));
    for (let round = 0; round < context.samples; round += 1) {
      for (const subject of inTurn(round))
        await deployOnce(context, pair[subject], subject, folder, file);
      context.progress(`stack ${round + 1}/${context.samples}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A stack file may be JSON, which is YAML. */
function stackOf(services: number): unknown {
  const service = {
    image: 'swarmtwin/workload:v1',
    deploy: { replicas: 1, placement: { constraints: [NOWHERE] } },
  };
  const names = Array.from({ length: services }, (_, at) => `service-${at + 1}`);
  return { version: '3.8', services: Object.fromEntries(names.map((name) => [name, service])) };
}

async function deployOnce(
  { readings }: BenchContext,
  lab: Lab,
  subject: BenchSubject,
  folder: string,
  file: string,
): Promise<void> {
  const leader = await untilWhole(lab, firstNode(lab), 60_000);
  const began = performance.now();
  // No registry answers here: now and then the engine's look-up of its name hangs for 5 s, on either subject.
  const unresolved = ['--resolve-image', 'never'];
  await docker(leader, folder, 'stack', 'deploy', ...unresolved, '--compose-file', file, 'forty');
  readings.add(STACK, subject, (performance.now() - began) / 1000);
  await untilTasks(leader, SERVICES, 60_000);
  await docker(leader, folder, 'stack', 'rm', 'forty');
  await untilTasks(leader, 0, 60_000);
  await until(`the end of the stack's network on ${leader.name}`, 60_000, 200, async () => {
    const networks = (await must(leader, 'GET', '/networks')) as readonly { Name: string }[];
    return networks.some(({ Name }) => Name === 'forty_default') ? undefined : true;
  });
}

/** The CLI with nothing of this process's settings, on that node. */
async function docker(node: LabNode, home: string, ...words: string[]): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: home, DOCKER_HOST: node.dockerHost };
  try {
    await promisify(execFile)('docker', words, { env, timeout: CLI_MS });
  } catch (caught) {
    throw new SwarmtwinError(
      'lab-failed',
      `docker ${words.join(' ')} on ${node.name}: ${messageOf(caught)}`,
      'Install the docker CLI on this machine, with its stack commands.',
    );
  }
}
