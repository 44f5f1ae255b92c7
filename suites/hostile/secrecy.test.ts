/** What a node writes and answers, from its swarm's beginning to a crash, at the level of logs that says most, has no token, key, password or secret in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { TwinProcess, within } from './twin-process.ts';

jest.setTimeout(120_000);

const SECRET = 'what-the-secret-says';
const PASSWORD = 'the-word-of-the-registry';
const SIGNING_KEY = 'MHcCAQEEIEtleVRoYXRJc05vbmU';

let twin: TwinProcess;
let joiner: TwinProcess;
/** By what they are. */
const hidden = new Map<string, string>();
const refusals: string[] = [];

beforeAll(async () => {
  [twin, joiner] = await Promise.all([TwinProcess.start(), TwinProcess.start({ isSwarm: false })]);
});
afterAll(async () => {
  await Promise.all([twin.remove(), joiner.remove()]);
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Swarm {
  readonly Version: { readonly Index: number };
  readonly Spec: object;
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
}
const swarm = async (): Promise<Swarm> => (await twin.get('/swarm')) as Swarm;

async function post(to: TwinProcess, path: string, body: unknown, wanted: number): Promise<string> {
  const { status, body: said } = await to.post(path, JSON.stringify(body));
  if (status >= 400) refusals.push(said);
  expect([path, status, said]).toEqual([path, wanted, said]);
  return said;
}

async function update(change: object, query = '', wanted = 200): Promise<void> {
  const { Version, Spec } = await swarm();
  const path = `/swarm/update?version=${Version.Index}${query}`;
  await post(twin, path, { ...Spec, ...change }, wanted);
}

async function noteTokens(): Promise<void> {
  const { JoinTokens } = await swarm();
  for (const [role, token] of Object.entries(JoinTokens)) hidden.set(`${role} ${token}`, token);
}

async function noteUnlockKey(): Promise<string> {
  const { UnlockKey } = (await twin.get('/swarm/unlockkey')) as { readonly UnlockKey: string };
  hidden.set(`unlock key ${UnlockKey}`, UnlockKey);
  return UnlockKey;
}

/** Lines of the PEM keys in a node's state. */
function noteNodeKey(of: TwinProcess): void {
  const state = readFileSync(join(of.folder, 'data', 'swarm', 'state.json'), 'utf8');
  const { key } = (JSON.parse(state) as { identity: { key: string } }).identity;
  const lines = key.split('\n').filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) hidden.set(`private key ${line}`, line);
}

test('tokens, keys, passwords and secrets are used', async () => {
  await noteTokens();
  noteNodeKey(twin);
  for (const text of [SECRET, PASSWORD, SIGNING_KEY]) {
    hidden.set(text, text);
    hidden.set(`${text} in base 64`, base64(text));
  }
  const made = await post(twin, '/secrets/create', { Name: 's', Data: base64(SECRET) }, 201);
  const { ID } = JSON.parse(made) as { readonly ID: string };
  await post(twin, '/secrets/create', { Name: 's', Data: base64(SECRET) }, 409);
  const auth = base64(JSON.stringify({ username: 'u', password: PASSWORD }));
  hidden.set('credentials', auth);
  const File = { Name: 's', UID: '0', GID: '0', Mode: 0o444 };
  const ContainerSpec = {
    Image: 'x',
    Secrets: [{ SecretID: ID, SecretName: 's', File }],
  };
  const { status } = await twin.ask({
    method: 'POST',
    path: '/services/create',
    headers: { 'Content-Type': 'application/json', 'X-Registry-Auth': auth },
    body: JSON.stringify({ Name: 'web', TaskTemplate: { ContainerSpec } }),
  });
  expect(status).toBe(201);
  // A task of it is tried here, and cannot run: the engine only listens.
  await within(30_000, 'a task ends', async () => {
    const tasks = (await twin.get('/tasks')) as readonly { Status: { State: string } }[];
    return tasks.some((task) => ['rejected', 'failed'].includes(task.Status.State));
  });
  await update({}, '&rotateWorkerToken=true&rotateManagerToken=true');
  await noteTokens();
  const pem = `-----BEGIN EC PRIVATE KEY-----\n${SIGNING_KEY}\n-----END EC PRIVATE KEY-----`;
  await update({ CAConfig: { SigningCACert: 'none', SigningCAKey: pem } }, '', 400);
});

test('a stranger with a wrong token is refused, and with the right one let in', async () => {
  const { JoinTokens } = await swarm();
  const wrong = JoinTokens.Worker.replace(/.{25}$/, '0123456789012345678901234');
  hidden.set('a wrong token', wrong);
  const address = `127.0.0.1:${joiner.managerPort}`;
  const asked = (JoinToken: string): object => ({
    ...{ ListenAddr: address, AdvertiseAddr: address, JoinToken },
    RemoteAddrs: [`127.0.0.1:${twin.managerPort}`],
  });
  await post(joiner, '/swarm/join', asked(wrong), 400);
  await post(joiner, '/swarm/join', asked(JoinTokens.Manager.slice(0, -3)), 400);
  await post(joiner, '/swarm/join', asked(JoinTokens.Worker), 200);
  noteNodeKey(joiner);
});

test('a manager that is locked is opened', async () => {
  await update({ EncryptionConfig: { AutoLockManagers: true } });
  await noteUnlockKey();
  await update({ EncryptionConfig: { AutoLockManagers: true } }, '&rotateManagerUnlockKey=true');
  const key = await noteUnlockKey();
  expect(await twin.end()).toBe('0');
  await twin.startAgain();
  const wrong = `SWMKEY-1-${'A'.repeat(43)}`;
  hidden.set('a wrong unlock key', wrong);
  await post(twin, '/swarm/unlock', { UnlockKey: wrong }, 401);
  await post(twin, '/swarm/unlock', { UnlockKey: key }, 200);
  await within(30_000, 'it manages again', async () => {
    const { status } = await twin.ask({ path: '/swarm' });
    return status === 200;
  });
});

test('what breaks a node says where it was thrown, and nothing that was at hand', async () => {
  hidden.set('what was at hand', 'a-request-with-a-password');
  expect(await twin.breakWith('a-request-with-a-password')).toBe(2);
  expect(twin.said).toMatch(/panic: Error: broken on purpose\n {4}at /);
});

test('none of them was written or answered', () => {
  expect(hidden.size).toBeGreaterThan(15);
  const said = [twin.said, joiner.said, ...refusals].join('\n');
  expect([...hidden].filter(([, text]) => said.includes(text)).map(([what]) => what)).toEqual([]);
});
