/** The bounded form of `npm run mutants`: each mutant is hunted where it was found last, and played only the scenarios whose claims it has to fail. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CLAIM_IDS } from '../src/model/scenario.ts';
import { MUTANTS } from '../suites/mutants/catalogue.ts';
import { inTurns } from '../suites/mutants/child.ts';
import type { Caught } from '../suites/mutants/hunt-child.ts';
import { complaint, hunt, huntOn } from '../suites/mutants/hunt.ts';
import { EXCUSED_CLAIMS } from '../suites/mutants/excused-claims.ts';
import { HUNTS, type HuntName } from '../suites/mutants/hunts.ts';
import { RULES_OF_STEPS, play, scenariosOf, unseen } from '../suites/mutants/judge.ts';
import { LAWS } from '../suites/mutants/laws.ts';
import { isHunted } from '../suites/mutants/mutant.ts';
import { patched, patchesOf } from '../suites/mutants/patch.ts';
import type { Played } from '../suites/mutants/play-child.ts';

/** Both cores; the children are short and pack well. */
const THREADS = 2;
const ALL_MS = 600_000;
/** The true twin has to pass more than most of its mutants are given; `npm run mutants` looks longer. */
const CONTROL_RUNS = 2;

const HUNTED = MUTANTS.filter(isHunted);
const PLAYED = MUTANTS.filter((mutant) => scenariosOf(mutant).length > 0);

/** What is odd in the hunts for some mutants must not be what kills them. */
const ODD = HUNTED.filter(({ given }) => given !== undefined);
const GROUNDS = Object.keys(HUNTS) as HuntName[];

/** What came of all work of one kind, by title. */
class Results<T> {
  readonly #results = new Map<string, PromiseSettledResult<T>>();

  async gather<W extends { readonly title: string }>(
    work: readonly W[],
    one: (each: W) => Promise<T>,
  ): Promise<void> {
    const settled = await inTurns(work, THREADS, one);
    for (const [at, result] of settled.entries()) this.#results.set(work[at]?.title ?? '', result);
  }

  of(title: string): T {
    const result = this.#results.get(title);
    if (result?.status === 'fulfilled') return result.value;
    throw result?.reason;
  }
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

  test('breaks every law and every claim, and has no name twice', () => {
    const broken = new Set(HUNTED.map(({ breaks }) => breaks as string));
    expect(Object.keys(LAWS).filter((law) => !broken.has(law))).toEqual([]);
    const failed = new Set(PLAYED.flatMap(({ fails = {} }) => Object.keys(fails)));
    expect(CLAIM_IDS.filter((claim) => !failed.has(claim))).toEqual(Object.keys(EXCUSED_CLAIMS));
    const walked = new Set(PLAYED.flatMap(({ walks = {} }) => Object.keys(walks)));
    expect(RULES_OF_STEPS.filter((rule) => !walked.has(rule))).toEqual([]);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('the explorer', () => {
  const caught = new Results<Caught>();
  beforeAll(
    () =>
      caught.gather(
        HUNTED.map((mutant) => ({ title: mutant.name, mutant })),
        ({ mutant }) => hunt(mutant),
      ),
    ALL_MS,
  );

  test.each(HUNTED)('finds within $within runs that $wrong', (mutant) => {
    expect(complaint(mutant, caught.of(mutant.name))).toBe('');
  });

  // Each law has to be the one that sees at least one of its mutants; `also` must not hide that it is blind.
  test.each(Object.keys(LAWS))('sees %s broken by a mutant', (law) => {
    const own = HUNTED.filter(({ breaks }) => breaks === law);
    expect(own.map(({ name }) => caught.of(name).rule)).toContain(law);
  });
});

describe('the claims of the suites, and the table of legal steps', () => {
  const played = new Results<readonly Played[]>();
  beforeAll(
    () =>
      played.gather(
        PLAYED.map((mutant) => ({ title: mutant.name, mutant })),
        ({ mutant }) => play(mutant.name, scenariosOf(mutant)),
      ),
    ALL_MS,
  );

  test.each(PLAYED)('see that $wrong', (mutant) => {
    expect(unseen(mutant, played.of(mutant.name))).toEqual([]);
  });
});

// That all claims hold on the twin as it is, is proved with the suites (src/command/sim-suites.test.ts).
describe('the twin as it is', () => {
  test(
    'passes every hunt',
    async () => {
      const caught = await huntOn(
        '',
        GROUNDS.map((name) => ({ hunt: name, runs: CONTROL_RUNS })),
      );
      expect(caught).toEqual(GROUNDS.map(() => ({ run: 0, rule: '', text: '' })));
    },
    ALL_MS,
  );

  test.each(ODD)(
    'passes the hunt for $name with what is given there',
    async ({ name, hunt: where, first = 1 }) => {
      const caught = await huntOn(`given:${name}`, [{ hunt: where, runs: 1, first }]);
      expect(caught).toEqual([{ run: 0, rule: '', text: '' }]);
    },
    ALL_MS,
  );
});
