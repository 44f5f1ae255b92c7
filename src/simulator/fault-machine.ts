/** Faults of whole machines and of their containers. */
import { SwarmtwinError } from '../model/errors.ts';
import type { SimulatedContainer } from './container.ts';
import type { Bite, MachineFault } from './bite.ts';
import { slowMachine } from './fault-slow-machine.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** The machine of that name. Errors: `bad-scenario` where the world has none. */
export function machineOf(world: World, name: string): Machine {
  const machine = world.machines.get(name);
  if (machine !== undefined) return machine;
  throw new SwarmtwinError(
    'bad-scenario',
    `there is no node ${name} in this swarm`,
    `Its nodes are ${[...world.machines.keys()].join(', ')}.`,
  );
}

export function ofMachine(world: World, fault: MachineFault): Bite {
  const machine = machineOf(world, fault.node);
  switch (fault.kind) {
    case 'crash':
    case 'kill':
    case 'stop':
      return onMachine(machine, () => machine.holdDown(fault.kind));
    case 'pause':
      return onMachine(machine, () => machine.holdPaused());
    case 'unplug':
      return unplugged(world, machine);
    case 'crash-at-write':
      return crashAtWrite(machine, fault.writes);
    case 'restart-engine':
      return engineDown(machine);
    case 'skew-clock':
      return skewed(machine, fault.offsetMs, 0);
    case 'skew':
      return skewed(machine, fault.offsetMs, fault.driftPpm);
    case 'slow-machine':
      return slowMachine(world, machine, fault.factor);
    case 'slow-pulls':
      return slowPulls(machine, fault.pullMs, fault.failure ?? null);
    default:
      return ofContainer(machine, fault);
  }
}

const stateText = ({ name, isUp, isPaused, engine }: Machine): string =>
  `${name} is ${isUp ? (isPaused ? 'frozen' : 'up') : 'down'}, ${engine.running.size} containers run`;

function onMachine(machine: Machine, hold: () => () => void): Bite {
  let release = (): void => undefined;
  return {
    looked: 'the machine, its daemon and its containers',
    look: () => stateText(machine),
    bite: () => {
      release = hold();
    },
    undo: () => {
      release();
    },
  };
}

function unplugged(world: World, machine: Machine): Bite {
  const { name } = machine;
  let plugIn = (): void => undefined;
  return {
    looked: 'the links of the machine, both ways',
    look: () => {
      const others = [...world.machines.keys()].filter((other) => other !== name);
      const cut = others.filter(
        (other) => world.network.isCut(name, other) && world.network.isCut(other, name),
      );
      return `${name} is cut off from ${cut.length} of ${others.length}`;
    },
    bite: () => {
      plugIn = machine.unplug();
    },
    undo: () => {
      plugIn();
    },
  };
}

function crashAtWrite(machine: Machine, writes: number): Bite {
  return {
    looked: 'the machine and the writes of its disk',
    look: () => `${stateText(machine)} after ${machine.disk.writes} writes`,
    bite: () => {
      machine.disk.crashAtWrite(writes);
    },
    undo: () => {
      machine.disk.crashAtWrite(0);
      if (!machine.isUp) machine.restart();
    },
  };
}

function engineDown(machine: Machine): Bite {
  const { engine } = machine;
  return {
    looked: 'the container engine',
    look: () => `the engine of ${machine.name} is ${engine.isUp ? 'up' : 'down'}`,
    bite: () => {
      engine.stop();
    },
    undo: () => {
      if (machine.isUp) engine.begin();
    },
  };
}

function skewed(machine: Machine, offsetMs: number, driftPpm: number): Bite {
  const { time } = machine;
  return {
    looked: 'the wall clock against the time of the world',
    look: () => `the clock of ${machine.name} is ${Math.round(time.errorMs)} ms ahead`,
    bite: () => {
      time.skew(offsetMs);
      time.drift(driftPpm);
    },
    undo: () => {
      time.setRight();
    },
  };
}

function slowPulls(machine: Machine, pullMs: number, failure: string | null): Bite {
  const { engine } = machine;
  const before = engine.times.pull;
  return {
    looked: 'what a pull takes',
    look: () => `a pull on ${machine.name}: ${engine.pullFailure ?? `${engine.times.pull} ms`}`,
    bite: () => {
      engine.forgetImages();
      engine.times.pull = Math.max(1, pullMs);
      engine.pullFailure = failure;
    },
    undo: () => {
      engine.times.pull = before;
      engine.pullFailure = null;
    },
  };
}

type ContainerKind = Extract<MachineFault, { readonly container: string }>;

function ofContainer(machine: Machine, fault: ContainerKind): Bite {
  const container = machine.engine.container(fault.container);
  if (container === undefined)
    throw new SwarmtwinError(
      'bad-scenario',
      `there is no container ${fault.container} on ${machine.name}`,
      'Name a task that runs there, or its container.',
    );
  const { engine } = machine;
  const look = (): string =>
    engine.container(container.id) === undefined
      ? `${container.name} is gone`
      : `${container.name} is ${container.state}`;
  const undo = (): void => {
    if (fault.kind === 'pause-container') container.unpause();
  };
  return {
    looked: 'the container on its engine',
    look,
    undo,
    bite: () => {
      harm(machine, container, fault);
    },
  };
}

function harm(machine: Machine, container: SimulatedContainer, fault: ContainerKind): void {
  switch (fault.kind) {
    case 'kill-container':
      container.kill();
      return;
    case 'remove-container':
      machine.engine.remove(container);
      return;
    case 'pause-container':
      container.pause();
      return;
    case 'exit':
      container.end(fault.code);
  }
}
