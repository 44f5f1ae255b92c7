/** Values as Swarm answers and stores them, leaf by leaf, with what every run draws anew as placeholders. */
import { nameless } from './nameless.ts';
import type { Story } from './story.ts';

/** When and in which version something was written: other on every run. */
const DRAWN: ReadonlySet<string> = new Set([
  ...['CreatedAt', 'UpdatedAt', 'StartedAt', 'CompletedAt', 'Version'],
]);

/** Each leaf with its path, `TaskTemplate.ContainerSpec.Env.0` say. What is empty is a leaf too, so that it can be told from what is not there. */
export function leavesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null)
    return [[path, nameless(typeof value === 'string' ? value : JSON.stringify(value ?? null))]];
  const members = Object.entries(value).filter(([name]) => !DRAWN.has(name));
  if (members.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']];
  return members.flatMap(([name, member]) =>
    leavesOf(member, path === '' ? name : `${path}.${name}`),
  );
}

/** Lists of objects come in the order of ids, which are drawn: theirs is by what they hold. Lists of words keep their order. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const members: readonly unknown[] = value.map(inOrder);
    const isOfObjects = members.some((each) => typeof each === 'object');
    return isOfObjects ? members.toSorted((a, b) => (formOf(a) < formOf(b) ? -1 : 1)) : members;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inOrder(each)]));
}

const formOf = (value: unknown): string => JSON.stringify(leavesOf(value));

/** What each operation was answered, by its label, but for what the comparison leaves out (exclusions.ts). */
export function answersOf(story: Story): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const names = story.header.nodes.flatMap(({ name, address }) => [name, address]);
  return new Map(
    story.operations
      .filter(({ value }) => value !== undefined && value !== null && !isMounts(value))
      .map(({ label, value }) => {
        const leaves = leavesOf(inOrder(value));
        return [label, new Map(leaves.map(([path, text]) => [path, placeless(text, names)]))];
      }),
  );
}

/** A kernel's table of mounts: how the engine stores its layers. */
const isMounts = (value: unknown): boolean =>
  typeof value === 'string' && /^\S+ \/ \S+ r[wo],/.test(value);

/** Where a node is, by address or by name; short forms of containers' ids; join tokens, of which the history keeps the shape alone. */
const placeless = (text: string, names: readonly string[]): string =>
  (names.includes(text.replace(/:\d+$/, '')) ? '<address>' : text)
    .replace(/\b[0-9a-f]{12}\b/g, '<container>')
    .replace(/\bSWMTKN-1-\w+-\(25 characters, digest \w+\)/, '<token>');
