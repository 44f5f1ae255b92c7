import { isToolError, type SwarmtwinError } from '../model/errors.ts';
import type { Random } from '../model/random.ts';
import { createRandom } from '../model/random.ts';
import type { LogLine } from '../swarm/ports.ts';
import type { VirtualTime } from '../swarm/virtual-time.ts';
import type { SwarmNode } from '../swarm/node/swarm-node.ts';
import { SimulatedDisk } from './disk.ts';
import { SimulatedEngine } from './engine.ts';
import { MachineTime } from './machine-time.ts';
import { Process, type Network } from './process.ts';

/** What all machines of a world share. */
export interface Stage {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly seed: string;
  readonly keepsJoinAddress: boolean;
  /** Something happened on the machine, or may happen now. */
  touched(machine: Machine): void;
  log(machine: string, line: LogLine): void;
}

/** a machine with its disk, its clock and its container engine, and the process of the twin that runs on it, if one does. */
export class Machine {
  readonly name: string;
  /** How many machines were made before it. */
  readonly ordinal: number;
  readonly disk: SimulatedDisk;
  readonly engine: SimulatedEngine;
  /** The wall clock, and the elapsed time that timers run on. */
  readonly time: MachineTime;
  process: Process;
  /** Why the daemon ended by itself, or did not start; null while it runs, or was ended by somebody else. */
  failure: SwarmtwinError | null = null;
  readonly #stage: Stage;
  /** Forked by name, so that one machine's draws do not shift another's. */
  readonly #random: Random;
  /** What the network knows it by. */
  #host: string;
  /** How many faults hold it down, or frozen. */
  #downHolds = 0;
  #pauseHolds = 0;

  constructor(name: string, ordinal: number, stage: Stage) {
    this.name = name;
    this.#host = name;
    this.ordinal = ordinal;
    this.#stage = stage;
    this.#random = createRandom(`${stage.seed}/machine ${name}`);
    this.time = new MachineTime(stage.time);
    this.disk = new SimulatedDisk(this.#random.fork());
    this.engine = new SimulatedEngine(name, this.time, this.#random.fork());
    this.disk.powerFails = () => {
      this.crash();
    };
    this.process = this.#run();
  }

  /** For whoever asks something of it; to look at it only, take the process's. */
  get node(): SwarmNode {
    this.#stage.touched(this);
    return this.process.node;
  }

  get addr(): string {
    return `${this.#host}:2377`;
  }

  get isPaused(): boolean {
    return this.time.isFrozen;
  }

  /** Whether the machine is on and its daemon runs, frozen or not. */
  get isUp(): boolean {
    return this.process.isAlive();
  }

  /** The power fails: process and containers are gone, and with them what was not synced. */
  crash(): void {
    this.kill();
    this.disk.crash();
    this.#stage.touched(this);
  }

  /** Process and containers are killed, as SIGKILL to a node's container does; the page cache outlives that. */
  kill(): void {
    this.time.forget();
    this.process.die();
    this.engine.losePower();
  }

  /** The process is told to end, and its tasks' containers with it. */
  stop(done: () => void = () => undefined): void {
    const { process } = this;
    if (!process.isAlive()) {
      done();
      return;
    }
    process.run(() => {
      process.node.stop(() => {
        process.die();
        this.engine.stop();
        done();
      });
    });
  }

  /** Is known to the network by another name, once it starts again; what is sent to the old one is lost from now on. */
  move(host: string): void {
    this.#stage.network.unplug(this.#host);
    this.#host = host;
  }

  /** Switches on, with the data that are on the disk. A daemon that still ends is killed first. */
  start(): void {
    this.time.forget();
    if (this.process.isAlive()) this.process.die();
    this.engine.begin();
    this.process = this.#run();
    if (this.#pauseHolds > 0) this.pause();
  }

  /** Everything on it stands still: it answers nothing, and its connections do not know. */
  pause(): void {
    this.time.freeze();
    this.#stage.network.silent(this.#host);
  }

  /** Goes on; what came meanwhile comes now. */
  resume(): void {
    this.time.thaw();
  }

  /** Pulls its cable; the answer plugs it in again. */
  unplug(): () => void {
    return this.#stage.network.unplug(this.#host);
  }

  /** Keeps the machine down; it starts again once all who held it down have let go. */
  holdDown(way: 'crash' | 'kill' | 'stop'): () => void {
    this.#downHolds += 1;
    this[way]();
    return once(() => {
      this.#downHolds -= 1;
      if (this.#downHolds === 0) this.start();
    });
  }

  /** Starts again a machine that went down by itself, or whose daemon has given something up for good, unless somebody holds it down. */
  restart(): void {
    if (this.#downHolds > 0) return;
    if (this.isUp) this.kill();
    this.start();
  }

  /** Keeps the machine frozen; it goes on once all who froze it have let go. */
  holdPaused(): () => void {
    this.#pauseHolds += 1;
    this.pause();
    return once(() => {
      this.#pauseHolds -= 1;
      if (this.#pauseHolds === 0) this.resume();
    });
  }

  #run(): Process {
    const process = new Process(this.#host, {
      time: this.time,
      network: this.#stage.network,
      disk: this.disk,
      engine: this.engine,
      random: this.#random.fork(),
      keepsJoinAddress: this.#stage.keepsJoinAddress,
      touched: () => {
        this.#stage.touched(this);
      },
      log: (line) => {
        this.#stage.log(this.name, line);
      },
      crashed: (error) => {
        this.#failed(error);
      },
    });
    this.failure = null;
    try {
      process.start(this.disk.boot());
    } catch (caught) {
      if (!isToolError(caught)) throw caught;
      process.die();
      this.#failed(caught);
    }
    return process;
  }

  /** The daemon is the first process of its node: all others end with it. */
  #failed(error: SwarmtwinError): void {
    this.failure = error;
    this.#stage.log(this.name, { level: 'error', part: 'host', message: error.message });
    this.engine.losePower();
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
