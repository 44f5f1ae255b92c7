/** The few programs that a simulated container has: those that show what it sees of secrets and configs. Their words are busybox's. */
import { decodeBase64 } from '../model/base64.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { TaskFile } from '../swarm/agent/task-files.ts';
import type { SimulatedContainer } from './container.ts';

/** What a file holds, as text. */
export const textOf = ({ data }: Pick<TaskFile, 'data'>): string =>
  decodeUtf8(Uint8Array.from(decodeBase64(data) ?? []));

/** What a command writes; null where there is no such program. */
export function runProgram(
  container: SimulatedContainer,
  [program = '', ...words]: readonly string[],
): string | null {
  const { files } = container;
  if (program === 'cat' && words.join() === '/proc/mounts') return mounts(files);
  if (program === 'stat' && words[0] === '-c') return stat(files, words[1] ?? '', words.slice(2));
  if (program === 'grep' && words.slice(0, 2).join() === '-H,') return grep(files, words.slice(2));
  return null;
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

const mounts = (files: readonly TaskFile[]): string =>
  lines([
    'overlay / overlay rw,relatime 0 0',
    ...files.map(({ path }) => `tmpfs ${path} tmpfs ro,relatime 0 0`),
  ]);

const stat = (files: readonly TaskFile[], format: string, paths: readonly string[]): string =>
  lines(
    paths.map((path) => {
      const file = files.find((each) => each.path === path);
      if (file === undefined) return `stat: can't stat '${path}': No such file or directory`;
      const facts: Readonly<Record<string, string>> = {
        ...{ n: path, a: file.mode.toString(8), u: String(file.uid), g: String(file.gid) },
        s: String(decodeBase64(file.data)?.length ?? 0),
      };
      return format.replace(/%(\w)/g, (all, letter: string) => facts[letter] ?? all);
    }),
  );

/** Every line of the files, each with the file's name in front. */
const grep = (files: readonly TaskFile[], paths: readonly string[]): string =>
  lines(
    paths.flatMap((path) => {
      const file = files.find((each) => each.path === path);
      if (file === undefined) return [`grep: ${path}: No such file or directory`];
      return textOf(file)
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${path}:${line}`);
    }),
  );
