import type { Machine } from './machine.ts';

const NONE: readonly Machine[] = [];

/** The machines on which anything happened since somebody last looked: whoever looks after every event looks at these alone. */
export class Touched {
  // A new list for each event, since nearly all hold one machine, and emptying a list costs more than making one.
  #noted: Machine[] | null = null;

  note(machine: Machine): void {
    const noted = this.#noted;
    if (noted === null) this.#noted = [machine];
    else if (!noted.includes(machine)) insert(noted, machine);
  }

  /** In the order of the machines' making, so that what is told of an event does not depend on the way in which it went. */
  take(): readonly Machine[] {
    const noted = this.#noted;
    if (noted === null) return NONE;
    this.#noted = null;
    return noted;
  }
}

function insert(noted: Machine[], machine: Machine): void {
  const at = noted.findIndex(({ ordinal }) => ordinal > machine.ordinal);
  noted.splice(at < 0 ? noted.length : at, 0, machine);
}
