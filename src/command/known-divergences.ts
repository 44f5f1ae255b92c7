import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { SwarmtwinError } from '../model/errors.ts';
import { ENGINE_LINES } from '../model/engines.ts';
import { claimOf, type KnownDivergence } from '../model/verdict.ts';
import { PROJECT_ROOT } from './project.ts';

/** suites/known-divergences.yaml: what is known to differ, where, and why. Errors: `bad-usage` for an entry that lacks one of the three. */
export const knownDivergences = (): readonly KnownDivergence[] =>
  read(join(PROJECT_ROOT, 'suites', 'known-divergences.yaml'));

/** fixtures/histories/disagreements.yaml: the same, between what real Swarm was recorded to do and the simulation. */
export const recordedDisagreements = (): readonly KnownDivergence[] =>
  read(join(PROJECT_ROOT, 'fixtures', 'histories', 'disagreements.yaml'));

function read(path: string): readonly KnownDivergence[] {
  return parseDivergences(readFileSync(path, 'utf8'), path);
}

/**
 * One entry excuses one field of one scenario: a pattern would excuse more than was explained, and one of a scenario that is not played would stay
 * for ever. Errors: `bad-usage` with the entry's number.
 */
export function parseDivergences(text: string, path: string): readonly KnownDivergence[] {
  const entries = (parse(text) ?? []) as readonly Partial<KnownDivergence>[];
  const known = new Map(SCENARIOS.map((each) => [`${each.suite}/${each.name}`, each]));
  return entries.map(({ scenario, field, reason, engine }, at) => {
    const refuse = (what: string): SwarmtwinError =>
      new SwarmtwinError(
        'bad-usage',
        `${path}: entry ${at + 1} ${what}`,
        'Give it a scenario (suite/name), a field and a reason.',
      );
    if (scenario === undefined || field === undefined || reason === undefined)
      throw refuse('is not complete');
    if (!known.has(scenario)) throw refuse(`is about ${scenario}, which is no scenario`);
    const claim = claimOf({ field });
    if (claim !== '' && !known.get(scenario)?.claims.some((id) => id === claim))
      throw refuse(`is about the claim ${claim}, which ${scenario} does not name`);
    if (field.includes('*')) throw refuse(`excuses more than one field: ${field}`);
    if (engine !== undefined && !ENGINE_LINES.includes(engine))
      throw refuse(`is about engine ${engine}, which is none of ${ENGINE_LINES.join(', ')}`);
    return { scenario, field, reason, ...(engine === undefined ? {} : { engine }) };
  });
}
