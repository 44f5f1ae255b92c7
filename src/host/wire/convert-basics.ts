/** The small change of every conversion: times, durations, numbers, and fields that are left out. */
import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GenericResource, Platform, PortConfig } from '../../model/specs.ts';
import type {
  DriverSchema,
  GenericResourceSchema,
  PlatformSchema,
  PortConfigSchema,
} from './gen/types_pb.js';
import { PortConfig_Protocol, PortConfig_PublishMode } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

const NANOSECONDS = 1_000_000_000n;

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
type OptionalKeys<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
/** The fields that may be undefined become fields that may be missing. */
export type Pruned<T> = Omit<T, OptionalKeys<T>> & Partial<Present<Pick<T, OptionalKeys<T>>>>;

/** The object without its undefined fields. */
export function prune<T extends object>(fields: T): Pruned<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Pruned<T>;
}

/** The wire cannot tell an empty text, list or map, nor zero, nor false, from none: they are read as none. */
export const text = (value: string): string | undefined => (value === '' ? undefined : value);
export const flag = (value: boolean): true | undefined => (value ? true : undefined);
export const count = (value: bigint | number): number | undefined =>
  Number(value) === 0 ? undefined : Number(value);
export const many = <T>(values: readonly T[]): readonly T[] | undefined =>
  values.length === 0 ? undefined : values;
export const labels = (
  map: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined =>
  Object.keys(map).length === 0 ? undefined : { ...map };

/** A whole number of the API on its way to a 64-bit field; a fraction is cut off. */
export const wide = (value: number | undefined): bigint => BigInt(Math.trunc(value ?? 0));

/** An enum of the wire and the words that the API has for its values. */
export interface Words<W extends string, E extends number> {
  toWire(word: W): E;
  /** A value of a later Swarm reads as the word given for the unknown. */
  fromWire(value: number): W;
  /** The value of a word that comes from outside; `undefined` when it is none of them. */
  find(word: string): E | undefined;
}

export function words<W extends string, E extends number>(
  table: Readonly<Record<W, E>>,
  unknown: NoInfer<W>,
): Words<W, E> {
  const pairs = Object.entries(table) as [W, E][];
  const byValue = new Map<number, W>(pairs.map(([word, value]) => [value, word]));
  const byWord = new Map<string, E>(pairs);
  return {
    toWire: (word) => table[word],
    fromWire: (value) => byValue.get(value) ?? unknown,
    find: (word) => byWord.get(word),
  };
}

/** Applies a conversion where there is something to convert. */
export const some = <T, R>(value: T | undefined, convert: (value: T) => R): R | undefined =>
  value === undefined ? undefined : convert(value);

/** Milliseconds since 1970, with fractions, as a timestamp; 0 stands for "never", which the wire leaves out. */
export function timestampToWire(timeMs: number): { seconds: bigint; nanos: number } | undefined {
  if (timeMs === 0) return undefined;
  const seconds = Math.floor(timeMs / 1000);
  const nanos = Math.round((timeMs - seconds * 1000) * 1000) * 1000;
  return nanos < 1_000_000_000
    ? { seconds: BigInt(seconds), nanos }
    : { seconds: BigInt(seconds + 1), nanos: 0 };
}

export const timestampFromWire = (value: Timestamp | undefined): number =>
  value === undefined ? 0 : Number(value.seconds) * 1000 + value.nanos / 1_000_000;

/** Nanoseconds, as specs have them, to a duration and back. */
export const durationToWire = (nanoseconds: number): { seconds: bigint; nanos: number } => ({
  seconds: wide(nanoseconds) / NANOSECONDS,
  nanos: Number(wide(nanoseconds) % NANOSECONDS),
});

export const durationFromWire = (value: Duration): number =>
  Number(value.seconds * NANOSECONDS + BigInt(value.nanos));

export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
export const fromBytes = (value: Uint8Array): string => new TextDecoder().decode(value);
export const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
export const fromBase64 = (value: string): Uint8Array =>
  new Uint8Array(Buffer.from(value, 'base64'));

interface LogDriver {
  readonly Name?: string;
  readonly Options?: Readonly<Record<string, string>>;
}

export const driverToWire = (driver: LogDriver): MessageInitShape<typeof DriverSchema> => ({
  name: driver.Name ?? '',
  options: { ...driver.Options },
});

export const driverFromWire = (driver: types.Driver): LogDriver =>
  prune({ Name: text(driver.name), Options: labels(driver.options) });

export const platformToWire = (value: Platform): MessageInitShape<typeof PlatformSchema> => ({
  architecture: value.Architecture ?? '',
  os: value.OS ?? '',
});

export const platformFromWire = (value: types.Platform): Platform =>
  prune({ Architecture: text(value.architecture), OS: text(value.os) });

export function genericToWire(
  value: GenericResource,
): MessageInitShape<typeof GenericResourceSchema> {
  const { NamedResourceSpec: named, DiscreteResourceSpec: discrete } = value;
  if (named !== undefined) {
    const resource = { kind: named.Kind, value: named.Value };
    return { resource: { case: 'namedResourceSpec', value: resource } };
  }
  if (discrete === undefined) return {};
  const resource = { kind: discrete.Kind, value: wide(discrete.Value) };
  return { resource: { case: 'discreteResourceSpec', value: resource } };
}

export function genericFromWire({ resource }: types.GenericResource): GenericResource {
  switch (resource.case) {
    case 'namedResourceSpec':
      return { NamedResourceSpec: { Kind: resource.value.kind, Value: resource.value.value } };
    case 'discreteResourceSpec':
      return {
        DiscreteResourceSpec: { Kind: resource.value.kind, Value: Number(resource.value.value) },
      };
    default:
      return {};
  }
}

const PROTOCOLS = words(
  { tcp: PortConfig_Protocol.TCP, udp: PortConfig_Protocol.UDP, sctp: PortConfig_Protocol.SCTP },
  'tcp',
);
const PUBLISH_MODES = words(
  { ingress: PortConfig_PublishMode.INGRESS, host: PortConfig_PublishMode.HOST },
  'ingress',
);

export const portToWire = (port: PortConfig): MessageInitShape<typeof PortConfigSchema> => ({
  name: port.Name ?? '',
  protocol: PROTOCOLS.toWire(port.Protocol ?? 'tcp'),
  targetPort: port.TargetPort ?? 0,
  publishedPort: port.PublishedPort ?? 0,
  publishMode: PUBLISH_MODES.toWire(port.PublishMode ?? 'ingress'),
});

/** Protocol and mode are always there afterwards: the API shows their defaults (tcp, ingress). */
export const portFromWire = (port: types.PortConfig): PortConfig =>
  prune({
    Name: text(port.name),
    Protocol: PROTOCOLS.fromWire(port.protocol),
    TargetPort: count(port.targetPort),
    PublishedPort: count(port.publishedPort),
    PublishMode: PUBLISH_MODES.fromWire(port.publishMode),
  });
