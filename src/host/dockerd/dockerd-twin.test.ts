/** The program itself, with a dockerd behind it that only listens. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const PROGRAM = fileURLToPath(new URL('../../../bin/dockerd-twin', import.meta.url));
const FAKE = fileURLToPath(new URL('./fake-dockerd.mjs', import.meta.url));

let root = '';
let children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dockerd-twin-'));
  writeFileSync(join(root, 'daemon.json'), '{"labels":["a=b"]}');
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  children = [];
  rmSync(root, { recursive: true, force: true });
});

const at = (name: string): string => join(root, name);
const engineNotes = (folder = 'exec'): string =>
  existsSync(at(`${folder}/swarmtwin/engine.json.notes`))
    ? readFileSync(at(`${folder}/swarmtwin/engine.json.notes`), 'utf8')
    : '';

const wordsFor = (name: string): readonly string[] => [
  ...['--data-root', at(`data${name}`), '--exec-root', at(`exec${name}`)],
  ...['--pidfile', at(`pid${name}`), '--host', `unix://${at(`api${name}`)}`],
  ...['--config-file', at('daemon.json')],
];

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(PROGRAM, words, {
    env: { ...process.env, NOTIFY_SOCKET: '', SWARMTWIN_DOCKERD: FAKE, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  return { child, said: () => said };
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const give = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > give) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Hears what is said to a service manager. */
async function listen(): Promise<() => string> {
  const heard = at('heard');
  const listener = spawn(
    'perl',
    [
      '-MSocket',
      '-e',
      'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])); for (;;) { defined(recv(S, $m, 99, 0)) or die; open(F, ">>", $ARGV[1]); print F $m; close F }',
      at('notify'),
      heard,
    ],
    { stdio: 'ignore' },
  );
  children.push(listener);
  await until('somebody listens', () => existsSync(at('notify')));
  return () => (existsSync(heard) ? readFileSync(heard, 'utf8') : '');
}

function answered(
  name: string,
  path: string,
  body?: string,
): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = { 'Content-Type': 'application/json' };
    const asking = request({ socketPath: at(`api${name}`), path, method, headers }, (answer) => {
      let said = '';
      answer.setEncoding('utf8').on('data', (part: string) => (said += part));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: said });
      });
    });
    asking.on('error', () => {
      resolve(null);
    });
    asking.end(body);
  });
}

/** A call that has to be answered with 200. */
async function asked(name: string, path: string, body?: unknown): Promise<string> {
  const answer = await answered(name, path, body === undefined ? undefined : JSON.stringify(body));
  expect([answer?.status, path, answer?.body]).toEqual([200, path, expect.any(String)]);
  return answer?.body ?? '';
}

interface Swarm {
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly CAConfig: object };
  readonly RootRotationInProgress: boolean;
  readonly JoinTokens: { readonly Worker: string };
}

const swarmOf = async (name: string): Promise<Swarm> =>
  JSON.parse(await asked(name, '/swarm')) as Swarm;

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  listener.close();
  return port;
}

const isServing =
  (name = '') =>
  async (): Promise<boolean> =>
    (await answered(name, '/info')) !== null;

describe('dockerd-twin', () => {
  test('starts as dockerd does with the real one behind it, and says when it is ready', async () => {
    const heard = await listen();
    const words = [...wordsFor(''), '--storage-driver', 'vfs'];
    const { child } = start(words, { NOTIFY_SOCKET: at('notify') });
    await until('it is ready', () => heard().includes('READY=1'));
    expect(JSON.parse((await answered('', '/info'))?.body ?? '{}')).toMatchObject({
      Swarm: { LocalNodeState: 'inactive' },
    });
    expect((await answered('', '/v1.45/swarm'))?.status).toBe(503);
    expect(statSync(at('api')).mode & 0o777).toBe(0o660);
    expect(readFileSync(at('pid'), 'utf8')).toBe(String(child.pid));
    expect(engineNotes()).toMatch(
      new RegExp(
        `^started --data-root=${at('data')} --exec-root=${at('exec')} --storage-driver vfs .* notify=\n`,
      ),
    );
    expect(readFileSync(at('exec/swarmtwin/engine.json'), 'utf8')).toBe('{"labels":["a=b"]}');
  });

  test('reads its file again on SIGHUP, and ends on SIGTERM with 0, its engine after it', async () => {
    const { child, said } = start(wordsFor(''));
    await until('it serves', isServing());
    writeFileSync(at('daemon.json'), '{"labels":["c=d"],"debug":true}');
    child.kill('SIGHUP');
    await until('the engine reloaded', () =>
      engineNotes().includes('reloaded {"labels":["c=d"],"debug":true}'),
    );
    await until('it says so', () =>
      said().includes('Got signal to reload configuration, reloading from: '),
    );
    const large = 'x'.repeat(5 << 20);
    expect((await answered('', '/v1.45/swarm/init', large))?.status).toBe(413);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(engineNotes()).toMatch(/ended\n$/);
    expect(existsSync(at('pid'))).toBe(false);
  });

  test('runs several beside each other, but not two on one pid file', async () => {
    start(wordsFor('1'));
    start(wordsFor('2'));
    await until('the first serves', isServing('1'));
    await until('the second serves', isServing('2'));
    const words = [...wordsFor('3'), '--pidfile', at('pid1')];
    const third = spawnSync(PROGRAM, words, {
      env: { ...process.env, SWARMTWIN_DOCKERD: FAKE },
      encoding: 'utf8',
    });
    expect(third.status).toBe(1);
    expect(third.stderr).toMatch(
      /^failed to start daemon, ensure docker is not running or delete .*pid1: process with PID \d+ is still running\n$/,
    );
  });

  const isRoot = process.getuid?.() === 0;
  if (!isRoot) process.stderr.write('skipped: only root may give a socket to any group\n');
  const asRoot = isRoot ? test : test.skip;
  asRoot.each([
    ['daemon', 1],
    ['12345', 12345],
    ['', process.getgid?.() ?? 0],
  ])('gives its socket to the group %s', async (group, id) => {
    start([...wordsFor(''), '--group', group]);
    await until('it serves', isServing());
    const { mode, uid, gid } = statSync(at('api'));
    expect([mode & 0o777, uid, gid]).toEqual([0o660, 0, id]);
  });

  test('does not start for a group that there is not', async () => {
    const { child, said } = start([...wordsFor(''), '--group', 'nobody-knows-it']);
    await until('it ends', () => child.exitCode !== null);
    expect(child.exitCode).toBe(1);
    expect(said()).toMatch(/load listeners: group nobody-knows-it not found/);
  });

  test('lets a node in by a token of the root that the swarm was moved to', async () => {
    start(wordsFor('1'));
    start(wordsFor('2'));
    await until('the first serves', isServing('1'));
    await until('the second serves', isServing('2'));
    const port = await freePort();
    const addr = `127.0.0.1:${port}`;
    await asked('1', '/swarm/init', { ListenAddr: addr, AdvertiseAddr: addr });
    const { Version, Spec } = await swarmOf('1');
    const turned = { ...Spec, CAConfig: { ...Spec.CAConfig, ForceRotate: 1 } };
    await asked('1', `/swarm/update?version=${Version.Index}`, turned);
    await until('the root is another', async () => !(await swarmOf('1')).RootRotationInProgress);
    const { JoinTokens } = await swarmOf('1');
    const ListenAddr = `127.0.0.1:${await freePort()}`;
    await asked('2', '/swarm/join', {
      ListenAddr,
      RemoteAddrs: [addr],
      JoinToken: JoinTokens.Worker,
    });
    expect(JSON.parse((await answered('2', '/info'))?.body ?? '{}')).toMatchObject({
      Swarm: { LocalNodeState: 'active' },
    });
  });

  test('says in dockerd’s words, with its code, what dockerd does not take', () => {
    const refused = spawnSync(PROGRAM, ['--refused'], {
      env: { ...process.env, SWARMTWIN_DOCKERD: FAKE },
      encoding: 'utf8',
    });
    expect([refused.status, refused.stderr]).toEqual([
      125,
      "unknown flag: --refused\nSee 'dockerd --help'.\n",
    ]);
  });

  test('that is killed takes its engine along, so that the next one can start', async () => {
    const { child } = start(wordsFor(''));
    await until('it serves', isServing());
    child.kill('SIGKILL');
    await once(child, 'exit');
    start(wordsFor(''));
    await until('the next one serves', isServing());
  });
});
