/** Bodies drawn from the documented schema (the Go structs that `engine-api` reads), right and wrong ones. */
import fc, { type Arbitrary } from 'fast-check';
import type { GoStruct, GoType } from '../../src/engine-api/go-type.ts';

/** JSON before it is text: what `JSON.stringify` could not write stands in `Raw`, and members may come twice. */
export type Tree = Raw | Members | string | number | boolean | null | readonly Tree[];
export interface Raw {
  readonly raw: string;
}
export interface Members {
  readonly members: readonly (readonly [string, Tree])[];
}

export function textOf(tree: Tree): string {
  if (tree === null || typeof tree !== 'object') return JSON.stringify(tree);
  if ('raw' in tree) return tree.raw;
  if ('members' in tree)
    return `{${tree.members.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
  return `[${tree.map(textOf).join(',')}]`;
}

/** Words that mean something somewhere, so that more of what is drawn is accepted, and hits what is there. */
const WORDS = [
  ...['web', 'db', 'a', 'default', 'net1', 'pass', 'workload:v1', 'http', 'exits-later'],
  ...['active', 'pause', 'drain', 'worker', 'manager', 'any', 'none', 'on-failure'],
  ...['continue', 'rollback', 'start-first', 'stop-first', 'tcp', 'udp', 'sctp', 'ingress', 'host'],
  ...['vip', 'dnsrr', 'bind', 'volume', 'tmpfs', 'overlay', 'bridge', 'container', 'plugin'],
  ...['node.role==worker', 'node.labels.a!=b', 'node.hostname==m1', '10.1.0.0/24', '10.1.0.1'],
  ...['fd00::/64', '0.0.0.0:2377', 'SIGTERM', 'golang', '0', '100:7', '/data', 'a=b', 'CAP_CHOWN'],
  ...['{{.Task.Slot}}', '{{', '{{.Service.Name | join "a"}}'],
];

const ODD_TEXTS = [
  ...['', ' ', '\0', 'a\0b', '../../etc/passwd', '__proto__', 'constructor', 'toString', '\ud800'],
  ...['ＷＥＢ', '𝕏', '\u202e', 'a\nb', '%00', '%', '{{', 'x'.repeat(64), 'y'.repeat(5000)],
];

/** What is right for a field of that name, wherever it stands. */
const RIGHT: Readonly<Record<string, readonly string[]>> = {
  Name: ['web', 'db', 'a', 'b', 'pass', 'net1', 'overlay', 'json-file', 'default'],
  Image: ['workload:v1', 'workload:v2', 'http', 'exits-later', 'exits-soon'],
  Order: ['start-first', 'stop-first', ''],
  FailureAction: ['pause', 'continue', 'rollback', ''],
  Condition: ['none', 'on-failure', 'any', ''],
  Role: ['worker', 'manager'],
  Availability: ['active', 'pause', 'drain'],
  Protocol: ['tcp', 'udp', 'sctp', 'cfssl'],
  PublishMode: ['ingress', 'host'],
  Type: ['bind', 'volume', 'tmpfs'],
  Runtime: ['container', ''],
  Constraints: ['node.role==worker', 'node.labels.a!=b', 'node.hostname==w1', 'node.labels.a==b'],
  SpreadDescriptor: ['node.labels.a', 'engine.labels.b', 'node.hostname'],
  Source: ['/data', '/', 'volume1', ''],
  Target: ['/data', '/run/x', 'net1', 'net2', 'ingress', 'host', 'bridge'],
  Isolation: ['default', 'process', ''],
  Propagation: ['rprivate', 'shared', ''],
  Consistency: ['default', ''],
  Driver: ['overlay', 'bridge', ''],
  Scope: ['swarm', 'local', ''],
  Subnet: ['10.1.0.0/24', '10.0.0.0/8', 'fd00::/64'],
  IPRange: ['10.1.0.0/25', ''],
  Gateway: ['10.1.0.1', ''],
  NetworkMode: ['default', ''],
  UID: ['0', '100'],
  GID: ['0', '100'],
  StopSignal: ['SIGTERM', '9', ''],
  User: ['0', '100:7', ''],
  Capabilities: ['CAP_CHOWN', 'ALL'],
};

const wordsFor = (name: string): Arbitrary<Tree> => {
  const mode = name === 'Mode' ? ['vip', 'dnsrr', 'default', 'unconfined'] : undefined;
  const right = RIGHT[name] ?? mode ?? WORDS;
  return fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...right) },
    { weight: 2, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  );
};

/** Small numbers mostly: a swarm that is asked for a million replicas does as it is told. */
const SMALL = [0, 1, 2, 3, 5, 8, 80, 443];
const LARGE = [
  ...['-1', '-0', '1.5', '1e3', '65535', '65536', '4294967295', '4294967296', '2147483648'],
  ...['9007199254740993', '9223372036854775807', '-9223372036854775808', '18446744073709551615'],
  ...['18446744073709551616', '1e400', '0.1e-400', '1'.repeat(300)],
];
/** Durations, sizes and shares. */
const AMOUNTS = [1e6, 1e8, 1e9, 5e9, 6e10, 3.6e12, 7.776e15, 2e18, 4194304, 1e10];
/** Of numbers that say how much is made: what is taken has to be made. */
const COUNTED = ['Replicas', 'MaxConcurrent', 'TotalCompletions'];

const integer = (name: string): Arbitrary<Tree> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...SMALL.filter((n) => !isCounted(name) || n < 10)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...(isCounted(name) ? LARGE.filter(isTooLarge) : [...LARGE, ...AMOUNTS]))
        .map((raw) => ({ raw: String(raw) })),
    },
  );
const isCounted = (name: string): boolean => COUNTED.includes(name);
const isTooLarge = (literal: string): boolean => !/^\d{1,19}$/.test(literal) || literal === '-0';

/** A value of no type in particular. */
const anything: Arbitrary<Tree> = fc.oneof(
  fc.constantFrom<Tree>(null, true, false, 0, -1, '', [], { members: [] }),
  fc.constantFrom<Tree>([null], { members: [['a', null]] }, [[]], { raw: '1e999' }),
  fc.constantFrom<Tree>({ raw: `${'['.repeat(50)}${']'.repeat(50)}` }, { raw: '"\\u0000"' }),
);

const made = new Map<GoType, Map<string, Arbitrary<Tree>>>();

/** Values of the type, one in eighty of another type. `name` is the field's. */
export function valueOf(type: GoType, name = ''): Arbitrary<Tree> {
  const byName = made.get(type) ?? new Map<string, Arbitrary<Tree>>();
  made.set(type, byName);
  let value = byName.get(name);
  if (value === undefined) {
    value = fc.oneof(
      { weight: 80, arbitrary: rightValue(type, name) },
      { weight: 1, arbitrary: anything },
    );
    byName.set(name, value);
  }
  return value;
}

function rightValue(type: GoType, name: string): Arbitrary<Tree> {
  switch (type.kind) {
    case 'string':
      return wordsFor(name);
    case 'bytes':
      return fc.constantFrom('', 'AA==', 'Y29uZmln', 'not base 64!', 'A');
    case 'bool':
      return fc.boolean();
    case 'integer':
      return integer(name);
    case 'float32':
      return fc.constantFrom<Tree>(0, 0.5, 1, -1, 2, { raw: '1e38' }, { raw: '1e39' });
    case 'time':
      return fc.constantFrom('2026-11-21T09:00:00Z', 'never');
    case 'list':
      return fc.array(valueOf(type.of, name), { maxLength: 3 });
    case 'map':
      return fc
        .array(fc.tuple(wordsFor('').map(String), valueOf(type.of, name)), { maxLength: 3 })
        .map((members) => ({ members }));
    case 'pointer':
      return valueOf(type.to, name);
    case 'struct':
      return structOf(type, 3);
  }
}

/** Of all fields one in `oneIn`. */
function structOf(type: GoStruct, oneIn: number): Arbitrary<Members> {
  const field = ({
    name,
    type: of,
  }: GoStruct['fields'][number]): Arbitrary<[string, Tree] | null> =>
    fc.oneof(
      { weight: oneIn - 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: valueOf(of, name).map((value): [string, Tree] => [name, value]) },
    );
  return fc.tuple(...type.fields.map(field)).map((members) => ({
    members: members.filter((member) => member !== null),
  }));
}

/** What a client would send, with some of its members drawn anew from the schema, or put beside what is there. */
export function variantOf(type: GoStruct, plain: Tree): Arbitrary<Tree> {
  if (plain === null || typeof plain !== 'object' || !('members' in plain))
    return fc.constant(plain);
  const extra = fc
    .constantFrom(...type.fields)
    .chain((field) =>
      valueOf(field.type, field.name).map((value): [string, Tree] => [field.name, value]),
    );
  return fc
    .tuple(fc.array(extra, { maxLength: 2 }), fc.integer({ min: 0, max: 9 }))
    .map(([extras, chance]) => {
      const names = chance === 0 ? [] : extras.map(([name]) => name);
      const kept = plain.members.filter(([name]) => !names.includes(name));
      return { members: [...kept, ...extras] };
    });
}

export const treeOf = (value: unknown): Tree => {
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value === 'object' && value !== null)
    return { members: Object.entries(value).map(([key, member]) => [key, treeOf(member)]) };
  return value as Tree;
};
