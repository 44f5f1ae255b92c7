/**
 * The twin simulated, as a target: the scenario's shape brought up in a world of its own on virtual time, and watched by the same eyes as a
 * cluster on real engines, at the same pace. Equal scenarios and seeds give equal histories, byte for byte.
 */
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, NodeName, Proof } from '../model/fault.ts';
import { textOf } from '../simulator/container-programs.ts';
import {
  isInstant,
  nodesHindered,
  type HeldSeen,
  type HistoryNode,
  type SwarmSettings,
} from '../model/history.ts';
import { createRandom } from '../model/random.ts';
import { nodeNames, type Scenario, type Shape } from '../model/scenario.ts';
import { DEFAULT_OPTIONS, nodeBehaviour } from '../engine-api/api-message.ts';
import { MachineApi } from '../simulator/machine-api.ts';
import { World, type WorldOptions } from '../simulator/world.ts';
import { apiAnswer } from './api-answer.ts';
import { openEngineEyes, type EngineEyes } from './engine-eyes.ts';
import { readEngine, readSettings, type EngineFacts } from './engine-facts.ts';
import type { EyesClient } from './eyes-client.ts';
import { simulatedClient } from './simulated-client.ts';
import { SimulatedFaults } from './simulated-faults.ts';
import { openSwarmEyes, type SwarmEyes } from './swarm-eyes.ts';
import type { Target } from './target.ts';
import { VirtualClock } from './virtual-clock.ts';
import type { EngineLine } from '../model/engines.ts';

const DEADLINE_MS = 30_000;
/** As in the lab. */
const ENGINE_LABEL = 'swarmtwin.node';
/** A node that joins is looked for so often. */
const JOIN_LOOK_MS = 50;
const JOIN_LIMIT_MS = 90_000;

interface Stage {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly faults: SimulatedFaults;
  readonly nodes: readonly (HistoryNode & { readonly client: EyesClient })[];
}

/** Brings up a simulated swarm of the scenario's shape that behaves like a line of engines; its seed is the scenario's. */
export async function simulatedTarget(
  scenario: Pick<Scenario, 'shape' | 'seed'> & Partial<Pick<Scenario, 'steps'>>,
  line: EngineLine = '26.1',
): Promise<Target> {
  const { shape, seed, steps = [] } = scenario;
  const carriesLogs = steps.some((step) => step.do === 'read-logs');
  const stage = raise(shape, line, {
    ...{ seed, keepsLines: false, carriesLogs },
    ...nodeBehaviour(line),
  });
  const { clock, nodes } = stage;
  const [first] = nodes;
  if (first === undefined)
    throw new SwarmtwinError('bad-scenario', 'a swarm without a manager', 'Give it one.');
  const engine = await clock.foreground(readEngine(first));
  const settings = await clock.foreground(readSettings(first));
  return targetOf(stage, engine, settings);
}

function raise(
  shape: Shape,
  line: EngineLine,
  options: WorldOptions & { readonly seed: string },
): Stage {
  const world = new World(options);
  const random = createRandom(`api ${options.seed}`);
  const names = nodeNames(shape);
  const roleOf = (index: number): HistoryNode['role'] =>
    index < shape.managers
      ? 'manager'
      : index < shape.managers + shape.workers
        ? 'worker'
        : 'spare';
  names.forEach((name, index) => {
    const role = roleOf(index);
    describeEngine(world, name, DEFAULT_OPTIONS[line].engineVersion);
    if (index === 0) world.init(name);
    else if (role === 'spare') world.machine(name);
    else world.join(name, role);
  });
  world.until('every node is ready', () => world.nodes().every(isReady));
  const clock = new VirtualClock(world.time);
  const faults = new SimulatedFaults(world, clock);
  const nodes = names.map((name, index) => ({
    ...{ name, role: roleOf(index), address: name },
    client: simulatedClient({
      clock,
      api: new MachineApi(world.machine(name), random.fork(), line),
      presence: () => faults.presence(name),
      onContainers: (callback) => world.machine(name).engine.onContainers(callback),
    }),
  }));
  return { world, clock, faults, nodes };
}

/** Before it is in a swarm, which its node tells of its engine when it joins. */
function describeEngine(world: World, name: NodeName, version: string): void {
  const { engine } = world.machine(name);
  const { description } = engine;
  const labels = { ...description.engine.labels, [ENGINE_LABEL]: name };
  engine.description = { ...description, engine: { ...description.engine, version, labels } };
}

const isReady = (node: ReturnType<World['nodes']>[number]): boolean =>
  node.status.state === 'ready';

/** What the target keeps while it runs. */
interface Running {
  readonly inForce: Map<string, Fault>;
  readonly engines: Map<NodeName, EngineEyes>;
  eyes: SwarmEyes | undefined;
}

function targetOf(stage: Stage, engine: EngineFacts, settings: SwarmSettings): Target {
  const { world, clock, nodes } = stage;
  const startedAt = world.time.now - clock.now();
  const running: Running = { inForce: new Map(), engines: new Map(), eyes: undefined };
  const names = nodes.map(({ name }) => name);
  const faulted = (name: string): boolean =>
    [...running.inForce.values()].some((fault) => nodesHindered(fault, names).includes(name));
  const clientOf = (name: NodeName): EyesClient => {
    const found = nodes.find((node) => node.name === name);
    if (found !== undefined) return found.client;
    throw new SwarmtwinError(
      'bad-usage',
      `there is no node ${name}`,
      `Nodes: ${names.join(', ')}.`,
    );
  };
  return {
    subject: 'sim',
    engine: engine.version,
    host: engine.host,
    settings,
    nodes: nodes.map(({ name, role, address }) => ({ name, role, address })),
    startedAt,
    now: () => Math.round(clock.now()),
    advance: (ms) => clock.foreground(clock.sleep(ms)),
    call: async ({ node, method, path, body, deadlineMs = DEADLINE_MS }) =>
      apiAnswer(await clock.foreground(clientOf(node).call(method, path, { body, deadlineMs }))),
    watch: (seen) => {
      const managers = nodes.filter(({ role }) => role === 'manager');
      running.eyes = openSwarmEyes({ clock, startedAt, managers, faulted, seen });
      for (const { name, client } of nodes)
        running.engines.set(name, openEngineEyes(name, client, clock, seen));
    },
    look: async () => {
      const engines = [...running.engines].filter(([name]) => !faulted(name));
      const looks = [...engines.map(([, eyes]) => eyes.look())];
      if (running.eyes !== undefined) looks.push(running.eyes.look());
      await clock.foreground(Promise.all(looks));
    },
    inject: (name, fault) => clock.foreground(inject(stage, running, name, fault)),
    heal: (name) => clock.foreground(heal(stage, running, name)),
    holding: (node, text) => Promise.resolve(held(world, node, text)),
    ports: (node) =>
      Promise.reject(
        new SwarmtwinError(
          'bad-usage',
          `${node} is simulated and has no ports`,
          'Play it on Docker (swarmtwin run --subject swarm,twin).',
        ),
      ),
    join: (node, role) => clock.foreground(join(stage, node, role)),
    stop: () => {
      running.eyes?.stop();
      for (const eyes of running.engines.values()) eyes.close();
      return Promise.resolve();
    },
  };
}

async function inject(
  { faults }: Stage,
  running: Running,
  name: string,
  fault: Fault,
): Promise<Proof> {
  const proof = await faults.inject(name, fault);
  if (!isInstant(fault)) running.inForce.set(name, fault);
  running.eyes?.refocus();
  return proof;
}

async function heal({ faults }: Stage, running: Running, name: string): Promise<Proof> {
  const proof = await faults.heal(name);
  running.inForce.delete(name);
  running.eyes?.refocus();
  return proof;
}

/** A simulated machine keeps nothing of a secret but what its containers see, and that in memory. */
function held(world: World, node: NodeName, text: string): Pick<HeldSeen, 'looked' | 'places'> {
  const places = world
    .machine(node)
    .engine.containers.flatMap((container) =>
      container.files
        .filter((file) => textOf(file) === text)
        .map(({ path }) => ({ path: `${container.name}:${path}`, inMemory: true })),
    );
  return { looked: 'the files of the simulated containers', places };
}

/** Through whichever manager leads, and until that one sees the node ready. */
async function join(
  { world, clock }: Stage,
  name: NodeName,
  role: 'worker' | 'manager',
): Promise<void> {
  const through = world.leader();
  const token = await new Promise<string>((resolve, reject) => {
    world.machine(through).node.control({ method: 'get-cluster' }, (result) => {
      if (result.ok) resolve(result.value.joinTokens[role]);
      else reject(new Error(result.error.text));
    });
  });
  await new Promise<void>((resolve, reject) => {
    world.askToJoin(name, token, through, (result) => {
      if (result.ok) resolve();
      else reject(new Error(result.error.text));
    });
  });
  const until = clock.now() + JOIN_LIMIT_MS;
  const id = world.machine(name).node.nodeId();
  while (!world.nodes().some((node) => node.id === id && isReady(node))) {
    if (clock.now() > until)
      throw new SwarmtwinError(
        'deadline',
        `${name} was not ready ${JOIN_LIMIT_MS / 1000} s after it joined`,
        'Look whether a fault keeps it from the managers.',
      );
    await clock.sleep(JOIN_LOOK_MS);
  }
}
