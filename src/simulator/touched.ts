import type { Machine } from './machine.ts';

/** The machines on which anything happened since somebody last looked: whoever looks after every event looks at these alone. */
export class Touched {
  #machines: Machine[] = [];

  note(machine: Machine): void {
    if (!this.#machines.includes(machine)) this.#machines.push(machine);
  }

  /** In the order of the machines' making, so that what is told of an event does not depend on the way in which it went. */
  take(): readonly Machine[] {
    const machines = this.#machines;
    if (machines.length === 0) return machines;
    this.#machines = [];
    return machines.length === 1 ? machines : machines.sort((a, b) => a.ordinal - b.ordinal);
  }
}
