/** The small languages inside a compose file: durations, sizes, ports, variables. Each gives null for what it cannot read. */
import type { Mount, PortConfig } from '../model/specs.ts';

const NANOSECONDS: Readonly<Record<string, number>> = {
  ...{ h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 },
};

/** Nanoseconds of a Go duration (`1m30s`, `500ms`, `0`). */
export function durationOf(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(h|ms|us|µs|ns|m|s))+$/.test(text)) return null;
  let total = 0;
  for (const [, value = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g))
    total += Number(value) * (NANOSECONDS[unit] ?? 0);
  return Math.round(total);
}

const BINARY: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes of `50M`, `1gb`, `1024` (Docker counts in powers of 1024). */
export function bytesOf(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text);
  if (found === null) return null;
  return Math.round(Number(found[1]) * 1024 ** (BINARY[(found[2] ?? '').toLowerCase()] ?? 0));
}

/** Billionths of a core of `0.5`. */
export const nanoCpusOf = (text: string): number | null =>
  /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1e9) : null;

/** `8080:80/tcp`, `80`, `8080-8081:80-81`. An address in front is left out, as swarm does. */
export function portsOf(text: string): readonly PortConfig[] | null {
  const found =
    /^(?:(?:\d+\.\d+\.\d+\.\d+):)?(?:(\d+)(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(
      text,
    );
  if (found === null) return null;
  const [, from, , target = '0', lastTarget, protocol = 'tcp'] = found;
  const count = Number(lastTarget ?? target) - Number(target) + 1;
  if (count < 1) return null;
  return Array.from({ length: count }, (_, at) => ({
    Protocol: protocol as NonNullable<PortConfig['Protocol']>,
    TargetPort: Number(target) + at,
    ...(from === undefined ? {} : { PublishedPort: Number(from) + at }),
    PublishMode: 'ingress' as const,
  }));
}

/** `data:/var/lib/data:ro`, `./here:/there`, `/anonymous`. */
export function mountOf(text: string): Mount {
  const parts = text.split(':');
  const [source = '', target = '', mode = ''] = parts.length === 1 ? ['', parts[0]] : parts;
  const isPath = /^[./~]/.test(source);
  return {
    Type: isPath ? 'bind' : 'volume',
    ...(source === '' ? {} : { Source: source }),
    Target: target,
    ...(mode.split(',').includes('ro') ? { ReadOnly: true } : {}),
  };
}

/** A command line as a list of words, quotes taken off, as a shell would split it. */
export function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `$$`. Names that are not set are told. */
export function interpolated(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
  unset: (name: string) => void,
): string {
  const form = /\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\}|(\w+))/g;
  return text.replace(
    form,
    (whole, braced?: string, how?: string, other?: string, bare?: string) => {
      if (whole === '$$') return '$';
      const name = braced ?? bare ?? '';
      const value = variables[name];
      const isMissing = value === undefined || (value === '' && how?.startsWith(':') === true);
      if (!isMissing) return value;
      if (how?.endsWith('-') === true) return other ?? '';
      unset(name);
      return '';
    },
  );
}
