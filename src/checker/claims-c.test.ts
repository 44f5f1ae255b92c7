/** Each claim of C on histories made by hand: one on which it holds, one on which it fails, one that says nothing. */
import { describe, expect, test } from '@jest/globals';
import { encodeBase64 } from '../model/base64.ts';
import type { HeldSeen } from '../model/history.ts';
import type { ClaimId, DataKind } from '../model/scenario.ts';
import { madeId, MadeHistory, madeSpec } from './made-history.ts';

const TEXT = 'no real secret';
const DATA = encodeBase64([...new TextEncoder().encode(TEXT)]);
const history = (claim: ClaimId): MadeHistory =>
  new MadeHistory({ managers: 2, workers: 1 }, [claim]).at(1);
const refused = (status: number, text: string) => ({ outcome: 'fail', status, text }) as const;

const create = (
  made: MadeHistory,
  kind: DataKind,
  name: string,
  ending: object = {},
): MadeHistory =>
  made.call(
    ...(['n1', 'POST', `/${kind}s/create`] as const),
    { status: 201, value: { ID: madeId(name) }, ...ending },
    { Name: name, Labels: {}, Data: DATA },
  );

/** Both managers list and inspect it. */
function shown(made: MadeHistory, kind: DataKind, name: string, spec: object, on = ['n1', 'n2']) {
  const value = { ID: madeId(name), Spec: { Name: name, ...spec } };
  for (const node of on)
    made
      .call(node, 'GET', `/${kind}s`, { value: [value] })
      .call(node, 'GET', `/${kind}s/${name}`, { value });
  return made;
}

/** A service that asks for the secret as `login` and for the config as `/etc/site.conf`. */
function used(made: MadeHistory, Mode = 0o400): MadeHistory {
  const spec = madeSpec('web');
  const file = { UID: '0', GID: '0', Mode };
  const ContainerSpec = {
    Image: 'v1',
    Secrets: [{ SecretID: madeId('key'), SecretName: 'key', File: { ...file, Name: 'login' } }],
    Configs: [
      { ConfigID: madeId('site'), ConfigName: 'site', File: { ...file, Name: '/etc/site.conf' } },
    ],
  };
  const TaskTemplate = { ...spec.TaskTemplate, ContainerSpec };
  return made.call('n1', 'POST', '/services/create', {}, { ...spec, TaskTemplate });
}

interface Inside {
  readonly mount?: string;
  readonly facts?: string;
  readonly own?: string;
  readonly text?: string;
}

/** What a look inside its container shows. */
function looked(made: MadeHistory, path: string, inside: Inside = {}): MadeHistory {
  const wrote = (Cmd: readonly string[], lines: readonly string[]): void => {
    made.call('n3', 'POST', '/exec/x/start', { value: `${lines.join('\n')}\n` }, { Cmd });
  };
  const own = "stat: can't stat '/run/secrets/key': No such file or directory";
  wrote(
    ['cat', '/proc/mounts'],
    ['overlay / overlay rw 0 0', inside.mount ?? `tmpfs ${path} tmpfs ro 0 0`],
  );
  wrote(['stat', '-c'], [inside.facts ?? `${path} 400 0 0 ${TEXT.length}`, inside.own ?? own]);
  wrote(['grep', '-H'], [`${path}:${inside.text ?? TEXT}`]);
  return made;
}

describe('C1', () => {
  const secret = (): MadeHistory => create(history('C1'), 'secret', 'key');

  test('holds where all managers list and show it without its data', () => {
    expect(shown(secret(), 'secret', 'key', {}).verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['shows its data', () => shown(secret(), 'secret', 'key', { Data: DATA })],
    ['lets it slip in plain text', () => secret().read('n2', refused(500, `bad ${TEXT}`))],
    ['does not make it', () => create(history('C1'), 'secret', 'key', refused(500, 'no'))],
    ['does not know it', () => secret().call('n1', 'GET', '/secrets', { value: [] })],
  ])('fails where a manager %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where one manager was not asked', () => {
    const made = shown(secret(), 'secret', 'key', {}, ['n1']);
    expect(made.verdict()).toMatchObject({ verdict: 'inconclusive' });
    expect(history('C1').verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('C2', () => {
  const PATH = '/run/secrets/login';
  const MEMORY = [{ path: '/var/lib/docker/containers/x/mounts/secrets/y', inMemory: true }];
  const running = (inside: Inside = {}): MadeHistory => {
    const made = used(create(history('C2'), 'secret', 'key'));
    return looked(
      made.task('web.1.a', { node: 'n3' }).container('n3', 'web.1.a', 'running'),
      PATH,
      inside,
    );
  };
  const held = (made: MadeHistory, places: HeldSeen['places']): MadeHistory =>
    made.held({ node: 'n3', name: 'key', looked: 'by hand', places });
  const ended = (made: MadeHistory): MadeHistory => made.at(5).container('n3', 'web.1.a', 'gone');

  test('holds where the file is as asked for, in memory, and gone with the container', () => {
    const made = held(ended(held(running(), MEMORY)), []);
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['has another mode', () => running({ facts: `${PATH} 444 0 0 ${TEXT.length}` })],
    ['is not there', () => running({ facts: `stat: can't stat '${PATH}': No such file` })],
    ['has another text', () => running({ text: 'something else' })],
    ['is on a disk', () => running({ mount: `/dev/sda ${PATH} ext4 ro 0 0` })],
    ['is under its own name too', () => running({ own: '/run/secrets/key 400 0 0 14' })],
    ['lies on the disk of its node', () => held(running(), [{ path: '/x', inMemory: false }])],
    ['outlives its container', () => held(ended(held(running(), MEMORY)), MEMORY)],
  ])('fails where the file %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where nobody looked afterwards, or inside', () => {
    expect(held(running(), MEMORY).verdict()).toMatchObject({ verdict: 'inconclusive' });
    expect(history('C2').verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('C3', () => {
  const PATH = '/etc/site.conf';
  const config = (spec: object, inside: Inside = {}): MadeHistory =>
    looked(
      used(shown(create(history('C3'), 'config', 'site'), 'config', 'site', spec)),
      PATH,
      inside,
    );

  test('holds where all managers show its data in base64 and a task has it as a file', () => {
    expect(config({ Data: DATA }).verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['is shown without its data', {}, {}],
    ['is shown with other data', { Data: 'AAAA' }, {}],
    ['has another text in the task', { Data: DATA }, { text: 'else' }],
  ])('fails where it %s', (_, spec, inside) => {
    expect(config(spec, inside).verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where there is none', () => {
    expect(history('C3').verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('C4', () => {
  const inUse = (kind: DataKind, name: string) =>
    refused(
      400,
      `rpc error: code = InvalidArgument desc = ${kind} '${name}' is in use by the following service: web`,
    );
  const both = (): MadeHistory =>
    used(create(create(history('C4'), 'secret', 'key'), 'config', 'site'));
  const tried = (secret: object = inUse('secret', 'key')): MadeHistory =>
    both()
      .call('n1', 'DELETE', '/secrets/key', secret)
      .call('n1', 'DELETE', '/configs/site', inUse('config', 'site'))
      .at(3)
      .call('n1', 'DELETE', '/services/web')
      .at(4);

  test('holds where both are refused while in use, and removed afterwards', () => {
    const made = tried().call('n1', 'DELETE', '/secrets/key', { status: 204 });
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['one in use is removed', () => tried({ status: 204 })],
    ['it is refused in other words', () => tried(refused(400, 'no'))],
    [
      'one that nobody uses is refused',
      () => tried().call('n1', 'DELETE', '/secrets/key', inUse('secret', 'key')),
    ],
  ])('fails where %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where nothing was removed', () => {
    expect(tried().verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});
