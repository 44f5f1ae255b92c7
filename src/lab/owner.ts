/** Whose a lab is: the process that made it, told apart from a later one with the same pid, on this machine and this boot. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process, as /proc tells; empty where there is no /proc. */
  readonly started: string;
  readonly boot: string;
  readonly machine: string;
  readonly pidNamespace: string;
}

/** `elsewhere`: another machine or another process namespace shares the engine, and its processes cannot be seen from here. */
export type Fate = 'alive' | 'gone' | 'elsewhere';

/** This process. */
export function thisOwner(): Owner {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? '',
    boot: readOr('/proc/sys/kernel/random/boot_id', ''),
    machine: readOr('/etc/machine-id', '') || hostname(),
    pidNamespace: linkOr('/proc/self/ns/pid', ''),
  };
}

/** Whether the process behind a lab still runs. `started` looks a pid up; undefined when there is none, or only a zombie. */
export function fateOf(
  owner: Owner,
  here: Owner,
  started: (pid: number) => string | undefined,
): Fate {
  if (owner.machine !== here.machine) return 'elsewhere';
  if (owner.boot !== here.boot) return 'gone';
  if (owner.pidNamespace !== here.pidNamespace) return 'elsewhere';
  return started(owner.pid) === owner.started ? 'alive' : 'gone';
}

/** The start of a running process, or undefined. */
export function startOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, '');
  if (stat === '') return isRunning(pid) ? '' : undefined;
  return startInStat(stat);
}

/** Field 22 of /proc/PID/stat, counted after the command's name, which may hold anything; undefined for a zombie. */
export function startInStat(stat: string): string | undefined {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Only asked where /proc does not answer. */
function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

function linkOr(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}
