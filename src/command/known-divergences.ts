import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SwarmtwinError } from '../model/errors.ts';
import type { KnownDivergence } from '../model/verdict.ts';
import { PROJECT_ROOT } from './project.ts';

/** suites/known-divergences.yaml: what is known to differ, where, and why. Errors: `bad-usage` for an entry that lacks one of the three. */
export const knownDivergences = (): readonly KnownDivergence[] =>
  read(join(PROJECT_ROOT, 'suites', 'known-divergences.yaml'));

/** fixtures/histories/disagreements.yaml: the same, between what real Swarm was recorded to do and the simulation. */
export const recordedDisagreements = (): readonly KnownDivergence[] =>
  read(join(PROJECT_ROOT, 'fixtures', 'histories', 'disagreements.yaml'));

function read(path: string): readonly KnownDivergence[] {
  const entries = (parse(readFileSync(path, 'utf8')) ?? []) as readonly Partial<KnownDivergence>[];
  return entries.map(({ scenario, field, reason }, at) => {
    if (scenario === undefined || field === undefined || reason === undefined) {
      throw new SwarmtwinError(
        'bad-usage',
        `${path}: entry ${at + 1} is not complete`,
        'Give it a scenario (suite/name), a field and a reason.',
      );
    }
    return { scenario, field, reason };
  });
}
