/** What a daemon is to do, from its command line and its configuration file together. */
import { join } from 'node:path';
import { engineLineOf } from '../../engine-api/api-message.ts';
import type { LogLine } from '../../swarm/ports.ts';
import type { CommandLine } from './command-line.ts';
import type { EngineLine } from '../../model/engines.ts';

export const DEFAULT_CONFIG_FILE = '/etc/docker/daemon.json';
const DEFAULT_GROUP = 'docker';
const DEFAULT_HOST = 'unix:///var/run/docker.sock';
const DEFAULT_TLS_FOLDER = '/etc/docker';

/** In the file, what the twin does itself. The engine behind must not do it too. */
const OWN_KEYS = [
  'hosts',
  'pidfile',
  'group',
  'swarm-default-advertise-addr',
  'tls',
  'tlsverify',
  'tlscacert',
  'tlscert',
  'tlskey',
];

export interface TlsPaths {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** Whether clients must have a certificate of that authority. */
  readonly isVerifying: boolean;
}

export interface Settings {
  /** `unix:///path`, `tcp://host:port`, `fd://` or `fd://number`. */
  readonly hosts: readonly string[];
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidFile: string;
  readonly group: string;
  /** Whether somebody asked for that group; then it must be there. */
  readonly isGroupGiven: boolean;
  readonly logLevel: LogLine['level'];
  readonly defaultAdvertiseAddr: string;
  /** The line of engines that the twin behaves like where they differ; null for that of the engine behind. */
  readonly behaveLike: EngineLine | null;
  /** For TCP addresses. */
  readonly tls: TlsPaths | null;
  /** The configuration file of the engine behind. */
  readonly engineConfig: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Errors: Error in dockerd's words where flag and file both say something. */
export function settingsOf(line: CommandLine, file: Json, path: string): Settings {
  checkConflicts(line, file, path);
  const given = (flag: Parameters<typeof line.values.get>[0], key: string): string | undefined =>
    line.values.get(flag)?.at(-1) ?? text(file[key]);
  const isDebug = line.switches.get('debug') ?? file['debug'] === true;
  const hosts = line.values.get('host') ?? texts(file['hosts']);
  const group = given('group', 'group');
  return {
    hosts: hosts.length === 0 ? [DEFAULT_HOST] : [...new Set(hosts.map(completeHost))],
    dataRoot: given('data-root', 'data-root') ?? '/var/lib/docker',
    execRoot: given('exec-root', 'exec-root') ?? '/var/run/docker',
    pidFile: given('pidfile', 'pidfile') ?? '/var/run/docker.pid',
    group: group ?? DEFAULT_GROUP,
    isGroupGiven: group !== undefined && group !== DEFAULT_GROUP,
    logLevel: isDebug ? 'debug' : levelOf(given('log-level', 'log-level') ?? 'info'),
    defaultAdvertiseAddr:
      given('swarm-default-advertise-addr', 'swarm-default-advertise-addr') ?? '',
    behaveLike: likeOf(line.values.get('behave-like')?.at(-1)),
    tls: tlsOf(line, file),
    engineConfig: Object.fromEntries(
      Object.entries(file).filter(([key]) => !OWN_KEYS.includes(key)),
    ),
  };
}

const likeOf = (text: string | undefined): EngineLine | null =>
  text === undefined ? null : engineLineOf(text);

function checkConflicts(line: CommandLine, file: Json, path: string): void {
  const conflicts = [...line.values, ...line.switches].flatMap(([flag, value]) => {
    const key = flag === 'host' ? 'hosts' : flag;
    if (!OWN_KEYS.includes(key) || !(key in file)) return [];
    const said = flag === 'host' && typeof value !== 'boolean' ? list(value) : lastOf(value);
    return [`${key}: (from flag: ${said}, from file: ${shown(file[key])})`];
  });
  if (conflicts.length > 0)
    throw new Error(
      `unable to configure the Docker daemon with file ${path}: the following directives are specified both as a flag and in the configuration file: ${conflicts.join(', ')}`,
    );
}

function tlsOf(line: CommandLine, file: Json): TlsPaths | null {
  const isOn = (flag: 'tls' | 'tlsverify'): boolean | undefined =>
    line.switches.get(flag) ?? (typeof file[flag] === 'boolean' ? file[flag] : undefined);
  const isVerifying = isOn('tlsverify');
  // dockerd: whoever says anything of verifying wants TLS, and who wants TLS without a word of it verifies.
  if (isVerifying === undefined && isOn('tls') !== true) return null;
  const folder = process.env['DOCKER_CERT_PATH'] ?? DEFAULT_TLS_FOLDER;
  const at = (flag: 'tlscacert' | 'tlscert' | 'tlskey', name: string): string =>
    line.values.get(flag)?.at(-1) ?? text(file[flag]) ?? join(folder, name);
  return {
    ca: at('tlscacert', 'ca.pem'),
    cert: at('tlscert', 'cert.pem'),
    key: at('tlskey', 'key.pem'),
    isVerifying: isVerifying ?? true,
  };
}

/** dockerd's defaults for what an address leaves out. */
function completeHost(host: string): string {
  const trimmed = host.trim();
  if (trimmed === '' || trimmed === 'unix://') return DEFAULT_HOST;
  if (trimmed.startsWith('/')) return `unix://${trimmed}`;
  if (!trimmed.includes('://')) return completeHost(`tcp://${trimmed}`);
  if (!trimmed.startsWith('tcp://')) return trimmed;
  const [, name = '', port = ''] = /^tcp:\/\/(.*?)(?::(\d*))?$/.exec(trimmed) ?? [];
  return `tcp://${name === '' ? '127.0.0.1' : name}:${port === '' ? '2375' : port}`;
}

function levelOf(level: string): LogLine['level'] {
  if (level === 'debug' || level === 'info' || level === 'warn') return level;
  if (level === 'trace') return 'debug';
  return level === 'error' || level === 'fatal' || level === 'panic' ? 'error' : 'info';
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
const list = (values: readonly string[]): string => `[${values.join(' ')}]`;
const lastOf = (value: readonly string[] | boolean): string =>
  typeof value === 'boolean' ? String(value) : (value.at(-1) ?? '');
const shown = (value: unknown): string =>
  Array.isArray(value) ? list(texts(value)) : String(value);
