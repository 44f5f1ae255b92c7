/** Reads apt's lists of sources, to use the mirror that this machine uses. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One archive as apt knows it. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/** Parses the one-line form: `deb [options] URI suite component…`. See sources.list(5). */
export function parseOneLine(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const words = (line.split('#')[0] ?? '').replace(/\[[^\]]*\]/, ' ').trim();
    const [kind, uri, suite, ...components] = words.split(/\s+/);
    return kind === 'deb' && uri !== undefined && suite !== undefined
      ? [{ uri, suite, components }]
      : [];
  });
}

/** Parses the deb822 form: stanzas of `Types:`, `URIs:`, `Suites:`, `Components:`. See sources.list(5). */
export function parseDeb822(text: string): readonly AptSource[] {
  const withoutComments = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const words = (field: string): readonly string[] => {
      const value = new RegExp(`^${field}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '';
      return value.trim() === '' ? [] : value.trim().split(/\s+/);
    };
    if (!words('Types').includes('deb') || words('Enabled')[0]?.toLowerCase() === 'no') return [];
    const components = words('Components');
    return words('URIs').flatMap((uri) =>
      words('Suites').map((suite) => ({ uri, suite, components })),
    );
  });
}

/**
 * The mirror of the distribution's main archive: of the sources of exactly this suite the first that is reached by
 * HTTP and has the component main. Undefined when there is none (a CD, a mirror list).
 */
export function mirrorOf(sources: readonly AptSource[], suite: string): string | undefined {
  return sources.find(
    (source) =>
      source.suite === suite && source.components.includes('main') && /^https?:/.test(source.uri),
  )?.uri;
}

/** Every source this machine's apt reads. */
export function readAptSources(root = '/etc/apt'): readonly AptSource[] {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const folder = join(root, 'sources.list.d');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    ...parseOneLine(read(join(root, 'sources.list'))),
    ...names.flatMap((name) => {
      if (name.endsWith('.list')) return parseOneLine(read(join(folder, name)));
      return name.endsWith('.sources') ? parseDeb822(read(join(folder, name))) : [];
    }),
  ];
}
