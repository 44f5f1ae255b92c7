/** Mounts between the API's words and the wire; the words are the enum's names in lower case (moby: convert). */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { SwarmError } from '../../model/errors.ts';
import type { Mount } from '../../model/specs.ts';
import {
  count,
  driverFromWire,
  driverToWire,
  flag,
  labels,
  prune,
  some,
  text,
  wide,
  words,
} from './convert-basics.ts';
import type { Words } from './convert-basics.ts';
import type { MountSchema } from './gen/types_pb.js';
import { Mount_BindOptions_Propagation, Mount_Consistency, Mount_Type } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

const TYPES = words(
  {
    bind: Mount_Type.BIND,
    volume: Mount_Type.VOLUME,
    tmpfs: Mount_Type.TMPFS,
    npipe: Mount_Type.NPIPE,
    cluster: Mount_Type.CLUSTER,
  },
  'bind',
);
const CONSISTENCIES = words(
  {
    default: Mount_Consistency.DEFAULT,
    consistent: Mount_Consistency.CONSISTENT,
    cached: Mount_Consistency.CACHED,
    delegated: Mount_Consistency.DELEGATED,
  },
  'default',
);
const PROPAGATIONS = words(
  {
    rprivate: Mount_BindOptions_Propagation.RPRIVATE,
    private: Mount_BindOptions_Propagation.PRIVATE,
    rshared: Mount_BindOptions_Propagation.RSHARED,
    shared: Mount_BindOptions_Propagation.SHARED,
    rslave: Mount_BindOptions_Propagation.RSLAVE,
    slave: Mount_BindOptions_Propagation.SLAVE,
  },
  'rprivate',
);

export function mountToWire(mount: Mount): MessageInitShape<typeof MountSchema> {
  return prune({
    type: known(TYPES, mount.Type, 'bind', 'MountType'),
    source: mount.Source ?? '',
    target: mount.Target ?? '',
    readonly: mount.ReadOnly ?? false,
    consistency: known(CONSISTENCIES, mount.Consistency, 'default', 'MountConsistency'),
    bindOptions: some(mount.BindOptions, (bind) => ({
      propagation: known(
        PROPAGATIONS,
        bind['Propagation'] as string | undefined,
        'rprivate',
        'MountPropagation',
      ),
      nonrecursive: bind['NonRecursive'] === true,
      createmountpoint: bind['CreateMountpoint'] === true,
      readonlynonrecursive: bind['ReadOnlyNonRecursive'] === true,
      readonlyforcerecursive: bind['ReadOnlyForceRecursive'] === true,
    })),
    volumeOptions: some(mount.VolumeOptions, (volume) =>
      prune({
        nocopy: volume.NoCopy ?? false,
        labels: { ...volume.Labels },
        driverConfig: some(volume.DriverConfig, driverToWire),
        subpath: volume.Subpath ?? '',
      }),
    ),
    tmpfsOptions: some(mount.TmpfsOptions, (tmpfs) => ({
      sizeBytes: wide(tmpfs['SizeBytes'] as number | undefined),
      mode: (tmpfs['Mode'] as number | undefined) ?? 0,
    })),
  });
}

/** The type is always there afterwards. */
export function mountFromWire(wire: types.Mount): Mount {
  return prune({
    Type: TYPES.fromWire(wire.type),
    Source: text(wire.source),
    Target: text(wire.target),
    ReadOnly: flag(wire.readonly),
    Consistency: stated(CONSISTENCIES.fromWire(wire.consistency)),
    BindOptions: some(wire.bindOptions, (bind) =>
      prune({
        Propagation: PROPAGATIONS.fromWire(bind.propagation),
        NonRecursive: flag(bind.nonrecursive),
        CreateMountpoint: flag(bind.createmountpoint),
        ReadOnlyNonRecursive: flag(bind.readonlynonrecursive),
        ReadOnlyForceRecursive: flag(bind.readonlyforcerecursive),
      }),
    ),
    VolumeOptions: some(wire.volumeOptions, (volume) =>
      prune({
        NoCopy: flag(volume.nocopy),
        Labels: labels(volume.labels),
        DriverConfig: some(volume.driverConfig, driverFromWire),
        Subpath: text(volume.subpath),
      }),
    ),
    TmpfsOptions: some(wire.tmpfsOptions, (tmpfs) =>
      prune({ SizeBytes: count(tmpfs.sizeBytes), Mode: count(tmpfs.mode) }),
    ),
  });
}

const stated = (consistency: string): string | undefined =>
  consistency === 'default' ? undefined : consistency;

// A word that is none of the list is refused, as moby refuses it; the empty one stands for the first.
function known<W extends string, E extends number>(
  list: Words<W, E>,
  word: string | undefined,
  first: NoInfer<W>,
  kind: string,
): E {
  if (word === undefined || word === '') return list.toWire(first);
  const value = list.find(word.toLowerCase());
  if (value !== undefined) return value;
  throw new SwarmError('InvalidArgument', `invalid ${kind}: ${JSON.stringify(word)}`);
}
