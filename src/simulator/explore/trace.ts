/** A run as columns: one line per transition, for an eye to follow. */
import type { Transition } from './sightings.ts';

const MACHINE = 8;
const ROLE = 9;
const TERM = 4;

export const TRACE_HEADER = `${'time'.padStart(11)}  ${'node'.padEnd(MACHINE)}  ${'role'.padEnd(ROLE)}  ${'term'.padStart(TERM)}  what happened`;

/** One line. Times are minutes, seconds and milliseconds from the beginning of the run. */
export function traceLine({ atMs, machine, role, term, what }: Transition): string {
  const isMember = role !== '';
  const columns = [
    clock(atMs).padStart(11),
    machine.padEnd(MACHINE),
    role.padEnd(ROLE),
    (isMember ? String(term) : '').padStart(TERM),
    what,
  ];
  return columns.join('  ').trimEnd();
}

function clock(atMs: number): string {
  const whole = Math.floor(atMs);
  const [minutes, seconds] = [Math.floor(whole / 60_000), Math.floor(whole / 1000) % 60];
  const fraction = String(whole % 1000).padStart(3, '0');
  return `${minutes}:${String(seconds).padStart(2, '0')}.${fraction}`;
}
