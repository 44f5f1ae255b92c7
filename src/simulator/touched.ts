import type { Machine } from './machine.ts';

/** The machines on which anything happened since somebody last looked: whoever looks after every event looks at these alone. */
export class Touched {
  #noted: Machine[] = [];
  #taken: Machine[] = [];

  note(machine: Machine): void {
    if (this.#noted[0] !== machine && !this.#noted.includes(machine)) this.#noted.push(machine);
  }

  /** In the order of the machines' making, so that what is told of an event does not depend on the way in which it went. The list is good until the next one. */
  take(): readonly Machine[] {
    const machines = this.#noted;
    this.#noted = this.#taken;
    this.#noted.length = 0;
    this.#taken = machines;
    return machines.length <= 1 ? machines : machines.sort((a, b) => a.ordinal - b.ordinal);
  }
}
