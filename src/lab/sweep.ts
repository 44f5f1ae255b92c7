/** Removes what dead runs left behind. */
import { findLabs, isWhole } from './find-labs.ts';
import type { FoundLab } from './find-labs.ts';
import { withLock } from './lock.ts';
import { fateOf, startOf, thisOwner } from './owner.ts';
import type { Fate } from './owner.ts';
import { removeLab } from './remove-lab.ts';

/** Removing a big lab takes seconds; a sweep before us may have several. */
const LOCK_MS = 180_000;

export interface SweepOptions {
  /** Kept labs and those of other machines as well; never those of a process that runs here. */
  readonly all?: boolean;
}

export interface SweptLab {
  readonly id: string;
  readonly name: string;
  readonly why: string;
}

/**
 * Removes the labs whose owner is gone. Safe beside other runs: owners that live are told by pid, start time and boot, and only one sweep runs at a time.
 */
export async function sweep(options: SweepOptions = {}): Promise<readonly SweptLab[]> {
  const isAll = options.all === true;
  // Nothing to do is the usual case and needs no lock.
  if (condemned(await findLabs(), isAll).length === 0) return [];
  return withLock('sweep', LOCK_MS, async () => {
    const swept = condemned(await findLabs(), isAll);
    await Promise.all(swept.map((lab) => removeLab(lab.id)));
    return swept;
  });
}

function condemned(labs: readonly FoundLab[], isAll: boolean): readonly SweptLab[] {
  const here = thisOwner();
  return labs.flatMap((lab) => {
    const why = whyRemove(lab, fateOf(lab.identity.owner, here, startOf), isAll);
    return why === undefined ? [] : [{ id: lab.identity.id, name: lab.identity.name, why }];
  });
}

/** Why a lab is to go, or undefined if it is to stay. Pure. */
export function whyRemove(lab: FoundLab, fate: Fate, isAll: boolean): string | undefined {
  const owner = `process ${lab.identity.owner.pid}`;
  if (fate === 'alive') return isAll && lab.identity.kept ? 'kept, and all were to go' : undefined;
  if (fate === 'elsewhere')
    return isAll ? `${owner} is not of this machine, and all were to go` : undefined;
  if (!lab.identity.kept) return `${owner} is gone`;
  if (!isWhole(lab)) return `${owner} ended before the lab was whole`;
  return isAll ? 'kept, and all were to go' : undefined;
}
