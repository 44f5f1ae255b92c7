import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { RULES } from '../src/simulator/invariants/rules.ts';
import { MUTANTS } from '../suites/mutants/catalogue.ts';
import type { Caught } from '../suites/mutants/hunt-child.ts';
import { complaint, hunt, inTurns } from '../suites/mutants/hunt.ts';
import { HUNTS, type HuntName } from '../suites/mutants/hunts.ts';
import { patched, patchesOf } from '../suites/mutants/patch.ts';

/** Both cores; the children are short and pack well. */
const THREADS = 2;
const ALL_MS = 300_000;
/** The true twin has to pass more than its mutants are given, but not for ever. */
const CONTROL_RUNS = 6;

interface Chase {
  readonly title: string;
  readonly mutant: string;
  readonly hunt: HuntName;
  readonly runs: number;
}

function chasesOnTrueTwin(): readonly Chase[] {
  const hunts = Object.keys(HUNTS) as HuntName[];
  const plain = hunts.map((name) => ({ title: name, mutant: '', hunt: name, runs: CONTROL_RUNS }));
  const odd = MUTANTS.filter(({ given }) => given !== undefined).map((mutant) => ({
    title: `${mutant.hunt}, with what is given for ${mutant.name}`,
    mutant: `given:${mutant.name}`,
    hunt: mutant.hunt,
    runs: Math.min(mutant.within, 3 * CONTROL_RUNS),
  }));
  return [...plain, ...odd];
}

const results = new Map<string, PromiseSettledResult<Caught>>();

async function chase(chases: readonly Chase[]): Promise<void> {
  const settled = await inTurns(chases, THREADS, ({ mutant, hunt: name, runs }) =>
    hunt(mutant, name, runs),
  );
  for (const [at, result] of settled.entries()) results.set(chases[at]?.title ?? '', result);
}

function caughtIn(title: string): Caught {
  const result = results.get(title);
  if (result?.status === 'fulfilled') return result.value;
  throw result?.reason;
}

describe('the catalogue of mutants', () => {
  test.each(MUTANTS)('$name finds its places, each once', (mutant) => {
    const patches = patchesOf(mutant);
    for (const file of new Set(patches.map((patch) => patch.file))) {
      const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
      expect(patched(text, file, patches)).not.toBe(text);
    }
  });

  test('refuses a patch that finds no place, or two', () => {
    const patch = { file: 'a.ts', find: 'one', replace: 'two' };
    expect(() => patched('three', 'a.ts', [patch])).toThrow('occurs 0 times');
    expect(() => patched('one one', 'a.ts', [patch])).toThrow('occurs 2 times');
  });

  test('breaks every rule by itself, and has no name twice', () => {
    const broken = new Set(MUTANTS.map(({ breaks }) => breaks as string));
    expect(Object.keys(RULES).filter((rule) => !broken.has(rule))).toEqual([]);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('the explorer', () => {
  beforeAll(async () => {
    await chase(
      MUTANTS.map(({ name, hunt: where, within }) => ({
        ...{ title: name, mutant: name, hunt: where, runs: within },
      })),
    );
  }, ALL_MS);

  test.each(MUTANTS)('finds within $within runs that $wrong', (mutant) => {
    expect(complaint(mutant, caughtIn(mutant.name))).toBe('');
  });

  // Each rule has to be the one that sees at least one of its mutants; `also` must not hide that it is blind.
  test.each(Object.keys(RULES))('sees %s broken by a mutant', (rule) => {
    const own = MUTANTS.filter(({ breaks }) => breaks === rule).map(
      ({ name }) => caughtIn(name).rule,
    );
    expect(own).toContain(rule);
  });
});

describe('the twin as it is', () => {
  const chases = chasesOnTrueTwin();
  beforeAll(async () => {
    await chase(chases);
  }, ALL_MS);

  test.each(chases)('passes the hunt $title', ({ title }) => {
    expect(caughtIn(title)).toEqual({ run: 0, rule: '', text: '' });
  });
});
