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
} from './convert-basics.ts';
import type { MountSchema } from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

const TYPES = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster'] as const;
const CONSISTENCIES = ['default', 'consistent', 'cached', 'delegated'] as const;
const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'] as const;

export function mountToWire(mount: Mount): MessageInitShape<typeof MountSchema> {
  return prune({
    type: word(TYPES, mount.Type, 'MountType'),
    source: mount.Source ?? '',
    target: mount.Target ?? '',
    readonly: mount.ReadOnly ?? false,
    consistency: word(CONSISTENCIES, mount.Consistency, 'MountConsistency'),
    bindOptions: some(mount.BindOptions, (bind) => ({
      propagation: word(PROPAGATIONS, bind['Propagation'] as string, 'MountPropagation'),
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
    Type: TYPES[wire.type] ?? 'bind',
    Source: text(wire.source),
    Target: text(wire.target),
    ReadOnly: flag(wire.readonly),
    Consistency: wire.consistency === 0 ? undefined : CONSISTENCIES[wire.consistency],
    BindOptions: some(wire.bindOptions, (bind) =>
      prune({
        Propagation: PROPAGATIONS[bind.propagation] ?? 'rprivate',
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

// A word that is none of the list is refused, as moby refuses it; none at all is the first.
function word(words: readonly string[], value: string | undefined, kind: string): number {
  const index = words.indexOf(
    (value ?? '') === '' ? (words[0] ?? '') : (value ?? '').toLowerCase(),
  );
  if (index < 0) {
    throw new SwarmError('InvalidArgument', `invalid ${kind}: ${JSON.stringify(value)}`);
  }
  return index;
}
