import type { SwarmError } from '../../model/errors.ts';
import type { Task } from '../../model/objects.ts';
import type { Timer, Timers } from '../ports.ts';
import type { AssignmentsMessage, Sink } from '../session.ts';
import type { Reader } from '../tables.ts';
import { AssignmentSet } from './assignment-set.ts';

/** SwarmKit: changes are sent after 100 ms of quiet, or as soon as there are 100. */
const QUIET_MS = 100;
const MAX_CHANGES = 100;

/** One agent's assignments: all there is at first, then the changes, each message naming the one that it follows. */
export class AssignmentStream {
  readonly #timers: Timers;
  readonly #sink: Sink<AssignmentsMessage>;
  readonly #set: AssignmentSet;
  #timer: Timer | null = null;
  #changes = 0;
  #sequence = 0;

  constructor(timers: Timers, reader: Reader, nodeId: string, sink: Sink<AssignmentsMessage>) {
    this.#timers = timers;
    this.#sink = sink;
    this.#set = new AssignmentSet(reader);
    for (const task of reader.tasksOfNode(nodeId)) this.#set.update(task);
    this.#send('complete');
  }

  update(task: Task): void {
    if (this.#set.update(task)) this.#changed();
  }

  remove(task: Task): void {
    if (this.#set.remove(task)) this.#changed();
  }

  end(error: SwarmError | null): void {
    this.close();
    this.#sink.end(error);
  }

  /** The other side is gone. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #changed(): void {
    this.#changes += 1;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#changes >= MAX_CHANGES) this.#send('incremental');
    else
      this.#timer = this.#timers.after(QUIET_MS, () => {
        this.#send('incremental');
      });
  }

  #send(type: AssignmentsMessage['type']): void {
    this.#timer = null;
    this.#changes = 0;
    const appliesTo = this.#sequence === 0 ? '' : String(this.#sequence);
    this.#sequence += 1;
    const resultsIn = String(this.#sequence);
    this.#sink.send({ type, appliesTo, resultsIn, changes: this.#set.takeChanges() });
  }
}
