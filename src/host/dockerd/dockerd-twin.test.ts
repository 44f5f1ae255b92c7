/** The program itself, with a dockerd behind it that only listens. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
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
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (said += part));
  return { child, said: () => said };
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const give = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > give) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answered(name: string, path: string): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: at(`api${name}`), path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => (body += part));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    asked.on('error', () => {
      resolve(null);
    });
    asked.end();
  });
}

const isServing =
  (name = '') =>
  async (): Promise<boolean> =>
    (await answered(name, '/info')) !== null;

describe('dockerd-twin', () => {
  test('starts as dockerd does, with the real one behind it, and serves the twin in front', async () => {
    const { child } = start([...wordsFor(''), '--storage-driver', 'vfs']);
    await until('it serves', isServing());
    expect(JSON.parse((await answered('', '/info'))?.body ?? '{}')).toMatchObject({
      Swarm: { LocalNodeState: 'inactive' },
    });
    expect((await answered('', '/v1.45/swarm'))?.status).toBe(503);
    expect(statSync(at('api')).mode & 0o777).toBe(0o660);
    expect(readFileSync(at('pid'), 'utf8')).toBe(String(child.pid));
    expect(engineNotes()).toMatch(
      new RegExp(
        `^started --data-root=${at('data')} --exec-root=${at('exec')} --storage-driver vfs`,
      ),
    );
    expect(readFileSync(at('exec/swarmtwin/engine.json'), 'utf8')).toBe('{"labels":["a=b"]}');
  });

  test('ends on SIGTERM with 0, its engine after it, and gives its pid file back', async () => {
    const { child } = start(wordsFor(''));
    await until('it serves', isServing());
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(engineNotes()).toMatch(/ended\n$/);
    expect(existsSync(at('pid'))).toBe(false);
  });

  test('hands SIGHUP on with the file as it is now', async () => {
    const { child, said } = start(wordsFor(''));
    await until('it serves', isServing());
    writeFileSync(at('daemon.json'), '{"labels":["c=d"],"debug":true}');
    child.kill('SIGHUP');
    await until('the engine reloaded', () =>
      engineNotes().includes('reloaded {"labels":["c=d"],"debug":true}'),
    );
    expect(said()).toContain('Got signal to reload configuration, reloading from: ');
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

  test('says in dockerd’s words, with its code, what dockerd does not take', () => {
    const asked = spawnSync(PROGRAM, ['--refused'], {
      env: { ...process.env, SWARMTWIN_DOCKERD: FAKE },
      encoding: 'utf8',
    });
    expect([asked.status, asked.stderr]).toEqual([
      125,
      "unknown flag: --refused\nSee 'dockerd --help'.\n",
    ]);
  });

  test('tells the service manager when it is ready, and its engine nothing of that', async () => {
    const heard = at('heard');
    const listener = spawn(
      'perl',
      [
        '-MSocket',
        '-e',
        'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])); recv(S, $m, 99, 0); open(F, ">", $ARGV[1]); print F $m; close F; sleep 60',
        at('notify'),
        heard,
      ],
      { stdio: 'ignore' },
    );
    children.push(listener);
    await until('somebody listens', () => existsSync(at('notify')));
    start(wordsFor(''), { NOTIFY_SOCKET: at('notify') });
    await until('it is told', () => existsSync(heard) && readFileSync(heard, 'utf8') !== '');
    expect(readFileSync(heard, 'utf8')).toBe('READY=1');
    expect(engineNotes()).toContain(' notify=\n');
    expect(await isServing()()).toBe(true);
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
