/** Secrets and configs over the control plane's real rules: statuses and texts are those that real engines were measured with (measured.md E10). */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

let node = new LeaderNode();
beforeEach(() => {
  node = new LeaderNode();
});

function ask(method: string, path: string, body?: unknown): Answer {
  let answer: Answer = { status: 0, json: undefined };
  handle(
    node,
    requestOf({ method, path, ...(body === undefined ? {} : { body }) }),
    (response) => {
      const json: unknown = response.body === '' ? undefined : JSON.parse(response.body);
      answer = { status: response.status, json };
    },
    DEFAULT_OPTIONS['26.1'],
  );
  return answer;
}

const create = (kind: string, Name: string, data = 'x', more: object = {}): Answer =>
  ask('POST', `/${kind}s/create`, { Name, Data: base64(data), ...more });
const idOf = ({ json }: Answer): string => (json as { ID: string }).ID;
const refusal = (status: number, message: string): Answer => ({ status, json: { message } });
const rpc = (code: string, text: string): string => `rpc error: code = ${code} desc = ${text}`;
const namesOf = ({ json }: Answer): readonly string[] =>
  (json as { Spec: { Name: string } }[]).map(({ Spec }) => Spec.Name);

describe.each(['secret', 'config'])('a %s', (kind) => {
  const limit = kind === 'secret' ? 512_000 : 1_024_000;

  test('is created, and found by id, name in any case and prefix', () => {
    const created = create(kind, 'One');
    expect(created.status).toBe(201);
    const id = idOf(created);
    for (const ref of [id, 'One', 'oNE', id.slice(0, 8)])
      expect(ask('GET', `/${kind}s/${ref}`)).toMatchObject({ status: 200, json: { ID: id } });
    expect(ask('GET', `/${kind}s/nope`)).toEqual(refusal(404, `${kind} nope not found`));
  });

  test('shows its data only if it is a config', () => {
    create(kind, 'one', 'correct horse', { Labels: { a: 'b' } });
    const spec = { Name: 'one', Labels: { a: 'b' } };
    const shown = kind === 'secret' ? spec : { ...spec, Data: base64('correct horse') };
    expect(ask('GET', `/${kind}s/one`).json).toMatchObject({ Spec: shown });
    for (const path of [`/${kind}s/one`, `/${kind}s`, `/${kind}s?filters={"name":["o"]}`])
      expect(JSON.stringify(ask('GET', path).json).includes(base64('correct horse'))).toBe(
        kind === 'config',
      );
  });

  test('needs a name of its own, and data of a size', () => {
    create(kind, 's1');
    expect(create(kind, 'S1')).toEqual(
      refusal(409, rpc('AlreadyExists', `${kind} S1 already exists`)),
    );
    const name =
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]';
    for (const bad of ['-a', 'a.', 'a b', 'a'.repeat(65)])
      expect(create(kind, bad)).toEqual(refusal(400, rpc('InvalidArgument', name)));
    expect(create(kind, '')).toEqual(refusal(400, rpc('InvalidArgument', 'name must be provided')));
    const size = `${kind} data must be larger than 0 and less than ${limit} bytes`;
    for (const bad of ['', 'x'.repeat(limit)])
      expect(create(kind, 'sized', bad)).toEqual(refusal(400, rpc('InvalidArgument', size)));
    expect(create(kind, 'sized', 'x'.repeat(limit - 1)).status).toBe(201);
  });

  test('may change its labels and nothing else', () => {
    const id = idOf(create(kind, 'one', 'x', { Labels: { a: '1' } }));
    const version = (): number =>
      (ask('GET', `/${kind}s/${id}`).json as { Version: { Index: number } }).Version.Index;
    const update = (body: object, at: number | string = version()): Answer =>
      ask('POST', `/${kind}s/one/update?version=${at}`, body);
    expect(update({ Name: 'one', Labels: { b: '2' } })).toEqual({ status: 200, json: undefined });
    expect(ask('GET', `/${kind}s/one`).json).toMatchObject({ Spec: { Labels: { b: '2' } } });
    const only = refusal(400, rpc('InvalidArgument', 'only updates to Labels are allowed'));
    expect(update({ Name: 'one', Data: base64('y') })).toEqual(only);
    expect(update({ Name: 'two' })).toEqual(only);
    expect(update({ Name: 'one', Data: base64('x') }).status).toBe(200);
    expect(update({ Name: 'one' }, 'x')).toEqual(refusal(400, `invalid ${kind} version`));
    expect(update({ Name: 'one' }, 1)).toEqual(
      refusal(500, rpc('Unknown', 'update out of sequence')),
    );
  });

  test('cannot be removed while services refer to it', () => {
    const id = idOf(create(kind, 'one'));
    const File = { Name: 'one', UID: '0', GID: '0', Mode: 0o444 };
    const reference =
      kind === 'secret'
        ? { Secrets: [{ SecretID: id, SecretName: 'one', File }] }
        : { Configs: [{ ConfigID: id, ConfigName: 'one', File }] };
    const serve = (Name: string): Answer =>
      ask('POST', '/services/create', {
        Name,
        TaskTemplate: { ContainerSpec: { Image: 'busybox', ...reference } },
      });
    expect(serve('user').status).toBe(201);
    expect(ask('DELETE', `/${kind}s/one`)).toEqual(
      refusal(
        400,
        rpc('InvalidArgument', `${kind} 'one' is in use by the following service: user`),
      ),
    );
    serve('other');
    const message = (ask('DELETE', `/${kind}s/one`).json as { message: string }).message;
    expect(message).toMatch(/in use by the following services: (user, other|other, user)$/);
    for (const name of ['user', 'other']) ask('DELETE', `/services/${name}`);
    expect(ask('DELETE', `/${kind}s/one`)).toEqual({ status: 204, json: undefined });
    expect(serve('late')).toEqual(refusal(400, rpc('InvalidArgument', `${kind} not found: one`)));
    expect(ask('DELETE', `/${kind}s/nope`)).toEqual(refusal(404, `${kind} nope not found`));
  });

  test('is listed by id, and by the findings of each filter', () => {
    for (const name of ['ab', 'aa', 'b']) create(kind, name, 'x', { Labels: { of: name } });
    const list = (filters: object): readonly string[] =>
      namesOf(ask('GET', `/${kind}s?filters=${JSON.stringify(filters)}`));
    expect([...list({})].sort()).toEqual(['aa', 'ab', 'b']);
    expect(list({ name: ['a'] })).toEqual(['aa', 'ab']);
    expect(list({ name: ['b', 'a'], label: ['of=ab'] })).toEqual(['ab']);
    const id = idOf(ask('GET', `/${kind}s/ab`));
    expect(list({ name: ['b'], id: [id.slice(0, 20)] })).toEqual(['b', 'ab']);
    expect(ask('GET', `/${kind}s?filters={"foo":["x"]}`)).toEqual(
      refusal(400, "invalid filter 'foo'"),
    );
  });

  test('is a template only for clients that know of it', () => {
    const templated = { Templating: { Name: 'golang' } };
    const spec = { Name: 'one', Data: base64('x'), ...templated };
    expect(ask('POST', `/v1.36/${kind}s/create`, spec)).toEqual(
      refusal(400, `${kind} templating is not supported on the specified API version: 1.36`),
    );
    expect(create(kind, 'one', 'x', templated).status).toBe(201);
    expect(ask('GET', `/${kind}s/one`).json).toMatchObject({ Spec: templated });
  });
});

test('exact names are a filter of secrets alone', () => {
  for (const name of ['a', 'ab']) create('secret', name);
  expect(namesOf(ask('GET', '/secrets?filters={"names":["a"]}'))).toEqual(['a']);
  expect(ask('GET', '/configs?filters={"names":["a"]}').status).toBe(400);
});

test('a secret of a driver is refused: there are no plugins', () => {
  expect(ask('POST', '/secrets/create', { Name: 'a', Driver: { Name: 'vault' } })).toEqual(
    refusal(500, rpc('Unknown', 'plugin "vault" not found')),
  );
  expect(ask('POST', '/secrets/create', { Name: 'a', Driver: {} })).toEqual(
    refusal(400, rpc('InvalidArgument', 'secret driver must have a name')),
  );
});
