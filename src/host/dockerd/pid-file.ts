/** dockerd's pid file: one daemon for each. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The process that a pid file names, while it lives; null otherwise. */
export function runningProcess(path: string): number | null {
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0;
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
  return existsSync(`/proc/${pid}`) ? pid : null;
}

/** Takes the pid file for this process. Errors: Error in the words of that line of dockerd. */
export function takePidFile(path: string, isOldEngine: boolean): void {
  const other = runningProcess(path);
  if (other !== null)
    throw new Error(
      isOldEngine
        ? `failed to start daemon: pid file found, ensure docker is not running or delete ${path}`
        : `failed to start daemon, ensure docker is not running or delete ${path}: process with PID ${other} is still running`,
    );
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, String(process.pid), { mode: 0o644 });
}

/** Gives it back; one that another process took meanwhile is left alone. */
export function dropPidFile(path: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8').trim() === String(process.pid))
    rmSync(path, { force: true });
}
