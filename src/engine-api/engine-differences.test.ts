/**
 * docs/engines.md says what the twin does otherwise when it behaves like another line of engines. Its tables are what the code answers here; to write them anew:
 * `ENGINES_WRITE=1 npm test -- unit engine-differences && npx prettier --write docs/engines.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { SwarmError } from '../model/errors.ts';
import { DEFAULT_OPTIONS, engineLineOf } from './api-message.ts';
import { INFO, NODE, SWARM, TASK } from './cluster-schema.ts';
import { CONFIG, SECRET } from './data-schema.ts';
import type { GoType } from './go-type.ts';
import { handle } from './handler.ts';
import { pingHeaders } from './info.ts';
import { LeaderNode } from './leader-node.ts';
import { NETWORK, NETWORK_CREATE } from './network-schema.ts';
import { requestOf } from './recording.ts';
import { SERVICE, SERVICE_SPEC } from './service-schema.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

const PAGE = fileURLToPath(new URL('../../docs/engines.md', import.meta.url));

type Request = Parameters<typeof requestOf>[0];

/** Status and what is said, with everything drawn as `…`. */
function said(node: LeaderNode, engine: EngineLine, request: Request): string {
  let text = '';
  handle(
    node,
    requestOf(request),
    ({ status, body }) => {
      const message = /^\{"message":(".*")\}\n$/.exec(body)?.[1];
      const words = message === undefined ? body.trim() : (JSON.parse(message) as string);
      text = `${status} ${words.replace(/"ID":"[a-z0-9]{25}"/, '"ID":"…"')}`;
    },
    DEFAULT_OPTIONS[engine],
  );
  return text;
}

const spec = { Name: 'a', TaskTemplate: { ContainerSpec: { Image: 'x' } } };
const post = (path: string, body?: unknown): Request =>
  body === undefined ? { method: 'POST', path } : { method: 'POST', path, body };
const onManager =
  (request: Request) =>
  (engine: EngineLine): string =>
    said(new LeaderNode(), engine, request);
const outside =
  (request: Request, role: 'worker' | null = null) =>
  (engine: EngineLine): string =>
    said(Object.assign(LeaderNode.outside(), { ownRole: role }), engine, request);
const overlay = post('/networks/create', { Name: 'ov', Driver: 'overlay' });
const fluent = { ...spec.TaskTemplate, LogDriver: { Name: 'logentries' } };

const UNREACHABLE =
  'manager stopped: can\'t initialize raft node: rpc error: code = Unavailable desc = could not connect to prospective new cluster member using its advertised address: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2399: connect: connection refused"';
const refused = (engine: EngineLine): string => {
  const refusal = new SwarmError('Unavailable', UNREACHABLE, 'facade');
  const body = { ListenAddr: '0.0.0.0:2377', RemoteAddrs: ['192.0.2.1:2377'], JoinToken: 'x' };
  return said(Object.assign(LeaderNode.outside(), { refusal }), engine, post('/swarm/join', body));
};

const ANSWERS: Readonly<Record<string, (engine: EngineLine) => string>> = {
  'API version of an engine of the line': (engine) => DEFAULT_OPTIONS[engine].apiVersion,
  'oldest API version': (engine) => DEFAULT_OPTIONS[engine].minApiVersion,
  'header Swarm of GET /_ping on the leader': (engine) =>
    pingHeaders(new LeaderNode(), engine)['Swarm'] ?? 'none',
  'a service is created': onManager(post('/services/create', spec)),
  'no JSON': onManager(post('/services/create', '{oops}')),
  'a number that cannot be': onManager(
    post('/services/create', { ...spec, Mode: { Replicated: { Replicas: -1 } } }),
  ),
  'a wrong type': onManager(post('/services/create', { ...spec, Name: 7 })),
  'data that is no base 64': onManager(post('/secrets/create', { Name: 'a', Data: '***' })),
  'no body at all': outside(post('/swarm/init')),
  'an unknown filter': onManager({ path: '/services?filters=%7B%22foo%22%3A%5B%22x%22%5D%7D' }),
  'an error, told to API version 1.2': onManager({ path: '/v1.2/services' }),
  'the log driver logentries': onManager(
    post('/services/create', { ...spec, TaskTemplate: fluent }),
  ),
  'an overlay network, outside of a swarm': outside(overlay),
  'an overlay network, on a worker': outside(overlay, 'worker'),
  'a manager joins that cannot be reached': refused,
};

const ROOTS: readonly GoType[] = [
  ...[SERVICE_SPEC, SERVICE, TASK, NODE, SWARM, INFO],
  ...[SECRET, CONFIG, NETWORK, NETWORK_CREATE],
];

/** The fields that only newer lines have, as Go names them: `mount.BindOptions.CreateMountpoint`. */
function newFields(): ReadonlyMap<string, EngineLine> {
  const found = new Map<string, EngineLine>();
  const walk = (type: GoType): void => {
    if (type.kind === 'pointer') walk(type.to);
    else if (type.kind === 'list' || type.kind === 'map') walk(type.of);
    else if (type.kind === 'struct')
      for (const field of type.fields) {
        if (field.since !== undefined) found.set(`${type.go}.${field.name}`, field.since);
        walk(field.type);
      }
  };
  for (const root of ROOTS) walk(root);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const cell = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function tables(): string {
  const answers = Object.entries(ANSWERS).map(([what, answer]) =>
    row([what, ...ENGINE_LINES.map((line) => cell(answer(line)))]),
  );
  const fields = [...newFields()].map(([name, since]) => row([cell(name), since]));
  return [
    ...[row(['what', ...ENGINE_LINES]), row(['---', '---', '---', '---']), ...answers],
    ...['', row(['field', 'from']), row(['---', '---']), ...fields],
  ].join('\n');
}

/** Without what a formatter may change. */
const plain = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
const MARKS = ['<!-- tables -->\n\n', '\n\n<!-- end of tables -->'] as const;

test('the page of engines says what the code answers', () => {
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(MARKS[0]);
  const [written = '', after = ''] = rest.split(MARKS[1]);
  if (process.env['ENGINES_WRITE'] === '1')
    writeFileSync(PAGE, `${before}${MARKS[0]}${tables()}${MARKS[1]}${after}`);
  else expect(plain(written)).toBe(plain(tables()));
});

test.each(Object.entries(ANSWERS))('%s: lines of engines differ', (_, answer) => {
  expect(new Set(ENGINE_LINES.map(answer)).size).toBeGreaterThan(1);
});

test('what is no line of engines cannot be behaved like', () => {
  expect(engineLineOf('20.10')).toBe('20.10');
  expect(() => engineLineOf('19.03')).toThrow('there is no engine 19.03 to behave like');
});
