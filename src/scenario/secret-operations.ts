/** What clients do with secrets and configs, and what is seen of them in containers and on nodes. */
import { SwarmtwinError } from '../model/errors.ts';
import { encodeBase64 } from '../model/base64.ts';
import type { DataDraft, DataKind, ServiceDraft, Step } from '../model/scenario.ts';
import type { FileTarget, ServiceSpec } from '../model/specs.ts';
import { operate, type Caller, type Client, type Outcome } from './operations.ts';
import { resolveNode } from './resolve.ts';

export type DataStep = Extract<
  Step,
  { do: 'create-data' | 'list-data' | 'inspect-data' | 'remove-data' }
>;

export async function playData(caller: Caller, step: DataStep): Promise<Outcome> {
  const all = `/${step.kind}s`;
  switch (step.do) {
    case 'create-data': {
      const { name: Name, data } = step;
      const body = { Name, Labels: {}, Data: base64(data) };
      const call = { method: 'POST', path: `${all}/create`, body } as const;
      const made = await operate(caller, call, (value) => value);
      const { ID } = (made.value ?? {}) as { readonly ID?: string };
      if (made.outcome === 'ok' && ID !== undefined) caller.client.data.set(Name, { id: ID, data });
      return made;
    }
    case 'list-data':
      return operate(caller, { method: 'GET', path: all }, (value) => value);
    case 'inspect-data':
      return operate(caller, { method: 'GET', path: `${all}/${step.name}` }, (value) => value);
    case 'remove-data':
      return operate(caller, { method: 'DELETE', path: `${all}/${step.name}` });
  }
}

const base64 = (text: string): string => encodeBase64([...new TextEncoder().encode(text)]);

const EVERYBODY_READS = 0o444;

/** The spec with the secrets and configs that the draft asks for, by the ids under which the swarm has them. */
export function withData(spec: ServiceSpec, draft: ServiceDraft, { data }: Client): ServiceSpec {
  const { secrets = [], configs = [] } = draft;
  if (secrets.length + configs.length === 0) return spec;
  const fileOf = ({ name, target = name, mode = EVERYBODY_READS }: DataDraft): FileTarget => ({
    ...{ Name: target, UID: '0', GID: '0', Mode: mode },
  });
  const idOf = (kind: DataKind, { name }: DataDraft): string => {
    const id = data.get(name)?.id;
    if (id !== undefined) return id;
    throw new SwarmtwinError(
      'bad-scenario',
      `there is no ${kind} ${name} for ${draft.service}`,
      'Create it with a create-data step before.',
    );
  };
  const template = spec.TaskTemplate;
  const ContainerSpec = {
    ...(template.ContainerSpec ?? { Image: '' }),
    Secrets: secrets.map((each) => ({
      ...{ SecretID: idOf('secret', each), SecretName: each.name, File: fileOf(each) },
    })),
    Configs: configs.map((each) => ({
      ...{ ConfigID: idOf('config', each), ConfigName: each.name, File: fileOf(each) },
    })),
  };
  return { ...spec, TaskTemplate: { ...template, ContainerSpec } };
}

/** Each command is run by the container's own engine, and what it wrote is on record: its mounts, then facts and text of the files. */
export async function lookInside(
  caller: Caller,
  container: string,
  paths: readonly string[],
): Promise<Outcome> {
  const { label } = caller;
  await execute({ ...caller, label: `${label}: mounts` }, container, ['cat', '/proc/mounts']);
  const facts = ['stat', '-c', '%n %a %u %g %s', ...paths];
  await execute({ ...caller, label: `${label}: modes` }, container, facts);
  const texts = ['grep', '-H', '', ...paths];
  return execute({ ...caller, label: `${label}: texts` }, container, texts);
}

/** With a terminal, so that the answer is plain text. */
async function execute(
  caller: Caller,
  container: string,
  Cmd: readonly string[],
): Promise<Outcome> {
  const body = { AttachStdout: true, AttachStderr: true, Tty: true, Cmd };
  const path = `/containers/${container}/exec`;
  const made = await operate(caller, { method: 'POST', path, body });
  if (made.outcome !== 'ok') return made;
  const { Id } = made.value as { readonly Id: string };
  const start = { method: 'POST', path: `/exec/${Id}/start`, body: { Tty: true } } as const;
  return operate({ ...caller, shown: { Cmd } }, start, (output) =>
    typeof output === 'string' ? output.replaceAll('\r', '') : '',
  );
}

/** Looks on the machine itself, beside every API. */
export async function findData(
  client: Client,
  step: Extract<Step, { do: 'find-data' }>,
): Promise<string> {
  const { target, recorder, sight } = client;
  const made = client.data.get(step.name);
  if (made === undefined)
    throw new SwarmtwinError(
      'bad-scenario',
      `nothing named ${step.name} was created`,
      'Create it with a create-data step.',
    );
  const node = resolveNode(step.node, sight);
  const { looked, places } = await target.holding(node, made.data);
  recorder.append({ type: 'observe', what: 'held', node, name: step.name, looked, places });
  return places.length === 0 ? 'nowhere' : places.map(({ path }) => path).join(', ');
}
