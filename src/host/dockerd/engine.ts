/** The real dockerd behind a twin: found, asked, started on a private socket, ended. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { runningProcess } from './pid-file.ts';

/** How long a dockerd that is left from a twin that was killed may take to end. */
const LEFT_OVER_MS = 30_000;
const LEFT_OVER_POLL_MS = 50;
/** Where dockerd is when the PATH has only the twin of that name. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
/** Words of the service manager to the daemon in front, which the one behind must not take for its own. */
const FRONT_ONLY = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
];

/** The real dockerd: what `SWARMTWIN_DOCKERD` names, else the first in the PATH that is not `self`. Errors: Error that says where was looked. */
export function findDockerd(self: string): string {
  const named = process.env['SWARMTWIN_DOCKERD'];
  if (named !== undefined && named !== '') return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...USUAL_FOLDERS];
  for (const folder of folders) {
    const path = join(folder, 'dockerd');
    if (isProgram(path) && realpathSync(path) !== self) return path;
  }
  throw new Error(
    'dockerd-twin: there is no dockerd in the PATH beside this one; install docker or set SWARMTWIN_DOCKERD',
  );
}

/** Lets dockerd answer a question itself, and gives its exit code. */
export function askDockerd(dockerd: string, words: readonly string[]): number {
  const { status, error } = spawnSync(dockerd, words, { stdio: 'inherit' });
  if (error !== undefined) throw new Error(`${dockerd} could not be run: ${error.message}`);
  return status ?? 1;
}

/** What dockerd has to say against a command line, with its exit code; null where it has nothing. */
export function objection(
  dockerd: string,
  words: readonly string[],
): { readonly text: string; readonly code: number } | null {
  const asked = spawnSync(dockerd, ['--validate', ...words], { encoding: 'utf8' });
  if (asked.error !== undefined)
    throw new Error(`${dockerd} could not be run: ${asked.error.message}`);
  if (asked.status === 0) return null;
  if (asked.stderr.includes('unknown flag: --validate')) return objectionOfOld(dockerd, words);
  return { text: asked.stderr, code: asked.status ?? 1 };
}

/** One that cannot be asked to look at a command line looks at it before it tells its version. */
function objectionOfOld(dockerd: string, words: readonly string[]): ReturnType<typeof objection> {
  const { status, stderr } = spawnSync(dockerd, [...words, '--version'], { encoding: 'utf8' });
  return status === 0 ? null : { text: stderr, code: status ?? 1 };
}

/** Whether it is of a line before 23, whose words differ. */
export function isOldEngine(dockerd: string): boolean {
  const { stdout } = spawnSync(dockerd, ['--version'], { encoding: 'utf8' });
  return Number(/version (\d+)\./.exec(stdout)?.[1] ?? '99') < 23;
}

export interface EngineOptions {
  readonly dockerd: string;
  /** The rest of the command line. */
  readonly words: readonly string[];
  /** Of this daemon's own, in the exec root. */
  readonly folder: string;
}

/** One run of the dockerd behind. */
export class Engine {
  readonly socket: string;
  /** How it ended, once it has. */
  exitCode: number | null = null;
  readonly #options: EngineOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<number> = Promise.resolve(0);

  constructor(options: EngineOptions) {
    this.#options = options;
    this.socket = join(options.folder, 'engine.sock');
  }

  /** Starts it; one that a killed twin left behind is ended first. */
  async start(config: Readonly<Record<string, unknown>>): Promise<void> {
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    await this.#endLeftOver();
    this.configure(config);
    const { dockerd, words } = this.#options;
    const own = ['--host', `unix://${this.socket}`, '--pidfile', this.#pidFile];
    const [program, first] = bound(dockerd);
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !FRONT_ONLY.includes(name)),
    );
    // A group of its own: what a terminal sends to all is for the twin to pass on, after it has ended its tasks.
    const child = spawn(program, [...first, ...words, ...own, '--config-file', this.#configFile], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
      env,
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        process.stderr.write(`${dockerd} could not be run: ${error.message}\n`);
        resolve((this.exitCode = 1));
      });
      child.once('exit', (code) => {
        resolve((this.exitCode = code ?? 1));
      });
    });
  }

  /** Its exit code, when it ends by itself or by being told to. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** Writes its configuration file, which it reads at its start and when it is told to reload. */
  configure(config: Readonly<Record<string, unknown>>): void {
    writeFileSync(this.#configFile, JSON.stringify(config), { mode: 0o600 });
  }

  /** Passes a signal on. */
  signal(name: NodeJS.Signals): void {
    if (this.exitCode === null) this.#child?.kill(name);
  }

  /** Asks it to end, and waits for as long as it takes. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.#ended;
  }

  get #pidFile(): string {
    return join(this.#options.folder, 'engine.pid');
  }

  get #configFile(): string {
    return join(this.#options.folder, 'engine.json');
  }

  async #endLeftOver(): Promise<void> {
    const pid = runningProcess(this.#pidFile);
    if (pid === null || !commandOf(pid).includes(this.#pidFile)) return;
    process.kill(pid, 'SIGTERM');
    const give = Date.now() + LEFT_OVER_MS;
    while (runningProcess(this.#pidFile) === pid) {
      if (Date.now() > give)
        throw new Error(
          `the dockerd (PID ${pid}) that an earlier dockerd-twin left does not end; end it and try again`,
        );
      await new Promise((resolve) => setTimeout(resolve, LEFT_OVER_POLL_MS));
    }
  }
}

/** A dockerd that dies with its twin, where the system can do that: a killed daemon is one that is gone. */
function bound(dockerd: string): readonly [string, readonly string[]] {
  const setpriv = '/usr/bin/setpriv';
  return isProgram(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', dockerd]] : [dockerd, []];
}

function isProgram(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'EACCES') return false;
    throw caught;
  }
}

function commandOf(pid: number): string {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\0', ' ') : '';
}
