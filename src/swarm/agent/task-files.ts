/** Secrets and configs as the files that a container finds them in (behaviour.md 13; moby: setupSecretDir). */
import { SwarmError } from '../../model/errors.ts';
import type { Task } from '../../model/objects.ts';
import type { FileTarget } from '../../model/specs.ts';
import { configPayload, PayloadProblem, secretPayload } from '../template/expand-payload.ts';
import type { Dependencies } from './executor.ts';

/** Where a file is to be seen. */
export interface FilePlace {
  /** The id of the secret or config, by which the file goes on the node; two references to one share it. */
  readonly id: string;
  /** In the container. */
  readonly path: string;
}

export interface TaskFile extends FilePlace {
  /** Base 64. */
  readonly data: string;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
}

const SECRET_FOLDER = '/run/secrets/';
const CONFIG_FOLDER = '/';
const PERMISSIONS = 0o777;

/** What is mounted into the task's container, secrets first. */
export const filePlaces = (task: Task): readonly FilePlace[] =>
  references(task).map(({ id, folder, file }) => ({ id, path: pathOf(folder, file.Name) }));

/** The files with what is in them, expanded where it is a template. Errors: Unknown with dockerd's text, which ends the start of the container. */
export function taskFiles(task: Task, dependencies: Dependencies): readonly TaskFile[] {
  return references(task).map(({ kind, id, folder, file }) => ({
    id,
    path: pathOf(folder, file.Name),
    data: payloadOf(kind, id, task, dependencies),
    uid: idNumber(file.UID),
    gid: idNumber(file.GID),
    mode: file.Mode & PERMISSIONS,
  }));
}

interface Reference {
  readonly kind: 'secret' | 'config';
  readonly id: string;
  readonly folder: string;
  readonly file: FileTarget;
}

function references(task: Task): readonly Reference[] {
  const { Secrets = [], Configs = [] } = task.spec.ContainerSpec ?? {};
  return [
    ...Secrets.flatMap(({ SecretID: id, File: file }): Reference[] =>
      file === undefined ? [] : [{ kind: 'secret', id, folder: SECRET_FOLDER, file }],
    ),
    ...Configs.flatMap(({ ConfigID: id, File: file }): Reference[] =>
      file === undefined ? [] : [{ kind: 'config', id, folder: CONFIG_FOLDER, file }],
    ),
  ];
}

const pathOf = (folder: string, name: string): string =>
  name.startsWith('/') ? name : `${folder}${name}`;

function payloadOf(
  kind: 'secret' | 'config',
  id: string,
  task: Task,
  dependencies: Dependencies,
): string {
  try {
    return kind === 'secret'
      ? secretPayload(id, task, dependencies)
      : configPayload(id, task, dependencies);
  } catch (caught) {
    if (!(caught instanceof PayloadProblem)) throw caught;
    throw problem(`unable to get ${kind} from ${kind} store: ${caught.message}`);
  }
}

/** Go's strconv.Atoi, which is what dockerd reads user and group with. */
function idNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw problem(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const problem = (text: string): SwarmError =>
  new SwarmError('Unknown', `starting container failed: ${text}`);
