/** Claims C: secrets and configs, as clients, containers and nodes show them. */
import { decodeBase64 } from '../model/base64.ts';
import type { DataKind } from '../model/scenario.ts';
import type { FileTarget } from '../model/specs.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { Operation } from './operations.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { formAt } from './story.ts';
import type { Story } from './story.ts';

/** A secret or config that a client made. */
interface Made {
  readonly kind: DataKind;
  readonly name: string;
  readonly base64: string;
  readonly text: string;
  readonly bytes: number;
  readonly operation: Operation;
}

interface ApiData {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Data?: string };
}

const madeOf = (story: Story, kind: DataKind): readonly Made[] =>
  story.operations
    .filter(({ method, path }) => method === 'POST' && path === `/${kind}s/create`)
    .map((operation) => {
      const { Name: name, Data: base64 } = operation.body as {
        readonly Name: string;
        readonly Data: string;
      };
      const bytes = decodeBase64(base64) ?? [];
      const text = decodeUtf8(Uint8Array.from(bytes));
      return { kind, name, base64, text, bytes: bytes.length, operation };
    });

export const c1: Claim = (story) => {
  const secrets = madeOf(story, 'secret');
  const leak = story.operations.find(
    ({ kind, value, text }) =>
      kind !== 'container' && secrets.some((secret) => isIn(secret, value) || isIn(secret, text)),
  );
  if (leak !== undefined)
    return fails(`${leak.method} ${leak.path} on ${leak.node} shows a secret`, leak.records);
  return worstOf(
    secrets.map((secret) => shownEverywhere(story, secret, (data) => data.Spec.Data === undefined)),
    'no secret was made',
  );
};

const isIn = ({ text, base64 }: Made, value: unknown): boolean => {
  const shown = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return shown.includes(text) || shown.includes(base64.replace(/=+$/, ''));
};

export const c3: Claim = (story) =>
  worstOf(
    madeOf(story, 'config').flatMap((config) => [
      shownEverywhere(story, config, (data) => data.Spec.Data === config.base64),
      ...filesOf(story, config).map((file) => seenInside(story, config, file)),
    ]),
    'no config was made',
  );

/** Made, listed and inspected on every manager with the same id, its data as it ought to be. */
function shownEverywhere(story: Story, made: Made, isRight: (data: ApiData) => boolean): Opinion {
  const { kind, name, operation } = made;
  const id = (operation.value as { readonly ID?: string } | undefined)?.ID;
  if (operation.outcome !== 'ok' || operation.status !== 201 || id === undefined)
    return fails(
      `the creation of ${kind} ${name} was answered ${operation.status} '${operation.text}'`,
      operation.records,
    );
  const evidence: number[] = [...operation.records];
  for (const path of [`/${kind}s`, `/${kind}s/${name}`]) {
    for (const node of story.managers) {
      const asked = story.operations.find(
        (other) =>
          other.method === 'GET' &&
          other.path === path &&
          other.node === node &&
          other.invokedMs >= operation.completedMs,
      );
      if (asked === undefined) return inconclusive(`${node} was not asked ${path}`, evidence);
      evidence.push(...asked.records);
      if (asked.outcome !== 'ok')
        return fails(`${node} answered GET ${path} ${asked.status} '${asked.text}'`, asked.records);
      const found = [asked.value].flat().find((each) => (each as ApiData).Spec.Name === name);
      if ((found as ApiData | undefined)?.ID !== id)
        return fails(`GET ${path} on ${node} does not show ${kind} ${name}`, asked.records);
      if (!isRight(found as ApiData))
        return fails(
          `GET ${path} on ${node} shows of ${name} ${(found as ApiData).Spec.Data ?? 'no data'}`,
          asked.records,
        );
    }
  }
  return holds(
    `${kind} ${name} is listed and inspected on ${story.managers.length} managers, ${kind === 'secret' ? 'its data nowhere' : 'with its data in base64'}`,
    evidence,
  );
}

/** A service's wish to have the data as a file. */
interface FileWanted {
  readonly service: string;
  readonly file: FileTarget;
  readonly path: string;
}

function filesOf(story: Story, { kind, name }: Made): readonly FileWanted[] {
  const folder = kind === 'secret' ? '/run/secrets/' : '/';
  return story.operations
    .filter((operation) => operation.kind === 'create' && operation.outcome === 'ok')
    .flatMap(({ about: service, spec }) => {
      const { Secrets = [], Configs = [] } = spec?.TaskTemplate.ContainerSpec ?? {};
      const files = [
        ...(kind === 'secret' ? Secrets.filter(({ SecretName }) => SecretName === name) : []),
        ...(kind === 'config' ? Configs.filter(({ ConfigName }) => ConfigName === name) : []),
      ].flatMap(({ File }) => (File === undefined ? [] : [File]));
      return files.map((file) => ({
        ...{ service, file },
        path: file.Name.startsWith('/') ? file.Name : folder + file.Name,
      }));
    });
}

/** What a command wrote in a container. */
const outputs = (story: Story, program: string): readonly Operation[] =>
  story.operations.filter(
    ({ path, body, value }) =>
      path.startsWith('/exec/') &&
      (body as { readonly Cmd?: readonly string[] }).Cmd?.[0] === program &&
      typeof value === 'string',
  );

/** The file is there as it was asked for, with the data, from a file system in memory. */
function seenInside(story: Story, made: Made, { file, path }: FileWanted): Opinion {
  const [mounts] = outputs(story, 'cat');
  const [facts] = outputs(story, 'stat');
  const [texts] = outputs(story, 'grep');
  if (mounts === undefined || facts === undefined || texts === undefined)
    return inconclusive('nobody looked inside a container');
  const evidence = [mounts, facts, texts].flatMap(({ records }) => records);
  const linesOf = (operation: Operation): readonly string[] => String(operation.value).split('\n');
  const fact = `${path} ${(file.Mode & 0o777).toString(8)} ${file.UID} ${file.GID} ${made.bytes}`;
  if (!linesOf(facts).includes(fact)) {
    const seen = linesOf(facts).find((line) => line.includes(path)) ?? 'nothing';
    return fails(`the task sees '${seen}', not '${fact}'`, facts.records);
  }
  const wanted = made.text.split('\n').map((line) => `${path}:${line}`);
  if (!wanted.every((line) => linesOf(texts).includes(line)))
    return fails(`${path} does not hold the data of ${made.name}`, texts.records);
  const mount = linesOf(mounts)
    .map((line) => line.split(' '))
    .filter(({ length }) => length > 2)
    .findLast(([, on = '']) => path === on || path.startsWith(`${on === '/' ? '' : on}/`));
  if (mount?.[2] !== 'tmpfs' && mount?.[2] !== 'ramfs')
    return fails(`${path} is on ${mount?.[2] ?? 'no mount'}, not in memory`, mounts.records);
  return holds(
    `${made.name} is ${path} with mode ${(file.Mode & 0o777).toString(8)}, in memory`,
    evidence,
  );
}

export const c2: Claim = (story) => {
  const secrets = madeOf(story, 'secret');
  const opinions = secrets.flatMap((secret) => [
    ...filesOf(story, secret).map((wanted) => seenInside(story, secret, wanted)),
    ...notElsewhere(story, secret),
    ...heldOnlyMeanwhile(story, secret),
  ]);
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const kinds = [/ is \/run\/secrets\/.* in memory$/, / is not there$/, / went with /];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed || !missing) return worstOf(opinions, '');
  return inconclusive(
    'not all was seen: a secret in a task, one under another name than its own, one gone with its container',
    opinions.flatMap(({ evidence }) => evidence),
  );
};

/** Under its own name there is nothing where another was asked for. */
function notElsewhere(story: Story, secret: Made): readonly Opinion[] {
  const own = `/run/secrets/${secret.name}`;
  const wanted = filesOf(story, secret);
  if (wanted.length === 0 || wanted.some(({ path }) => path === own)) return [];
  return outputs(story, 'stat').map((facts) => {
    const line = String(facts.value)
      .split('\n')
      .find((each) => each.includes(`${own}'`) || each.startsWith(`${own} `));
    if (line === undefined) return inconclusive(`nobody looked for ${own}`, facts.records);
    return line.includes('No such file')
      ? holds(`${own}, which nobody asked for, is not there`, facts.records)
      : fails(`the task sees '${line}', which nobody asked for`, facts.records);
  });
}

/** On its node it is in memory while a task of the service lives, and nowhere afterwards. */
function heldOnlyMeanwhile(story: Story, secret: Made): readonly Opinion[] {
  const found = story.held.filter(({ name }) => name === secret.name);
  const looks = found.map(({ node, places, atMs, n, looked }) => {
    const lives = story.containers.some(
      (life) =>
        life.node === node &&
        filesOf(story, secret).some(({ service }) => service === life.service) &&
        formAt(life.sightings, atMs)?.state === 'running',
    );
    return { node, places, lives, n, looked };
  });
  const opinions = looks.map(({ node, places, lives, n, looked }) => {
    const onDisk = places.find(({ inMemory }) => !inMemory);
    if (onDisk !== undefined)
      return fails(`${secret.name} is on the disk of ${node}: ${onDisk.path}`, [n]);
    if (lives && places.length === 0)
      return inconclusive(`${secret.name} was not found on ${node} (${looked})`, [n]);
    if (!lives && places[0] !== undefined)
      return fails(`${secret.name} outlived its container on ${node}: ${places[0].path}`, [n]);
    return null;
  });
  const wrong = opinions.filter((opinion) => opinion !== null);
  if (wrong.length > 0) return wrong;
  if (!looks.some(({ lives }) => lives) || !looks.some(({ lives }) => !lives)) return [];
  return [
    holds(
      `${secret.name} was in the node's memory only and went with the container`,
      looks.map(({ n }) => n),
    ),
  ];
}

export const c4: Claim = (story) => {
  const opinions = (['secret', 'config'] as const).flatMap((kind) =>
    madeOf(story, kind).flatMap((made) => removals(story, made)),
  );
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const kinds = [/^secret .* in use/, /^config .* in use/, / was removed/];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed || !missing) return worstOf(opinions, '');
  return inconclusive(
    'not all was tried: a secret and a config in use removed, and one that is not',
  );
};

function removals(story: Story, made: Made): readonly Opinion[] {
  const { kind, name } = made;
  return story.operations
    .filter(({ method, path }) => method === 'DELETE' && path === `/${kind}s/${name}`)
    .map((removal) => {
      const { outcome, status, text, invokedMs, records } = removal;
      const users = filesOf(story, made)
        .map(({ service }) => service)
        .filter((service) => !isRemoved(story, service, invokedMs));
      if (users.length === 0)
        return outcome === 'ok' && status === 204
          ? holds(`${kind} ${name}, which nobody used, was removed`, records)
          : fails(`the removal of ${kind} ${name} was answered ${status} '${text}'`, records);
      const expected = `rpc error: code = InvalidArgument desc = ${kind} '${name}' is in use by the following service: ${users.join(', ')}`;
      return outcome === 'fail' && status === 400 && text === expected
        ? holds(
            `${kind} ${name} was not removed while it was in use by ${users.join(', ')}`,
            records,
          )
        : fails(
            `the removal of ${kind} ${name}, in use, was answered ${status} '${text}'`,
            records,
          );
    });
}

const isRemoved = (story: Story, service: string, atMs: number): boolean =>
  story.operations.some(
    ({ kind, about, outcome, completedMs }) =>
      kind === 'remove' && about === service && outcome === 'ok' && completedMs <= atMs,
  );
