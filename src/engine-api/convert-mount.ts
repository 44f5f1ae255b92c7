import type { Mount } from '../model/specs.ts';
import { goQuote } from './go-quote.ts';
import { compact, count, flag, labels, refused, some, text, type Posted } from './posted.ts';

const TYPES = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster'];
const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** A mount as SwarmKit keeps it: Consistency and three of the bind options are lost (moby: convert.containerToGRPC). */
export function convertMount(posted: Posted<Mount>): Mount {
  return compact<Mount>({
    Type: word(posted.Type, TYPES, 'MountType') ?? 'bind',
    Source: text(posted.Source),
    Target: text(posted.Target),
    ReadOnly: flag(posted.ReadOnly),
    Consistency: undefined,
    BindOptions: bindOptions(posted.BindOptions),
    VolumeOptions: volumeOptions(posted.VolumeOptions),
    TmpfsOptions: tmpfsOptions(posted.TmpfsOptions),
  });
}

interface BindOptions {
  readonly Propagation?: string;
  readonly NonRecursive?: boolean;
}

interface TmpfsOptions {
  readonly SizeBytes?: number;
  readonly Mode?: number;
  readonly Options?: readonly (readonly string[])[];
}

function bindOptions(posted: BindOptions | undefined): Mount['BindOptions'] {
  const propagation = word(posted?.Propagation, PROPAGATIONS, 'MountPropagation');
  if (propagation === undefined && posted?.NonRecursive !== true) return undefined;
  return {
    Propagation: propagation ?? 'rprivate',
    ...(posted?.NonRecursive === true ? { NonRecursive: true } : {}),
  };
}

function volumeOptions(posted: Posted<Mount>['VolumeOptions']): Mount['VolumeOptions'] {
  if (posted === undefined) return undefined;
  const driver = posted.DriverConfig;
  return compact<NonNullable<Mount['VolumeOptions']>>({
    NoCopy: flag(posted.NoCopy),
    Labels: labels(posted.Labels as Record<string, string> | undefined),
    Subpath: text(posted.Subpath),
    DriverConfig:
      driver === undefined
        ? undefined
        : compact<{ readonly Name?: string; readonly Options?: Readonly<Record<string, string>> }>({
            Name: text(driver.Name),
            Options: labels(driver.Options as Record<string, string> | undefined),
          }),
  });
}

function tmpfsOptions(posted: TmpfsOptions | undefined): Mount['TmpfsOptions'] {
  if (posted === undefined) return undefined;
  return compact<TmpfsOptions>({
    SizeBytes: count(posted.SizeBytes),
    Mode: count(posted.Mode),
    Options: some(posted.Options),
  }) as Mount['TmpfsOptions'];
}

/** One of the words in any case, undefined for none. */
function word(
  posted: string | undefined,
  words: readonly string[],
  name: string,
): string | undefined {
  const given = posted ?? '';
  const lower = given.toLowerCase();
  if (words.includes(lower)) return lower;
  if (given === '') return undefined;
  throw refused(`invalid ${name}: ${goQuote(given)}`);
}
