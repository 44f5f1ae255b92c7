/** `dockerd-twin`: starts as dockerd does, with dockerd's own flags and configuration file; the real dockerd works behind it, the twin answers in front. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import { tellCrashesPlainly } from '../daemon/crash.ts';
import { logTo, SkewableClock } from '../daemon/real-ports.ts';
import { TwinNode } from '../daemon/twin-node.ts';
import type { ListenOptions } from '../http/api-server.ts';
import { readCommandLine, type CommandLine } from './command-line.ts';
import { askDockerd, Engine, findDockerd, isOldEngine, objection } from './engine.ts';
import { dropPidFile, takePidFile } from './pid-file.ts';
import { notify } from './readiness.ts';
import { DEFAULT_CONFIG_FILE, settingsOf, type Settings } from './settings.ts';

/** dockerd: the third signal to end is not waited for. */
const PATIENCE = 3;
/** systemd: the first descriptor that it hands over. */
const FIRST_FD = 3;

class Dockerd {
  readonly #line: CommandLine;
  readonly #configPath: string;
  readonly #engine: Engine;
  #settings: Settings;
  #node: TwinNode | null = null;
  #signals = 0;

  constructor(line: CommandLine, dockerd: string) {
    this.#line = line;
    this.#configPath = line.values.get('config-file')?.at(-1) ?? DEFAULT_CONFIG_FILE;
    this.#settings = settingsOf(line, this.#readConfig(), this.#configPath);
    const folder = join(this.#settings.execRoot, 'swarmtwin');
    this.#engine = new Engine({ dockerd, words: line.onward, folder });
    takePidFile(this.#settings.pidFile, isOldEngine(dockerd));
  }

  /** Resolves with the exit code when the daemon has ended. */
  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.#follow(resolve);
    });
    try {
      await this.#engine.start(this.#settings.engineConfig);
      void this.#engine.ended.then((code) => {
        // Without its engine a daemon is of no use; a start that fails has been told by the engine itself.
        if (this.#signals === 0) void this.#end(code === 0 ? 1 : code);
      });
      await this.#serve();
    } catch (caught) {
      if (this.#engine.exitCode === null) {
        process.stderr.write(`failed to start daemon: ${messageOf(caught)}\n`);
        await this.#end(1);
      }
    }
    return await ended;
  }

  #finished: (code: number) => void = () => undefined;
  #ending: Promise<void> | null = null;

  #follow(finished: (code: number) => void): void {
    this.#finished = finished;
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        this.#signals += 1;
        if (this.#signals >= PATIENCE) process.exit(128 + (signal === 'SIGTERM' ? 15 : 2));
        this.#say(
          'info',
          `Processing signal '${signal === 'SIGTERM' ? 'terminated' : 'interrupt'}'`,
        );
        void this.#end(0);
      });
    process.on('SIGHUP', () => {
      this.#reload();
    });
    process.on('SIGUSR1', () => {
      this.#engine.signal('SIGUSR1');
    });
  }

  async #serve(): Promise<void> {
    const { dataRoot, execRoot, hosts, defaultAdvertiseAddr, behaveLike } = this.#settings;
    const own = join(dataRoot, 'swarmtwin');
    const clock = new SkewableClock(join(own, 'clock-offset'));
    const node = await TwinNode.start({
      engineSocket: this.#engine.socket,
      dataRoot: own,
      execRoot: join(execRoot, 'swarmtwin'),
      hosts: hosts.flatMap((host) => this.#addresses(host)),
      ...(defaultAdvertiseAddr === '' ? {} : { defaultAdvertiseAddr }),
      ...(behaveLike === null ? {} : { behaveLike }),
      clock,
      log: logTo(process.stderr, () => this.#settings.logLevel, clock),
      isHopeless: () => this.#engine.exitCode !== null || this.#ending !== null,
    });
    if (this.#ending !== null) {
      await node.stop();
      return;
    }
    this.#node = node;
    await notify('READY=1', (message) => {
      this.#say('warning', message);
    });
  }

  /** The task containers first, so that the engine is still there to end them. */
  #end(code: number): Promise<void> {
    this.#ending ??= (async () => {
      await notify('STOPPING=1', () => undefined);
      await this.#node?.stop();
      await this.#engine.stop();
      dropPidFile(this.#settings.pidFile);
      this.#finished(code);
    })();
    return this.#ending;
  }

  #reload(): void {
    this.#say('info', `Got signal to reload configuration, reloading from: ${this.#configPath}`);
    try {
      this.#settings = settingsOf(this.#line, this.#readConfig(), this.#configPath);
      this.#engine.configure(this.#settings.engineConfig);
      this.#engine.signal('SIGHUP');
    } catch (caught) {
      this.#say('error', messageOf(caught));
    }
  }

  #readConfig(): Readonly<Record<string, unknown>> {
    const path = this.#configPath;
    const failed = (why: string): Error =>
      new Error(`unable to configure the Docker daemon with file ${path}: ${why}`);
    if (!existsSync(path)) {
      if (!this.#line.values.has('config-file')) return {};
      throw failed(`open ${path}: no such file or directory`);
    }
    const content = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    if (content.trim() === '') return {};
    try {
      return JSON.parse(content) as Readonly<Record<string, unknown>>;
    } catch (caught) {
      throw failed(messageOf(caught));
    }
  }

  #addresses(host: string): readonly { address: string; options: ListenOptions }[] {
    const { tls } = this.#settings;
    const secured: ListenOptions =
      tls === null
        ? {}
        : {
            tls: {
              key: readFileSync(tls.key, 'utf8'),
              cert: readFileSync(tls.cert, 'utf8'),
              ...(tls.isVerifying
                ? { ca: readFileSync(tls.ca, 'utf8'), requestCert: true, rejectUnauthorized: true }
                : {}),
            },
          };
    if (host.startsWith('unix://')) {
      const groupId = this.#groupId(host);
      return [{ address: host, options: groupId === null ? {} : { groupId } }];
    }
    if (host.startsWith('fd://'))
      return handedOver(host).map((address) => ({ address, options: secured }));
    if (!host.startsWith('tcp://'))
      throw new Error(`load listeners: invalid protocol format: "${host.split('://')[0] ?? ''}"`);
    if (tls === null)
      this.#say(
        'warning',
        `Binding to an IP address without --tlsverify is insecure and gives root access on this machine to everyone who has access to your network. host="${host}"`,
      );
    return [{ address: host, options: secured }];
  }

  #groupId(host: string): number | null {
    const { group, isGroupGiven } = this.#settings;
    // dockerd: an empty name leaves the group of whoever starts it.
    if (group === '') return null;
    if (/^\d+$/.test(group)) return Number(group);
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${group}:`));
    const id = line?.split(':')[2];
    if (id !== undefined) return Number(id);
    if (isGroupGiven) throw new Error(`load listeners: group ${group} not found`);
    const address = host.slice('unix://'.length);
    this.#say('warning', `could not change group ${address} to ${group}: group ${group} not found`);
    return null;
  }

  /** As dockerd's own lines, whatever the level of the rest. */
  #say(level: 'info' | 'warning' | 'error', message: string): void {
    const time = new Date().toISOString();
    process.stderr.write(`time="${time}" level=${level} msg=${JSON.stringify(message)}\n`);
  }
}

function handedOver(host: string): readonly string[] {
  const isForUs = process.env['LISTEN_PID'] === String(process.pid);
  const count = isForUs ? Number(process.env['LISTEN_FDS'] ?? '0') : 0;
  if (count === 0)
    throw new Error(
      'load listeners: no sockets found via socket activation: make sure the service was started by systemd',
    );
  const wanted = host.slice('fd://'.length);
  if (wanted !== '' && wanted !== '*') return [`fd://${wanted}`];
  return Array.from({ length: count }, (_, at) => `fd://${FIRST_FD + at}`);
}

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const line = readCommandLine(words);
  const dockerd = findDockerd(realpathSync(process.env['SWARMTWIN_SELF'] ?? process.argv[1] ?? ''));
  if (line.isQuestion) return askDockerd(dockerd, words);
  const against = objection(dockerd, words);
  if (against !== null) {
    process.stderr.write(against.text);
    return against.code;
  }
  return await new Dockerd(line, dockerd).run();
}

tellCrashesPlainly();
main().then(
  (code) => {
    process.exit(code);
  },
  (caught: unknown) => {
    process.stderr.write(`${messageOf(caught)}\n`);
    process.exit(1);
  },
);
