/** Templates as the payload of secrets and configs (behaviour.md 13; SwarmKit: template/getter.go). */
import { decodeBase64, encodeBase64 } from '../../model/base64.ts';
import { messageOf } from '../../model/errors.ts';
import type { Config, Secret, Task } from '../../model/objects.ts';
import { decodeUtf8, encodeUtf8 } from '../../model/utf8.ts';
import { CallProblem, Functions } from './functions.ts';
import { parseTemplate } from './parse.ts';
import { runTemplate } from './run.ts';
import { TemplateProblem } from './tree.ts';
import { payloadValues } from './values.ts';

/** What a payload may refer to. */
export interface PayloadSources {
  readonly secrets: readonly Secret[];
  readonly configs: readonly Config[];
}

/** Why a payload cannot be had; the text is SwarmKit's. */
export class PayloadProblem extends Error {
  override readonly name = 'PayloadProblem';
}

/** The bytes of a secret of the task in base 64, expanded where it is a template. Errors: PayloadProblem. */
export function secretPayload(id: string, task: Task, sources: PayloadSources): string {
  const secret = sources.secrets.find((one) => one.id === id);
  if (secret === undefined) throw new PayloadProblem(`secret ${id} not found`);
  return expanded('secret', secret, task, sources);
}

/** The same of a config. */
export function configPayload(id: string, task: Task, sources: PayloadSources): string {
  const config = sources.configs.find((one) => one.id === id);
  if (config === undefined) throw new PayloadProblem(`config ${id} not found`);
  return expanded('config', config, task, sources);
}

function expanded(
  kind: 'secret' | 'config',
  { id, spec }: Secret | Config,
  task: Task,
  sources: PayloadSources,
): string {
  const { Data = '', Templating } = spec;
  if (Templating === undefined) return Data;
  try {
    if (Templating.Name !== 'golang') throw new PayloadProblem('unrecognized template type');
    const text = textOf(Data);
    if (!text.includes('{{')) return Data;
    const functions = functionsOf(task, sources);
    const nodes = parseTemplate(text, functions);
    return encodeBase64(encodeUtf8(runTemplate(text, nodes, payloadValues(task), functions)));
  } catch (caught) {
    if (!(caught instanceof PayloadProblem) && !(caught instanceof TemplateProblem)) throw caught;
    throw new PayloadProblem(`failed to expand templated ${kind} ${id}: ${messageOf(caught)}`);
  }
}

/** `secret` and `config` find by the name of the file that the task gave; what they put in is not expanded itself. */
function functionsOf(task: Task, sources: PayloadSources): Functions {
  const { Secrets = [], Configs = [], Env = [] } = task.spec.ContainerSpec ?? {};
  return new Functions({
    secret: (target) => {
      const reference = Secrets.find(({ File }) => File?.Name === target);
      if (reference === undefined) throw new CallProblem(`secret target ${target} not found`);
      const { SecretID } = reference;
      return found('secret', sources.secrets, SecretID);
    },
    config: (target) => {
      const reference = Configs.find(({ File }) => File?.Name === target);
      if (reference === undefined) throw new CallProblem(`config target ${target} not found`);
      const { ConfigID } = reference;
      return found('config', sources.configs, ConfigID);
    },
    env: (name) => Env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '',
  });
}

function found(kind: string, all: readonly (Secret | Config)[], id: string): string {
  const object = all.find((one) => one.id === id);
  if (object === undefined) throw new CallProblem(`${kind} ${id} not found`);
  return textOf(object.spec.Data ?? '');
}

const textOf = (data: string): string => decodeUtf8(Uint8Array.from(decodeBase64(data) ?? []));
