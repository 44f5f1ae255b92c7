/** Calls of the Engine API's swarm part, as clients would make them and as they would not. */
import fc, { type Arbitrary } from 'fast-check';
import {
  INIT_REQUEST,
  JOIN_REQUEST,
  NODE_SPEC,
  SWARM_SPEC,
  UNLOCK_REQUEST,
} from '../../src/engine-api/cluster-schema.ts';
import { CONFIG_SPEC, SECRET_SPEC } from '../../src/engine-api/data-schema.ts';
import type { GoStruct } from '../../src/engine-api/go-type.ts';
import { NETWORK_CREATE } from '../../src/engine-api/network-schema.ts';
import { SERVICE_SPEC } from '../../src/engine-api/service-schema.ts';
import { textOf, treeOf, valueOf, variantOf, type Tree } from './go-values.ts';

/** What a path names: the nth of what is there, or something else. */
export type Reference =
  { readonly nth: number; readonly by: 'id' | 'name' | 'prefix' } | { readonly text: string };

/** A list that objects can be taken from. */
export type Listed = 'services' | 'nodes' | 'tasks' | 'secrets' | 'configs' | 'networks';

export interface DrawnCall {
  readonly method: string;
  /** `{id}` stands for the reference. */
  readonly path: string;
  readonly of: Listed | null;
  readonly reference: Reference;
  /** Before the path; '' for none. */
  readonly version: string;
  /** Names to values; `version=newest` stands for that of what is referred to. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** Bytes as latin-1 text, so that a failure can be read. */
export type Body = string;

interface Page {
  readonly method: string;
  readonly path: string;
  readonly of?: Listed;
  readonly queries?: readonly string[];
  readonly body?: Arbitrary<Tree>;
  readonly weight?: number;
}

const IMAGE = { ContainerSpec: { Image: 'workload:v1' } };
const SERVICES = [
  { Name: 'web', TaskTemplate: IMAGE, Mode: { Replicated: { Replicas: 3 } } },
  { Name: 'db', TaskTemplate: IMAGE, Mode: { Global: {} } },
  { Name: 'a', TaskTemplate: IMAGE, Mode: { ReplicatedJob: { MaxConcurrent: 2 } } },
  { Name: 'b', TaskTemplate: IMAGE, Mode: { GlobalJob: {} } },
  { Name: 'fails', TaskTemplate: { ContainerSpec: { Image: 'exits-soon' } } },
];
/** Stands in nothing but the data of secrets and in credentials: nobody is ever shown it. */
const SECRET = Buffer.from('secret-that-nobody-sees').toString('base64');
export const SECRETS: readonly string[] = ['secret-that-nobody-sees', SECRET];
const plain = (type: GoStruct, ...bodies: readonly object[]): Arbitrary<Tree> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(...bodies).chain((body) => variantOf(type, treeOf(body))),
    },
    { weight: 2, arbitrary: valueOf(type) },
  );

const service = plain(SERVICE_SPEC, ...SERVICES);
/** `@name` and `@mode` are those of what is updated, so that some updates are taken. */
const serviceUpdate = plain(
  SERVICE_SPEC,
  { Name: '@name', TaskTemplate: IMAGE, Mode: '@mode' },
  { Name: '@name', TaskTemplate: { ContainerSpec: { Image: 'workload:v2' } }, Mode: '@mode' },
  { Name: '@name', TaskTemplate: { ...IMAGE, ForceUpdate: 1 }, Mode: '@mode' },
);
const SWARM = {
  Name: 'default',
  Orchestration: { TaskHistoryRetentionLimit: 2 },
  Raft: { SnapshotInterval: 10, HeartbeatTick: 1, ElectionTick: 10 },
  Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
  CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
};
const BASE = '/{of}';
const ONE = `${BASE}/{id}`;

const data = (of: Listed, type: GoStruct): readonly Page[] => [
  {
    method: 'POST',
    path: `/${of}/create`,
    body: plain(type, { Name: 'pass', Data: of === 'secrets' ? SECRET : 'Y29uZmln' }),
  },
  {
    method: 'POST',
    path: `/${of}/{id}/update`,
    of,
    queries: ['version'],
    body: plain(type, { Name: '@name', Labels: { a: 'b' } }),
  },
];

const PAGES: readonly Page[] = [
  { method: 'POST', path: '/services/create', body: service, weight: 6 },
  {
    method: 'POST',
    path: '/services/{id}/update',
    of: 'services',
    queries: ['version', 'rollback', 'registryAuthFrom'],
    body: serviceUpdate,
    weight: 6,
  },
  ...data('secrets', SECRET_SPEC),
  ...data('configs', CONFIG_SPEC),
  {
    method: 'POST',
    path: '/networks/create',
    body: plain(
      NETWORK_CREATE,
      { Name: 'net1', Driver: 'overlay' },
      {
        Name: 'net2',
        Driver: 'overlay',
        Attachable: true,
        IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] },
      },
    ),
  },
  {
    method: 'POST',
    path: '/nodes/{id}/update',
    of: 'nodes',
    queries: ['version'],
    body: plain(NODE_SPEC, { Role: 'manager', Availability: 'active' }),
  },
  {
    method: 'POST',
    path: '/swarm/update',
    queries: ['version', 'rotateWorkerToken', 'rotateManagerToken', 'rotateManagerUnlockKey'],
    body: plain(SWARM_SPEC, SWARM),
  },
  {
    method: 'POST',
    path: '/swarm/unlock',
    body: plain(UNLOCK_REQUEST, { UnlockKey: 'SWMKEY-1-x' }),
  },
  {
    method: 'POST',
    path: '/swarm/init',
    body: plain(INIT_REQUEST, { ListenAddr: '0.0.0.0:2377' }),
  },
  { method: 'POST', path: '/swarm/join', body: plain(JOIN_REQUEST, { RemoteAddrs: ['m1:2377'] }) },
  { method: 'POST', path: '/swarm/leave' },
  { method: 'GET', path: '/swarm' },
  { method: 'GET', path: '/swarm/unlockkey' },
  { method: 'POST', path: '/networks/prune', queries: ['filters'] },
  ...(['services', 'nodes', 'tasks', 'secrets', 'configs', 'networks'] as const).flatMap(
    (of): Page[] => [
      { method: 'GET', path: BASE, of, queries: ['filters', 'status', 'version'] },
      { method: 'GET', path: ONE, of, queries: ['insertDefaults', 'verbose', 'scope'] },
      ...(of === 'tasks' ? [] : [{ method: 'DELETE', path: ONE, of, queries: ['force'] }]),
    ],
  ),
  ...(['services', 'tasks'] as const).map((of) => ({
    method: 'GET',
    path: `${ONE}/logs`,
    of,
    queries: ['stdout', 'stderr', 'tail', 'since', 'timestamps', 'details'],
  })),
];

const FILTERS = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'name',
        'id',
        'label',
        'mode',
        'role',
        'membership',
        'service',
        'node',
        'desired-state',
        'driver',
        'type',
        'scope',
        'until',
        '__proto__',
        'nothing',
      ),
      fc.constantFrom<Tree>(
        ['web'],
        [''],
        ['a=b'],
        [],
        null,
        [1],
        'web',
        { members: [['web', true]] },
        { members: [['web', 1]] },
        ['manager', 'worker'],
        ['running'],
        { raw: '[[' },
        ['\0'],
        ['x'.repeat(3000)],
      ),
    ),
    { maxLength: 3 },
  )
  .map((members) => textOf({ members }));

const QUERY_VALUES: Readonly<Record<string, Arbitrary<string>>> = {
  filters: fc.oneof(FILTERS, fc.constantFrom('', '{', 'null', '[]', '1', '{"a":{"b":{}}}')),
  version: fc.oneof(
    { weight: 6, arbitrary: fc.constant('newest') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0', '-1', 'x', '18446744073709551615', '1'.repeat(400)),
    },
  ),
};
const RARELY = [
  'status',
  'rollback',
  'registryAuthFrom',
  'since',
  'tail',
  'insertDefaults',
  'scope',
  'verbose',
];
const SINCE = ['1', '-1', '1.5', '9'.repeat(400), `1.${'9'.repeat(400)}`, '2026-11-21', '-9.-9'];
const anyValue = fc.constantFrom(
  '1',
  '0',
  'true',
  'x',
  '',
  'previous',
  'spec',
  'all',
  '-5',
  '\0',
  ...SINCE,
);

const queryOf = (names: readonly string[]): Arbitrary<[string, string][]> =>
  fc
    .tuple(
      ...names.map((name) =>
        fc.tuple(
          fc.constant(name),
          fc.oneof(
            {
              weight: name === 'version' || name.startsWith('std') ? 9 : 1,
              arbitrary: QUERY_VALUES[name] ?? anyValue,
            },
            { weight: RARELY.includes(name) ? 9 : 1, arbitrary: fc.constant(null) },
          ),
        ),
      ),
    )
    .map((pairs) => pairs.filter((pair): pair is [string, string] => pair[1] !== null));

const reference: Arbitrary<Reference> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      nth: fc.integer({ min: 0, max: 5 }),
      by: fc.constantFrom('id' as const, 'id' as const, 'name' as const, 'prefix' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        'nothing',
        '%00',
        '%',
        '..',
        '%2F',
        '__proto__',
        'a b',
        'é',
        'x'.repeat(2000),
        '*',
        '',
      )
      .map((text) => ({ text })),
  },
);

const version = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('', '/v1.45', '/v1.41', '/v1.24') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/v0.1', '/v9.99', '/v1', '/v1..', '/v', `/v1.${'9'.repeat(300)}`),
  },
);

/** Right mostly; wrong types, cut, doubled, nested, too long, no UTF-8. */
const bodyOf = (tree: Arbitrary<Tree>): Arbitrary<Body> => {
  const right = tree.map((value) => latin1(textOf(value)));
  const cut = fc.tuple(right, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));
  const hurt = fc
    .tuple(
      right,
      fc.nat(),
      fc.constantFrom('\0', '\xff', '"', '{', ']', ',', '\\', '\\u', '-', 'e'),
    )
    .map(
      ([text, at, by]) =>
        text.slice(0, at % (text.length + 1)) + by + text.slice((at % (text.length + 1)) + 1),
    );
  const strange = fc.constantFrom(
    '',
    ' ',
    'null',
    '[]',
    '"x"',
    '1',
    '{}{}',
    '{} ]',
    '{"Name":"a","name":"b"}',
    '\xef\xbb\xbf{}',
    '['.repeat(9_000),
    `${'{"a":'.repeat(11_000)}1${'}'.repeat(11_000)}`,
    `{"Name":"${'x'.repeat(100_000)}"}`,
    `{"Labels":{${'"a":"b",'.repeat(2000)}"a":"b"}}`,
  );
  return fc.oneof(
    { weight: 16, arbitrary: right },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: hurt },
    { weight: 1, arbitrary: strange },
  );
};
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const headersOf = (hasBody: boolean): Arbitrary<Record<string, string>> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '',
            'text/plain',
            'application/json; charset="',
            'a/b/c',
            ';',
            'application/json;x=y',
          ),
        },
      ),
      fc.constantFrom('', '', '', SECRET, 'not base 64', 'e30='),
    )
    .map(([type, auth]) => ({
      ...(hasBody ? { 'content-type': type } : {}),
      ...(auth === '' ? {} : { 'x-registry-auth': auth }),
    }));

const pageOf = ({ method, path, of, queries = [], body }: Page): Arbitrary<DrawnCall> =>
  fc.record({
    method: fc.oneof(
      { weight: 40, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET') },
    ),
    path: fc.constant(path.replace('{of}', of ?? '')),
    of: fc.constant(of ?? null),
    reference,
    version,
    query: queryOf(queries),
    headers: headersOf(body !== undefined),
    body: body === undefined ? fc.constant('') : bodyOf(body),
  });

/** One call; what makes and changes services comes more often. */
export const drawnCall: Arbitrary<DrawnCall> = fc.oneof(
  ...PAGES.map((page) => ({ weight: page.weight ?? 1, arbitrary: pageOf(page) })),
);

/** The body with what stands for parts of the object that is updated. */
export const bodyFor = (body: Body, name: string, mode: unknown): Body =>
  body
    .replaceAll('"@name"', latin1(JSON.stringify(name)))
    .replaceAll('"@mode"', latin1(JSON.stringify(mode ?? {})));

/** The call as somebody would type it, for whoever reads of a failure. */
export const sayCall = (call: DrawnCall): string =>
  `${call.method} ${call.version}${call.path} ${JSON.stringify(call.reference)} ${JSON.stringify(call.query)} ${JSON.stringify(call.headers)} ${call.body.slice(0, 2000)}`;
