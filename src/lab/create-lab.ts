/** Starts a lab: network, proxy and nodes, as much at once as can be. */
import { randomBytes } from 'node:crypto';
import { getContainerRuntimeClient } from 'testcontainers';
import { SwarmtwinError } from '../model/errors.ts';
import { bootRules } from './boot-rules.ts';
import { thingName } from './bench.ts';
import type { BenchNode } from './bench.ts';
import { benchNodeOf } from './bench-node.ts';
import { ask, hostDocker } from './docker.ts';
import { answers, askEngine } from './engine/engine-probe.ts';
import { probeHost } from './engine/probe-host.ts';
import { eventually } from './eventually.ts';
import { guardLab, releaseLab } from './guard.ts';
import { nodeRights } from './images/node-rights.ts';
import type { NodeRights } from './images/node-rights.ts';
import { createLabNetwork } from './lab-network.ts';
import type { LabNetwork } from './lab-network.ts';
import { planLab, rolesOf } from './lab-plan.ts';
import type { LabPlan, PlannedNode } from './lab-plan.ts';
import type { Lab, LabOptions } from './lab.ts';
import { labelsFor } from './labels.ts';
import type { LabIdentity } from './labels.ts';
import { LinkProxies } from './link-proxies.ts';
import { nodeClient } from './node-client.ts';
import { NodeContainer, ProxyContainer } from './node-container.ts';
import { untilApiAnswers } from './node-ready.ts';
import { thisOwner } from './owner.ts';
import { removeLab } from './remove-lab.ts';
import { RunningLab } from './running-lab.ts';

const START_DEADLINE_MS = 90_000;
const ENGINE_LABEL = 'swarmtwin.node';

/**
 * testcontainers finds its engine once per process. Told beforehand that ports are on this machine, it does not pull an image to find out;
 * and it needs no reaper: our labels and our sweep know of owners, kept labs, networks and volumes as well.
 */
async function readyTestcontainers(): Promise<void> {
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  await ask('finding the engine', getContainerRuntimeClient());
}

/**
 * Starts a lab and returns when every node answers; `formSwarm` is a step of its own. Whatever goes wrong half-way is removed first.
 * @throws SwarmtwinError `bad-usage`, `no-engine`, `lab-failed`
 */
export async function createLab(options: LabOptions): Promise<Lab> {
  refuseNonsense(options);
  const id = randomBytes(4).toString('hex');
  guardLab(id);
  try {
    const lab = await start(id, options);
    if (options.kept === true) releaseLab(id);
    return lab;
  } catch (error) {
    await removeLab(id);
    releaseLab(id);
    throw SwarmtwinError.from(
      error,
      'lab-failed',
      `starting a lab of ${options.managers} managers and ${options.workers} workers`,
      'Look at `docker ps -a` and at the free disk and memory; `swarmtwin lab gc` removes left-overs.',
    );
  }
}

function refuseNonsense(options: LabOptions): void {
  rolesOf(options);
  if (options.managers < 1)
    throw new SwarmtwinError('bad-usage', 'a lab without a manager', 'Ask for one at least.');
  if (options.name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9.-]*$/.test(options.name))
    throw new SwarmtwinError(
      'bad-usage',
      `'${options.name}' is no name for a lab`,
      'Use letters, digits, dots and dashes.',
    );
  if (options.subject !== 'swarm' && options.twin === undefined)
    throw new SwarmtwinError(
      'bad-usage',
      'a lab of the twin without the twin',
      'Give `twin: { nodeBinary, bundle }`.',
    );
}

async function start(id: string, options: LabOptions): Promise<Lab> {
  const began = performance.now();
  const done = (step: string): void => {
    options.onProgress?.({ step, atMs: Math.round(performance.now() - began) });
  };
  const [rights, { network, identity }] = await Promise.all([
    options.rights ?? rightsHere(),
    createNetworkFor(id, options),
    readyTestcontainers(),
  ]);
  done(`network ${network.prefix}.0/24`);
  const plan = planLab(network.prefix, options, options.subject);
  const proxies = new LinkProxies(plan.proxyAddress);
  const proxyUp = startProxy(identity, plan, network, options).then(async () => {
    await proxies.open(plan);
    done('links');
  });
  // Disks in memory are kept by the proxy's container, so there it has to be first.
  if (identity.diskBytes > 0) await proxyUp;
  const starts = plan.nodes.map(async (planned) => {
    const node = await startNode(identity, plan, planned, network, options, rights);
    done(planned.name);
    return node;
  });
  const nodes = await allOf(starts, proxyUp);
  return new RunningLab({
    identity,
    plan,
    networkName: network.name,
    proxies,
    nodes,
    owed: new Map(),
  });
}

/** Waits for everything, so that nothing is still being created when a failure is cleaned up. */
async function allOf<T>(starts: readonly Promise<T>[], proxyUp: Promise<void>): Promise<T[]> {
  await Promise.allSettled([...starts, proxyUp]);
  await proxyUp;
  return Promise.all(starts);
}

async function rightsHere(): Promise<NodeRights> {
  const engine = await askEngine();
  if (!answers(engine))
    throw new SwarmtwinError('no-engine', engine.reason, 'Start Docker, or set DOCKER_HOST.');
  return nodeRights(await probeHost(engine));
}

async function createNetworkFor(
  id: string,
  options: LabOptions,
): Promise<{ readonly network: LabNetwork; readonly identity: LabIdentity }> {
  const identityAt = (prefix: string): LabIdentity => ({
    id,
    name: options.name ?? id,
    subject: options.subject,
    engine: options.engine,
    prefix,
    shape: {
      managers: options.managers,
      workers: options.workers,
      spares: options.spares ?? 0,
    },
    diskBytes: options.diskBytes ?? 0,
    kept: options.kept === true,
    owner: thisOwner(),
  });
  const network = await createLabNetwork(thingName.network(id), (prefix) =>
    labelsFor(identityAt(prefix), 'network'),
  );
  return { network, identity: identityAt(network.prefix) };
}

async function startProxy(
  identity: LabIdentity,
  plan: LabPlan,
  network: LabNetwork,
  options: LabOptions,
): Promise<void> {
  const hasDisks = identity.diskBytes > 0;
  if (hasDisks) await Promise.all(plan.nodes.map((node) => createDisk(identity, node)));
  const proxies = new LinkProxies(plan.proxyAddress);
  const container = new ProxyContainer(
    {
      image: options.images.toxiproxy,
      name: thingName.proxy(identity.id),
      networkName: network.name,
      address: plan.proxyAddress,
      labels: labelsFor(identity, 'proxy'),
      keptVolumes: hasDisks ? plan.nodes.map((node) => thingName.disk(identity.id, node.name)) : [],
    },
    async () => {
      await eventually(
        {
          what: `the proxy at ${plan.proxyAddress}`,
          deadlineMs: START_DEADLINE_MS,
          everyMs: 20,
          code: 'lab-failed',
          next: 'Containers must be reachable from this machine: the lab needs an engine that runs on it.',
        },
        () => proxies.version(),
      );
    },
  );
  await container.start();
}

async function createDisk(identity: LabIdentity, node: PlannedNode): Promise<void> {
  const inMemory = {
    type: 'tmpfs',
    device: 'tmpfs',
    o: `size=${identity.diskBytes},mode=0710`,
  };
  await ask(
    `creating the disk of ${node.name}`,
    hostDocker().createVolume({
      Name: thingName.disk(identity.id, node.name),
      Labels: labelsFor(identity, 'disk', node),
      ...(identity.diskBytes > 0 ? { DriverOpts: inMemory } : {}),
    }),
  );
}

async function startNode(
  identity: LabIdentity,
  plan: LabPlan,
  node: PlannedNode,
  network: LabNetwork,
  options: LabOptions,
  rights: NodeRights,
): Promise<BenchNode> {
  if (identity.diskBytes === 0) await createDisk(identity, node);
  const client = nodeClient(node.address);
  const container = new NodeContainer(
    {
      image: options.images.node,
      name: thingName.node(identity.id, node.name),
      hostname: node.name,
      networkName: network.name,
      address: node.address,
      labels: labelsFor(identity, 'node', node),
      volume: thingName.disk(identity.id, node.name),
      environment: {
        ...environmentOf(options, node),
        SWARMTWIN_SUBJECT: node.kind,
        SWARMTWIN_RULES: bootRules(plan, node),
      },
      readOnlyBinds: twinBinds(options, node),
      rights,
    },
    () => untilApiAnswers(node.name, client, START_DEADLINE_MS),
  );
  const started = await container.start();
  return benchNodeOf(node, started.getId(), client);
}

function environmentOf(options: LabOptions, { name }: PlannedNode): Record<string, string> {
  const given = { ...options.nodeEnvironment };
  if (options.engineLabels !== true) return given;
  const words = `${given['DOCKERD_ARGS'] ?? ''} --label ${ENGINE_LABEL}=${name}`;
  return { ...given, DOCKERD_ARGS: words.trim() };
}

function twinBinds(
  options: LabOptions,
  node: PlannedNode,
): readonly { readonly source: string; readonly target: string }[] {
  if (node.kind !== 'twin' || options.twin === undefined) return [];
  return [
    { source: options.twin.nodeBinary, target: '/opt/swarmtwin/node' },
    { source: options.twin.bundle, target: '/opt/swarmtwin/twin.mjs' },
  ];
}
