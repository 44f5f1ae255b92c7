/** A node's own files under autolock: what lies there in the clear, what opens it, and what a crash in between leaves. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clusterId, nodeId } from '../../model/ids.ts';
import type { SwarmtwinError } from '../../model/errors.ts';
import type { Lock, NodeState } from '../../swarm/node/node-ports.ts';
import { generateKey, keyToPem } from '../certs/certificate.ts';
import { NodeFiles } from './node-files.ts';
import { PayloadCodec } from './payload-codec.ts';
import type { OpenedRaft } from './raft-files.ts';

let root = '';
let open: NodeFiles[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmtwin-node-lock-'));
});
afterEach(async () => {
  for (const files of open) await files.close();
  open = [];
  rmSync(root, { recursive: true, force: true });
});

const KEY = randomBytes(32).toString('base64').replace(/=+$/, '');
const state: NodeState = {
  identity: {
    nodeId: nodeId('n'),
    clusterId: clusterId('c'),
    role: 'manager',
    certificate: 'certificate',
    key: keyToPem(generateKey()),
    rootCa: 'root',
  },
  raftId: '1',
  listenAddr: '0.0.0.0:2377',
  advertiseAddr: '10.0.0.1:2377',
  managers: [],
};
const SECRET = 'the secret in the log';
const entry = {
  index: 1,
  term: 1,
  kind: 'normal',
  payload: { actions: [{ kind: 'secret', action: 'remove', id: SECRET }] },
} as const;

function files(): NodeFiles {
  const made = new NodeFiles(root, new PayloadCodec());
  open.push(made);
  return made;
}

const answer = <T>(ask: (done: (value: T) => void) => void): Promise<T> =>
  new Promise((resolve) => {
    ask(resolve);
  });

const lock = (of: NodeFiles, next: Lock | null): Promise<unknown> =>
  answer((done) => {
    of.lock(next, done);
  });
const unlock = (of: NodeFiles, key: string): Promise<unknown> =>
  answer((done) => {
    of.unlock(key, done);
  });
const raftOf = async (of: NodeFiles): Promise<OpenedRaft> => {
  const opened = await answer<OpenedRaft | SwarmtwinError>((done) => {
    of.openRaft(false, done);
  });
  if ('code' in opened) throw opened;
  return opened;
};

/** A manager with one entry in its log. */
async function manager(): Promise<NodeFiles> {
  const made = files();
  await made.load();
  await answer((done) => {
    made.save(state, done);
  });
  const { disk } = await raftOf(made);
  const parcel = { entries: [entry], hardState: { term: 1, vote: '1', commit: 1 }, mustSync: true };
  await answer((done) => {
    disk.save(parcel, done);
  });
  return made;
}

const whole = (): string => {
  const contents = (folder: string): string =>
    readdirSync(folder, { withFileTypes: true })
      .map((one) =>
        one.isDirectory()
          ? contents(join(folder, one.name))
          : readFileSync(join(folder, one.name), 'latin1'),
      )
      .join('\n');
  return contents(root);
};
const keyLine = (): string => state.identity.key.split('\n')[1] ?? '';

describe('a manager’s files', () => {
  test('hold the log encrypted, and are for their owner alone', async () => {
    await manager();
    expect(whole()).not.toContain(SECRET);
    expect(statSync(join(root, 'state.json')).mode & 0o777).toBe(0o600);
  });

  test('open again as they were', async () => {
    await (await manager()).close();
    const again = files();
    expect(await again.load()).toEqual(state);
    expect((await raftOf(again)).stored.entries).toEqual([entry]);
  });

  test('hold no key in the clear once it is locked, and another data key', async () => {
    const made = await manager();
    const dataKey = /raft-dek: (\S+?)\\n/.exec(whole())?.[1] ?? '';
    expect(dataKey).not.toBe('');
    expect(await lock(made, { key: KEY, version: 5 })).toEqual({ isNewlyLocked: true });
    expect(whole()).not.toContain(dataKey);
    expect(whole()).not.toContain(keyLine());
    expect(whole()).not.toContain('raft-dek-pending');
    await made.close();
    const again = files();
    expect(await again.load()).toEqual({ isLocked: true, advertiseAddr: '10.0.0.1:2377' });
    expect(await unlock(again, randomBytes(32).toString('base64'))).toBeNull();
    expect(await unlock(again, KEY)).toEqual(state);
    expect((await raftOf(again)).stored.entries).toEqual([entry]);
  });

  test('take the newest lock, whatever comes late', async () => {
    const made = await manager();
    await lock(made, { key: KEY, version: 5 });
    expect(await lock(made, { key: 'a'.repeat(43), version: 4 })).toEqual({ isNewlyLocked: false });
    expect(await lock(made, { key: 'a'.repeat(43), version: 5 })).toMatchObject({
      code: 'internal',
    });
    expect(await lock(made, { key: null, version: 6 })).toEqual({ isNewlyLocked: false });
    await made.close();
    expect(await files().load()).toEqual(state);
  });

  test('stay locked when the identity is saved anew', async () => {
    const made = await manager();
    await lock(made, { key: KEY, version: 5 });
    const identity = { ...state.identity, key: keyToPem(generateKey()) };
    await answer((done) => {
      made.save({ ...state, identity }, done);
    });
    expect(whole()).not.toContain(identity.key.split('\n')[1]);
  });

  test('go on with a change of the data key that a crash broke off', async () => {
    await (await manager()).close();
    // The new key was written beside the old one, and then the power failed.
    const pending = `raft-dek-pending: ${randomBytes(32).toString('base64')}`;
    const text = readFileSync(join(root, 'state.json'), 'utf8');
    writeFileSync(
      join(root, 'state.json'),
      text.replace(/(raft-dek: \S+?)\\n/, `$1\\n${pending}\\n`),
    );
    const last = files();
    await last.load();
    expect((await raftOf(last)).stored.entries).toEqual([entry]);
    expect(whole()).not.toContain('raft-dek-pending');
  });

  test('are not believed where they are damaged, and are not quoted', async () => {
    await (await manager()).close();
    const text = readFileSync(join(root, 'state.json'), 'utf8');
    writeFileSync(join(root, 'state.json'), text.replace('BEGIN PRIVATE', 'BEGUN PRIVATE'));
    const refused = await files()
      .load()
      .catch((caught: unknown) => caught);
    expect(refused).toMatchObject({ code: 'disk-corrupt' });
    expect((refused as SwarmtwinError).message).not.toContain(keyLine());
  });
});

test('a worker that was a manager is locked no more', async () => {
  const made = await manager();
  await lock(made, { key: KEY, version: 5 });
  await lock(made, null);
  await made.close();
  expect(await files().load()).toEqual(state);
});
