/** A lab with a swarm in it, ready to be broken by somebody's own tests. */
import pRetry from 'p-retry';
import { readNamed } from '../command/named-file.ts';
import { progress } from '../command/say.ts';
import { engineOf } from '../command/run.ts';
import { labBasics, setUp } from '../command/set-up.ts';
import { createLab } from '../lab/create-lab.ts';
import type { EngineLine } from '../model/engines.ts';
import type { ActiveFault, Lab, LabNode, Subject } from '../lab/lab.ts';
import { execIn } from '../lab/node-exec.ts';
import { loadImages, takeImages } from '../lab/own-images.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, NodeName } from '../model/fault.ts';
import { watchUrls, type Watch, type WatchOptions } from './watch.ts';

export interface OwnLabOptions {
  /** Real Swarm (`swarm`, the default) or the twin. */
  readonly subject?: Subject;
  /** 3 and 0 unless given. */
  readonly managers?: number;
  readonly workers?: number;
  /** 26.1 unless given. */
  readonly engine?: EngineLine;
  /**
   * What the nodes shall have beside the lab's own images: names of images of the engine that carries the lab (as `docker save` takes them), and tar files of `docker
   * save`. They are there on every node, spares included, before anything is deployed.
   */
  readonly images?: readonly string[];
}

export interface OwnLab {
  readonly nodes: readonly LabNode[];
  /** The lab itself, for whatever is not here. */
  readonly lab: Lab;
  /** The leader's name. */
  leader(): Promise<NodeName>;
  /**
   * `docker stack deploy` of a compose file, run on a manager; resolves once as many tasks run as the file asks for. Errors: `lab-failed` with the CLI's own words,
   * or with what still does not run.
   */
  deploy(stack: string, composeFile: string, withinMs?: number): Promise<void>;
  /** More images on every node, while the lab stands: the next version of a service, say. As `images` of the options. */
  load(images: readonly string[]): Promise<void>;
  /** Breaks something; resolves once it is proved to have bitten. `heal` of the answer mends it, and proves that. */
  inject(fault: Fault): Promise<ActiveFault>;
  /** Asks for this path on this port of one node after another, again and again, until it is stopped. */
  watch(port: number, path?: string, options?: WatchOptions): Watch;
  /** Ends every watch, also one that a test which failed has left, and removes the lab and all that is its own. */
  down(): Promise<void>;
}

const DEPLOY_MS = 120_000;
const CLI_MS = 60_000;

/**
 * Starts nodes and forms their swarm. The first time on a machine it makes the images, which takes minutes and is said on standard error. Errors: `no-engine`,
 * `image-failed`, `lab-failed`; `bad-usage` for an image that is not there, before any node is started.
 */
export async function ownLab(options: OwnLabOptions = {}): Promise<OwnLab> {
  const { subject = 'swarm', managers = 3, workers = 0, engine = '26.1', images = [] } = options;
  engineOf(engine);
  const ready = await setUp([engine]);
  const taken = await takeImages(images, progress);
  try {
    const lab = await createLab({ ...labBasics(ready, engine), subject, managers, workers });
    try {
      await lab.formSwarm();
      await loadImages(lab.nodes, taken.archives, progress);
    } catch (caught) {
      await lab.down();
      throw caught;
    }
    return ownLabOf(lab);
  } finally {
    taken.drop();
  }
}

function ownLabOf(lab: Lab): OwnLab {
  const watches: Watch[] = [];
  return {
    ...{ nodes: lab.nodes, lab },
    leader: () => leaderOf(lab),
    deploy: (stack, file, withinMs = DEPLOY_MS) => deploy(lab, stack, file, withinMs),
    load: (images) => load(lab, images),
    inject: (fault) => lab.inject(fault),
    watch: (port, path = '/', watching = {}) => {
      const urls = lab.nodes.map(({ address }) => `http://${address}:${port}${path}`);
      const watch = watchUrls(urls, watching);
      watches.push(watch);
      return watch;
    },
    down: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
      await lab.down();
    },
  };
}

async function load(lab: Lab, images: readonly string[]): Promise<void> {
  const { archives, drop } = await takeImages(images, progress);
  try {
    await loadImages(lab.nodes, archives, progress);
  } finally {
    drop();
  }
}

interface ListedNode {
  readonly Description: { readonly Hostname: string };
  readonly ManagerStatus?: { readonly Leader?: boolean };
}

async function leaderOf(lab: Lab): Promise<NodeName> {
  const nodes = await ask<readonly ListedNode[]>(lab, '/nodes');
  const leader = nodes.find(({ ManagerStatus }) => ManagerStatus?.Leader === true);
  if (leader !== undefined) return leader.Description.Hostname;
  throw new SwarmtwinError('lab-failed', 'no manager says that it leads', 'Try again in a while.');
}

/** Of the first manager that answers. */
async function ask<T>(lab: Lab, path: string): Promise<T> {
  const said: string[] = [];
  for (const { name, role, client } of lab.nodes) {
    if (role !== 'manager') continue;
    const answer = await client.call('GET', path, { deadlineMs: 10_000 });
    if (answer.kind === 'answer' && answer.status === 200) return JSON.parse(answer.body) as T;
    said.push(`${name}: ${answer.kind === 'answer' ? answer.body : answer.message}`);
  }
  throw new SwarmtwinError(
    'lab-failed',
    `no manager answers ${path}: ${said.join('; ')}`,
    'Is a majority of the managers up?',
  );
}

async function deploy(lab: Lab, stack: string, file: string, withinMs: number): Promise<void> {
  const [first] = lab.nodes;
  const text = Buffer.from(readNamed(file, 'Name a compose file.')).toString('base64');
  const script = `echo ${text} | base64 -d | docker -H tcp://127.0.0.1:2375 stack deploy -c - '${stack.replaceAll("'", '')}'`;
  const { exitCode, stdout, stderr } = await execIn(first?.containerId ?? '', script, CLI_MS);
  if (exitCode !== 0)
    throw new SwarmtwinError(
      'lab-failed',
      `docker stack deploy of ${file}: ${stderr.trim() || stdout.trim()}`,
      'Mend the stack file. Images of your own come into the nodes with lab({ images: [...] }).',
    );
  const deadline = performance.now() + withinMs;
  await pRetry(() => allRun(lab, stack), {
    ...{ retries: 10_000, factor: 1, minTimeout: 500, maxTimeout: 500 },
    shouldRetry: () => performance.now() < deadline,
  });
}

interface ListedService {
  readonly Spec: { readonly Name: string };
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number };
}

/** @throws SwarmtwinError `lab-failed`, saying what does not run yet. */
async function allRun(lab: Lab, stack: string): Promise<void> {
  const filters = JSON.stringify({ label: [`com.docker.stack.namespace=${stack}`] });
  const path = `/services?status=true&filters=${encodeURIComponent(filters)}`;
  const services = await ask<readonly ListedService[]>(lab, path);
  const open = services.filter(
    ({ ServiceStatus: status }) =>
      status === undefined ||
      status.DesiredTasks === 0 ||
      status.RunningTasks < status.DesiredTasks,
  );
  if (services.length > 0 && open.length === 0) return;
  const said = open.map(
    ({ Spec, ServiceStatus: status }) =>
      `${Spec.Name} ${status?.RunningTasks ?? 0}/${status?.DesiredTasks ?? '?'}`,
  );
  throw new SwarmtwinError(
    'lab-failed',
    `of the stack ${stack} not all runs: ${said.join(', ') || 'no service'}`,
    'See `docker service ps` on a node of the lab.',
  );
}
