/** A twin's own process in front of a dockerd that only listens: what a hostile client meets, and what it leaves behind. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FAKE = fileURLToPath(new URL('../../src/host/dockerd/fake-dockerd.mjs', import.meta.url));
const DAEMON = fileURLToPath(new URL('../../src/host/daemon/main.ts', import.meta.url));
const TELLER = fileURLToPath(new URL('./heap-teller.mjs', import.meta.url));

const START_MS = 30_000;
const ANSWER_MS = 40_000;
const END_MS = 10_000;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpQuestion {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whose connections it goes over; without one it has its own. */
  readonly agent?: Agent;
}

export interface Memory {
  /** After a collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export class TwinProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'swarmtwin-hostile-'));
  readonly socket = join(this.folder, 'api.sock');
  apiPort = 0;
  managerPort = 0;
  #engine: ChildProcess | null = null;
  #twin: ChildProcess | null = null;
  #said = '';

  /** With a swarm of its own, unless told otherwise. */
  static async start({ isSwarm = true } = {}): Promise<TwinProcess> {
    const twin = new TwinProcess();
    [twin.apiPort, twin.managerPort] = [await freePort(), await freePort()];
    twin.#startEngine();
    await twin.startAgain();
    if (isSwarm) await twin.init();
    return twin;
  }

  /** All that it wrote. */
  get said(): string {
    return this.#said;
  }

  get pid(): number {
    return this.#twin?.pid ?? 0;
  }

  /** How it ended by itself; null while it runs. */
  get death(): string | null {
    const twin = this.#twin;
    if (twin?.exitCode == null && twin?.signalCode == null) return null;
    return `the twin ended with ${twin.exitCode ?? twin.signalCode}: ${this.#said.slice(-3000)}`;
  }

  async startAgain(): Promise<void> {
    const at = (name: string): string => join(this.folder, name);
    const words = [
      ...['--import', TELLER, '--disable-warning=ExperimentalWarning', DAEMON],
      ...['--host', `unix://${this.socket}`, '--host', `tcp://127.0.0.1:${this.apiPort}`],
      ...['--engine', `unix://${at('engine.sock')}`, '--data-root', at('data')],
      ...['--exec-root', at('exec'), '--log-level', 'debug', '--behave-like', '26.1'],
    ];
    const twin = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#twin = twin;
    twin.stderr?.setEncoding('utf8').on('data', (part: string) => (this.#said += part));
    await within(START_MS, 'the twin serves', async () => {
      if (this.death !== null) throw new Error(this.death);
      return (await this.ask({ path: '/_ping' }).catch(() => null)) !== null;
    });
  }

  async init(more: object = {}): Promise<void> {
    const address = `127.0.0.1:${this.managerPort}`;
    const body = JSON.stringify({ ListenAddr: address, AdvertiseAddr: address, ...more });
    const { status, body: said } = await this.post('/swarm/init', body);
    if (status !== 200) throw new Error(`init answers ${status}: ${said}`);
  }

  post(path: string, body: string): Promise<HttpAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    return this.ask({ method: 'POST', path, headers, body });
  }

  async get(path: string): Promise<unknown> {
    const { status, body } = await this.ask({ path });
    if (status !== 200) throw new Error(`GET ${path} answers ${status}: ${body}`);
    return JSON.parse(body);
  }

  /** One call. Rejects where no answer comes in time. */
  ask({ method = 'GET', path, headers = {}, body, agent }: HttpQuestion): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const asked = request(
        { socketPath: this.socket, method, path, headers, signal, agent },
        (answer) => {
          let said = '';
          answer.setEncoding('utf8').on('data', (part: string) => (said += part));
          answer.on('error', reject);
          answer.on('end', () => {
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: said });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async memory(): Promise<Memory> {
    const twin = this.#twin;
    if (twin === null) throw new Error('the twin does not run');
    const told = once(twin, 'message');
    twin.send('heap');
    return (await told)[0] as Memory;
  }

  /** Makes it throw what nobody takes, with the text at hand; answers with its exit code. */
  async breakWith(text: string): Promise<number | null> {
    const twin = this.#twin;
    if (twin === null) throw new Error('the twin does not run');
    const gone = once(twin, 'close');
    twin.send({ breakWith: text });
    await gone;
    return twin.exitCode;
  }

  /** Ends it as a service manager does; answers with how it ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    const twin = this.#twin;
    if (twin === null) return '';
    const early = this.death;
    if (early === null) {
      const gone = once(twin, 'exit');
      twin.kill(signal);
      const late = setTimeout(() => twin.kill('SIGKILL'), END_MS);
      await gone;
      clearTimeout(late);
    }
    this.#twin = null;
    return early ?? `${twin.exitCode ?? twin.signalCode ?? ''}`;
  }

  async remove(): Promise<void> {
    await this.end();
    const engine = this.#engine;
    if (engine !== null && engine.exitCode === null) {
      const gone = once(engine, 'exit');
      engine.kill('SIGKILL');
      await gone;
    }
    // A twin that broke leaves what its tasks were given in memory.
    spawnSync('umount', [join(this.folder, 'exec', 'dependencies')], { stdio: 'ignore' });
    rmSync(this.folder, { recursive: true, force: true });
  }

  #startEngine(): void {
    mkdirSync(join(this.folder, 'engine'));
    const at = (name: string): string => join(this.folder, name);
    const words = ['--host', `unix://${at('engine.sock')}`, '--pidfile', at('engine/pid')];
    this.#engine = spawn(process.execPath, [FAKE, ...words, '--config-file', at('engine/config')], {
      stdio: 'ignore',
    });
  }
}

/** Free now; nobody else on this machine is expected to take it meanwhile. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until it is so. Errors: what does not come true in time. */
export async function within(
  limitMs: number,
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const give = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > give) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
