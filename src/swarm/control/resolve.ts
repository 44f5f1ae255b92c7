import { SwarmError } from '../../model/errors.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import { taskName } from '../../model/objects.ts';
import type { Reader } from '../tables.ts';

/** moby: a full id, else an exact name, else a prefix of an id; none and many are the facade's own errors. */
function resolve<T extends { readonly id: string }>(
  kind: string,
  ref: string,
  exact: T | undefined,
  all: readonly T[],
  nameOf: (object: T) => string,
): T {
  if (exact !== undefined) return exact;
  const named = all.filter((object) => nameOf(object) === ref);
  const found = named.length > 0 ? named : all.filter((object) => object.id.startsWith(ref));
  const [first] = found;
  if (first === undefined) throw new SwarmError('NotFound', `${kind} ${ref} not found`, 'facade');
  if (found.length > 1) {
    throw new SwarmError(
      'InvalidArgument',
      `${kind} ${ref} is ambiguous (${found.length} matches found)`,
      'facade',
    );
  }
  return first;
}

export const resolveService = (read: Reader, ref: string): Service =>
  resolve(
    'service',
    ref,
    read.get('service', ref),
    read.all('service'),
    (service) => service.spec.Name,
  );

export const resolveTask = (read: Reader, ref: string): Task =>
  resolve('task', ref, read.get('task', ref), read.all('task'), taskName);

export const resolveNode = (read: Reader, ref: string): Node =>
  resolve(
    'node',
    ref,
    read.get('node', ref),
    read.all('node'),
    (node) => node.description?.hostname ?? '',
  );
