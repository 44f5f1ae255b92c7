/** Programs that run long and talk much: their words go to a file, and its end is what a person gets to see. */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { onDeath } from './on-death.ts';
import type { StepContext } from './progress.ts';

export interface LoggedCommand {
  readonly command: readonly [string, ...string[]];
  /** Everything the program writes; the file is appended to. */
  readonly logPath: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * What an abort does to the program. `leave` is for programs that must not be cut off in the middle, such as apt:
   * they run in a process group of their own, so that Ctrl-C on the terminal does not reach them either.
   */
  readonly onAbort: 'kill' | 'leave';
}

const NOTE_EVERY_MS = 1_000;

/** Runs a program to its end. Throws with the log's tail when it fails, cannot be started or is called off. */
export async function runLogged(run: LoggedCommand, context: StepContext): Promise<void> {
  const [file, ...args] = run.command;
  const log = openSync(run.logPath, 'a');
  const noting = setInterval(() => {
    context.note(logTail(run.logPath, 1));
  }, NOTE_EVERY_MS);
  noting.unref();
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
      env: { ...process.env, ...run.env, PATH: searchPath() },
    });
    await ending(child, run, context.signal);
  } finally {
    clearInterval(noting);
    closeSync(log);
  }
}

async function ending(
  child: ReturnType<typeof spawn>,
  run: LoggedCommand,
  signal: AbortSignal,
): Promise<void> {
  const name = run.command.join(' ');
  const leave = (): void => {
    child.unref();
  };
  const kill = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const onAbort = run.onAbort === 'kill' ? kill : leave;
  signal.addEventListener('abort', onAbort, { once: true });
  const forget = run.onAbort === 'kill' ? onDeath(kill) : undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) => {
        reject(new Error(`${name}: ${error.message}`));
      });
      child.once('close', (code, killedBy) => {
        if (code === 0) resolve();
        else
          reject(
            new Error(
              `${name} ended with ${String(code ?? killedBy)}:\n${logTail(run.logPath, 8)}`,
            ),
          );
      });
      if (signal.aborted) onAbort();
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    forget?.();
  }
}

/** Ends a process and its children at once; that they have ended already is no error. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The last lines of a log that say something; empty when there is no log yet. */
export function logTail(path: string, lines: number): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
  const said = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return said.slice(-lines).join('\n');
}

/** PATH with the administrators' folders, which a root shell may lack; dockerd and debootstrap live there. */
export const searchPath = (): string =>
  `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;
