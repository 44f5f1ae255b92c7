import type { SwarmError } from '../../model/errors.ts';
import { taskId } from '../../model/ids.ts';
import type { TaskStatus } from '../../model/objects.ts';
import type { Done } from '../../model/result.ts';
import { compareStates } from '../../model/task-state.ts';
import { sameValue } from '../dispatcher/task-equality.ts';
import type { TaskStatusUpdate } from '../session.ts';

/** SwarmKit's limit for one message of reports. */
const MAX_REPORTS = 1024;

/** Sends reports over the session that is open. */
export interface ReportLine {
  send(updates: readonly TaskStatusUpdate[], done: Done<null>): void;
  /** The line is of no use any more. */
  broken(error: SwarmError): void;
}

/** Brings the newest status of every task to a manager, however many sessions that takes. One message is under way at a time. */
export class StatusReporter {
  readonly #waiting = new Map<string, TaskStatus>();
  #underWay = new Map<string, TaskStatus>();
  #line: ReportLine | null = null;

  /** Takes a status to report; one that is behind what waits already is dropped. */
  report(id: string, status: TaskStatus): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      if (sameValue(waiting, status)) return;
      if (compareStates(waiting.state, status.state) > 0) return;
    }
    this.#waiting.set(id, status);
    this.#send();
  }

  attach(line: ReportLine): void {
    this.detach();
    this.#line = line;
    this.#send();
  }

  /** The session is over; what was under way waits for the next one. */
  detach(): void {
    this.#line = null;
    this.#putBack();
  }

  #putBack(): void {
    for (const [id, status] of this.#underWay)
      if (!this.#waiting.has(id)) this.#waiting.set(id, status);
    this.#underWay = new Map();
  }

  #send(): void {
    const line = this.#line;
    if (line === null || this.#underWay.size > 0 || this.#waiting.size === 0) return;
    for (const [id, status] of this.#waiting) {
      if (this.#underWay.size >= MAX_REPORTS) break;
      this.#underWay.set(id, status);
      this.#waiting.delete(id);
    }
    const updates = [...this.#underWay].map(([id, status]) => ({ taskId: taskId(id), status }));
    line.send(updates, (result) => {
      if (this.#line !== line) return;
      // NotFound: the manager no longer cares for the task (SwarmKit: errTaskUnknown).
      if (!result.ok && result.error.code !== 'NotFound') {
        line.broken(result.error);
        return;
      }
      this.#underWay = new Map();
      this.#send();
    });
  }
}
