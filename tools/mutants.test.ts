/** The bounded form of `npm run mutants`: each mutant is hunted where it was found last, and played only the scenarios whose claims it has to fail. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CLAIM_IDS } from '../src/model/scenario.ts';
import { MUTANTS } from '../suites/mutants/catalogue.ts';
import { inTurns } from '../suites/mutants/child.ts';
import type { Caught } from '../suites/mutants/hunt-child.ts';
import { complaint, hunt, type Ground } from '../suites/mutants/hunt.ts';
import { HUNTS, type HuntName } from '../suites/mutants/hunts.ts';
import { play, scenariosOf, unseen } from '../suites/mutants/judge.ts';
import { LAWS } from '../suites/mutants/laws.ts';
import { isHunted, type Mutant } from '../suites/mutants/mutant.ts';
import { patched, patchesOf } from '../suites/mutants/patch.ts';
import type { Played } from '../suites/mutants/play-child.ts';

/** Both cores; the children are short and pack well. */
const THREADS = 2;
const ALL_MS = 300_000;
/** The true twin has to pass more than most of its mutants are given; `npm run mutants` looks longer. */
const CONTROL_RUNS = 2;

const HUNTED = MUTANTS.filter(isHunted);
const PLAYED = MUTANTS.filter(({ fails }) => fails !== undefined);

interface Chase extends Ground {
  readonly title: string;
  readonly mutant: string;
}

const onMutants = HUNTED.map(({ name, hunt: where, within, first }): Chase => ({
  ...{ title: name, mutant: name, hunt: where, runs: within },
  ...(first === undefined ? {} : { first }),
}));

const onTrueTwin: readonly Chase[] = [
  ...(Object.keys(HUNTS) as HuntName[]).map((name) => ({
    ...{ title: name, mutant: '', hunt: name, runs: CONTROL_RUNS },
  })),
  ...HUNTED.filter(({ given }) => given !== undefined).map(({ name, hunt: where, first = 1 }) => ({
    ...{ title: `${where}, with what is given for ${name}`, mutant: `given:${name}` },
    ...{ hunt: where, runs: 1, first },
  })),
];

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

const chase = ({ mutant, ...ground }: Chase): Promise<Caught> => hunt(mutant, ground);

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
    expect(CLAIM_IDS.filter((claim) => !failed.has(claim))).toEqual([]);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('the explorer', () => {
  const caught = new Results<Caught>();
  beforeAll(() => caught.gather(onMutants, chase), ALL_MS);

  test.each(HUNTED)('finds within $within runs that $wrong', (mutant) => {
    expect(complaint(mutant, caught.of(mutant.name))).toBe('');
  });

  // Each law has to be the one that sees at least one of its mutants; `also` must not hide that it is blind.
  test.each(Object.keys(LAWS))('sees %s broken by a mutant', (law) => {
    const own = HUNTED.filter(({ breaks }) => breaks === law);
    expect(own.map(({ name }) => caught.of(name).rule)).toContain(law);
  });
});

describe('the claims of the suites', () => {
  const played = new Results<readonly Played[]>();
  beforeAll(
    () =>
      played.gather(
        PLAYED.map((mutant) => ({ title: mutant.name, mutant })),
        ({ mutant }: { readonly mutant: Mutant }) =>
          play(mutant.name, scenariosOf(mutant.fails ?? {})),
      ),
    ALL_MS,
  );

  test.each(PLAYED)('see that $wrong', (mutant) => {
    expect(unseen(mutant, played.of(mutant.name))).toEqual([]);
  });
});

// That all claims hold on the twin as it is, is proved with the suites (src/command/sim-suites.test.ts).
describe('the twin as it is', () => {
  const caught = new Results<Caught>();
  beforeAll(() => caught.gather(onTrueTwin, chase), ALL_MS);

  test.each(onTrueTwin)('passes the hunt $title', ({ title }) => {
    expect(caught.of(title)).toEqual({ run: 0, rule: '', text: '' });
  });
});
