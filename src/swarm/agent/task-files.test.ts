import { describe, expect, test } from '@jest/globals';
import { encodeBase64 } from '../../model/base64.ts';
import { configId, secretId } from '../../model/ids.ts';
import type { Config, Secret, Task } from '../../model/objects.ts';
import type { ContainerSpec, FileTarget } from '../../model/specs.ts';
import { encodeUtf8 } from '../../model/utf8.ts';
import { makeTask } from '../dispatcher/virtual-swarm.ts';
import type { Dependencies } from './executor.ts';
import { filePlaces, taskFiles } from './task-files.ts';

const meta = { version: 1, createdAt: 0, updatedAt: 0 };
const target = (Name: string, more: Partial<FileTarget> = {}): FileTarget => ({
  Name,
  UID: '0',
  GID: '0',
  Mode: 0o444,
  ...more,
});
const base64 = (text: string): string => encodeBase64(encodeUtf8(text));

const secret = (id: string, text: string, template?: string): Secret => ({
  id: secretId(id),
  meta,
  spec: {
    Name: id,
    Labels: {},
    Data: base64(text),
    ...(template === undefined ? {} : { Templating: { Name: template } }),
  },
});
const config = (id: string, text: string, template?: string): Config => ({
  ...secret(id, text, template),
  id: configId(id),
});

const taskOf = (container: Partial<ContainerSpec>): Task => {
  const task = makeTask('t', { slot: 2, node: 'n1' });
  return { ...task, spec: { ...task.spec, ContainerSpec: { Image: 'i', ...container } } };
};
const user = taskOf({
  Env: ['GREETING=hello=you'],
  Secrets: [
    {
      SecretID: 's1',
      SecretName: 's1',
      File: target('one', { UID: '33', GID: '44', Mode: 0o400 }),
    },
    { SecretID: 's2', SecretName: 's2', File: target('/etc/two') },
  ],
  Configs: [
    { ConfigID: 'c1', ConfigName: 'c1', File: target('app.conf') },
    { ConfigID: 'c2', ConfigName: 'c2', Runtime: {} },
  ],
});
const all: Dependencies = {
  secrets: [secret('s1', 'first'), secret('s2', 'second')],
  configs: [config('c1', 'text')],
};
const textOf = (data: string): string => Buffer.from(data, 'base64').toString();

test('files are where they were asked for: names under their folder, paths as they are, runtime configs nowhere', () => {
  const paths = ['/run/secrets/one', '/etc/two', '/app.conf'];
  expect(filePlaces(user).map(({ path }) => path)).toEqual(paths);
  const files = taskFiles(user, all);
  expect(files.map(({ path, data }) => [path, textOf(data)])).toEqual([
    ['/run/secrets/one', 'first'],
    ['/etc/two', 'second'],
    ['/app.conf', 'text'],
  ]);
  expect(files[0]).toMatchObject({ uid: 33, gid: 44, mode: 0o400 });
});

describe('what dockerd cannot start is told in its words:', () => {
  const textFor = (task: Task, dependencies: Dependencies): string => {
    try {
      taskFiles(task, dependencies);
      return '';
    } catch (caught) {
      return (caught as Error).message.replace('starting container failed: ', '');
    }
  };

  test('a secret or config that this node was not given', () => {
    expect(textFor(user, { ...all, secrets: [] })).toBe(
      'unable to get secret from secret store: secret s1 not found',
    );
    expect(textFor(user, { ...all, configs: [] })).toBe(
      'unable to get config from config store: config c1 not found',
    );
  });

  test('a user that is no number', () => {
    const anonymous = taskOf({
      Secrets: [{ SecretID: 's1', SecretName: 's1', File: target('one', { UID: '' }) }],
    });
    expect(textFor(anonymous, all)).toBe('strconv.Atoi: parsing "": invalid syntax');
  });

  test.each([
    [
      '{{secret "nope"}}',
      'template: expansion:1:2: executing "expansion" at <secret "nope">: error calling secret: secret target nope not found',
    ],
    [
      '{{.Nope}}',
      `template: expansion:1:2: executing "expansion" at <.Nope>: can't evaluate field Nope in type *template.PayloadContext`,
    ],
    [
      '{{secret}}',
      'template: expansion:1:2: executing "expansion" at <secret>: wrong number of args for secret: want 1 got 0',
    ],
  ])('the template %s', (template, text) => {
    const configs = [config('c1', template, 'golang')];
    expect(textFor(user, { ...all, configs })).toBe(
      `unable to get config from config store: failed to expand templated config c1: ${text}`,
    );
  });

  test('a template of another kind', () => {
    const configs = [config('c1', 'x', 'jinja')];
    expect(textFor(user, { ...all, configs })).toBe(
      'unable to get config from config store: failed to expand templated config c1: unrecognized template type',
    );
  });
});

test('a template knows its task, its environment and the files beside it, but nothing of its node but the id', () => {
  const template =
    '{{.Service.Name}}.{{.Task.Slot}}@{{.Node.ID}}[{{.Node.Hostname}}] {{env "GREETING"}} {{secret "one"}} {{config "app.conf"}}é';
  const secrets = [secret('s1', 'first'), secret('s2', template, 'golang')];
  const [, file] = taskFiles(user, { ...all, secrets });
  expect(textOf(file?.data ?? '')).toBe('web.2@n1[] hello=you first texté');
});

test('without a template, braces and bytes that are no text stay as they are', () => {
  const raw = { ...secret('s1', ''), spec: { Name: 's1', Labels: {}, Data: '//57e30=' } };
  const [file] = taskFiles(user, { ...all, secrets: [raw, secret('s2', '{{.Nope}}')] });
  expect(file?.data).toBe('//57e30=');
});
