/** Structs that several answers share (moby: api/types/swarm/common.go, node.go, task.go). */
import {
  BYTES,
  INT64,
  LABELS,
  STRING,
  TIME,
  UINT64,
  always,
  embedded,
  field,
  list,
  pointer,
  struct,
  type GoField,
} from './go-type.ts';

export const VERSION = struct('swarm.Version', field('Index', UINT64));

/** The members of Meta, which are never left out: a struct and two times. */
export const META: readonly GoField[] = embedded(
  'Meta',
  field('Version', VERSION),
  field('CreatedAt', TIME),
  field('UpdatedAt', TIME),
);

export const ANNOTATIONS: readonly GoField[] = embedded(
  'Annotations',
  field('Name', STRING),
  always('Labels', LABELS),
);

export const DRIVER = struct('swarm.Driver', field('Name', STRING), field('Options', LABELS));

export const TLS_INFO = struct(
  'swarm.TLSInfo',
  field('TrustRoot', STRING),
  field('CertIssuerSubject', BYTES),
  field('CertIssuerPublicKey', BYTES),
);

export const PLATFORM = struct(
  'swarm.Platform',
  field('Architecture', STRING),
  field('OS', STRING),
);

const NAMED_GENERIC = struct(
  'swarm.NamedGenericResource',
  field('Kind', STRING),
  field('Value', STRING),
);
const DISCRETE_GENERIC = struct(
  'swarm.DiscreteGenericResource',
  field('Kind', STRING),
  field('Value', INT64),
);

export const GENERIC_RESOURCES = list(
  struct(
    'swarm.GenericResource',
    field('NamedResourceSpec', pointer(NAMED_GENERIC)),
    field('DiscreteResourceSpec', pointer(DISCRETE_GENERIC)),
  ),
);

export const RESOURCES = struct(
  'swarm.Resources',
  field('NanoCPUs', INT64),
  field('MemoryBytes', INT64),
  field('GenericResources', GENERIC_RESOURCES),
);

/** The body of every error. */
export const ERROR = struct('types.ErrorResponse', always('message', STRING));
