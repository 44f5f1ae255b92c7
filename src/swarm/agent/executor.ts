/** The agent's port to a container engine (SwarmKit: agent/exec; moby: daemon/cluster/executor/container). */
import type { SwarmError } from '../../model/errors.ts';
import type {
  Config,
  ContainerStatus,
  NodeDescription,
  Secret,
  Task,
} from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import type { PortConfig } from '../../model/specs.ts';
import type { LogEvents, LogOptions } from '../logs/log-api.ts';
import type { Stream } from '../session.ts';

/** How a container ended. `err` is Swarm's text, as `task: non-zero exit (137)`; empty for exit code 0. */
export interface ContainerExit {
  readonly container: ContainerStatus;
  readonly err: string;
}

/**
 * What a task may need besides itself; only what its spec refers to. To be read when it is needed, not before: after a restart of the agent it arrives later than
 * the task.
 */
export interface Dependencies {
  readonly secrets: readonly Secret[];
  readonly configs: readonly Config[];
}

/**
 * Drives one task's container. Every call ends in its `done`, unless `close` came first. An error with code `Unavailable` or
 * `DeadlineExceeded` is temporary: the agent repeats the same call after 1 s (SwarmKit: ErrTaskRetry); every other error is the task's end, and its
 * message is what people read.
 */
export interface Controller {
  /**
   * Gives up the call in flight (a long pull, say); its `done` is not awaited any more. The agent gives up on a call when the task's desired state changes, and
   * calls the next one 1 s later. Without this member it lets `prepare` go on to its end; a `start` or `wait` that it gave up may still be under way when
   * `shutdown`, or the same call again, comes.
   */
  cancel?(): void;
  /** The container as it was last seen; asked when a call failed, for the exit code that people see. */
  lastStatus?(): ContainerStatus | null;
  /** Image, networks, volumes, container created. Does well when all of it is there already. */
  prepare(done: Done<ContainerStatus>): void;
  /** Starts the container; done when it runs, or, where it has a health check, at its first healthy result. */
  start(
    done: Done<{ readonly container: ContainerStatus; readonly ports: readonly PortConfig[] }>,
  ): void;
  /** Done when the container has ended, whoever ended it. */
  wait(done: Done<ContainerExit>): void;
  /** Stops the container with its signal and grace period; does well when it is stopped or gone. */
  shutdown(done: Done<ContainerStatus | null>): void;
  /** Removes the container and its anonymous volumes; does well when it is gone. */
  remove(done: Done<null>): void;
  /**
   * Reads what the container wrote; with `follow` it waits for a container that has not started yet, and goes on to the container's end. Without this member
   * there is nothing to be read.
   */
  logs?(options: LogOptions, events: LogEvents): Stream;
  /** The task's spec or desired state changed in a way the container may care for. */
  update(task: Task): void;
  /** No more callbacks; nothing is stopped. */
  close(): void;
}

export interface Executor {
  describe(done: Done<NodeDescription>): void;
  /** A controller for the task, new or for a container that is there already (by label) from before a restart. Throws a SwarmError for an impossible spec. */
  controller(task: Task, dependencies: Dependencies): Controller;
  /** Ids of tasks that have a container of this node's on the engine, running or not. */
  knownTasks(done: Done<readonly string[]>): void;
  /** Called with each change that the engine reports, for the description (labels, resources) to be read anew. */
  onEngineRestart(callback: (error: SwarmError | null) => void): void;
}
