/** Starts the Docker daemon of this machine, so that it lives on after us. */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SwarmtwinError } from '../../model/errors.ts';
import { answers, askEngine } from './engine-probe.ts';
import type { EngineInfo } from './engine-probe.ts';
import { logTail, runLogged, searchPath } from './logged-command.ts';
import { runStep } from './progress.ts';
import type { Progress, StepContext } from './progress.ts';

/** Where the words of a dockerd that we started are to be found. */
export const DOCKERD_LOG = '/var/log/swarmtwin-dockerd.log';

const START_MS = 90_000;
const POLL_MS = 200;
const PID_FILE = '/var/run/docker.pid';

/** Whether systemd is the init system here; it then starts dockerd, and we only ask it to. */
export const hasSystemd = (): boolean => existsSync('/run/systemd/system');

/** Starts dockerd and waits until it answers. Throws SwarmtwinError `no-engine` with the end of its log. */
export async function startDockerd(progress: Progress, signal?: AbortSignal): Promise<EngineInfo> {
  const step = { what: 'starting dockerd', deadlineMs: START_MS, progress, signal };
  try {
    return await runStep(step, (context) =>
      hasSystemd() ? startBySystemd(context) : startOurselves(context, progress),
    );
  } catch (error) {
    throw SwarmtwinError.from(
      error,
      'no-engine',
      'dockerd does not start',
      hasSystemd() ? 'See: journalctl -u docker' : `See ${DOCKERD_LOG}`,
    );
  }
}

async function startBySystemd(context: StepContext): Promise<EngineInfo> {
  await runLogged(
    { command: ['systemctl', 'start', 'docker'], logPath: DOCKERD_LOG, onAbort: 'leave' },
    context,
  );
  return await answer(context, () => undefined);
}

async function startOurselves(context: StepContext, progress: Progress): Promise<EngineInfo> {
  removeStalePidFile();
  const log = openSync(DOCKERD_LOG, 'a');
  // Containers inherit dockerd's limit of open files; a login shell's is far too low for a node.
  const child = spawn('/bin/sh', ['-c', 'ulimit -Sn "$(ulimit -Hn)"; exec dockerd'], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: searchPath() },
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, killedBy) => (ended = `ended with ${String(code ?? killedBy)}`));
  const engine = await answer(context, () => ended);
  progress(`dockerd runs (log ${DOCKERD_LOG}); to stop it: kill ${child.pid ?? 0}`);
  return engine;
}

async function answer(context: StepContext, endOf: () => string | undefined): Promise<EngineInfo> {
  for (;;) {
    const outcome = await askEngine();
    if (answers(outcome)) return outcome;
    const end = endOf();
    if (end !== undefined) throw new Error(`${end}:\n${logTail(DOCKERD_LOG, 8)}`);
    context.note(outcome.reason);
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

/** dockerd refuses to start while the process of its pid file lives, even if that is by now another program. */
function removeStalePidFile(): void {
  if (!existsSync(PID_FILE)) return;
  const name = `/proc/${readFileSync(PID_FILE, 'utf8').trim()}/comm`;
  if (existsSync(name) && readFileSync(name, 'utf8').trim() === 'dockerd') return;
  rmSync(PID_FILE);
}
