/** The mutants' report as lines: who killed whom, the matrix of claims, and what no mutant has put to the test. */
import { CLAIM_IDS, type ClaimId } from '../../src/model/scenario.ts';
import type { StepRule } from '../../src/model/verdict.ts';
import { RULES_OF_STEPS } from './judge.ts';
import { EXCUSED_CLAIMS } from './excused-claims.ts';
import { LAWS } from './laws.ts';
import { isHunted, type Law } from './mutant.ts';
import type { Played } from './play-child.ts';
import { isKilled, type Trial } from './trial.ts';

const FAILS = '#';
const HOLDS = '.';
const OPEN = '?';
const NOT_PLAYED = ' ';

/** One line a mutant: which law saw it, in which run of how many, from which seed, which claims failed, and what is wrong with it. */
export function table(trials: readonly Trial[]): readonly string[] {
  const isDrawn = trials.some(({ drawn }) => drawn !== null);
  const row = (trial: Trial): readonly string[] => [
    trial.mutant.name,
    trial.caught?.rule ?? '',
    runsOf(trial),
    seedOf(trial),
    ...(isDrawn ? [drawnOf(trial)] : []),
    claimsOf(trial).join(' '),
    trial.mutant.wrong,
  ];
  const drawn = isDrawn ? ['DRAWN'] : [];
  const heads = ['MUTANT', 'LAW', 'RUN', 'SEED', ...drawn, 'CLAIMS', 'WHAT IT DOES WRONG'];
  return aligned([heads, ...trials.map(row)]);
}

const drawnOf = ({ drawn }: Trial): string =>
  drawn === null || drawn.run === 0 ? '-' : `${drawn.run} ${drawn.rule}`;

function runsOf({ mutant, caught }: Trial): string {
  if (!isHunted(mutant) || caught === null) return '';
  return caught.run === 0 ? `none of ${mutant.within}` : `${caught.run} of ${mutant.within}`;
}

const seedOf = ({ mutant, caught }: Trial): string =>
  isHunted(mutant) && caught !== null && caught.run > 0 ? `${mutant.hunt}-${caught.run}` : '';

const claimsOf = ({ failures, played }: Trial): readonly string[] => [
  ...CLAIM_IDS.filter((id) => failures.some(({ claim }) => claim === id)),
  ...RULES_OF_STEPS.filter((rule) => isWalked(played, rule)),
];

const isWalked = (played: readonly Played[], rule: StepRule): boolean =>
  played.some(({ steps }) => steps.some((step) => step.rule === rule));

/** A line a mutant, a column a claim: `#` it failed, `.` it held, `?` nothing could be said. */
export function matrix(trials: readonly Trial[]): readonly string[] {
  const cells = (trial: Trial): readonly string[] => CLAIM_IDS.map((id) => cell(trial, id));
  const heads = [0, 1, 2].map((at) => ['', spaced(CLAIM_IDS.map((id) => id[at] ?? ' '))]);
  return aligned([
    ...heads,
    ...trials.map((trial) => [trial.mutant.name, spaced(cells(trial))]),
    ['mutants that failed it', ''],
    ...[0, 1].map((at) => [
      '',
      spaced(CLAIM_IDS.map((id) => String(killedBy(trials, id)).padStart(2)[at] ?? '')),
    ]),
  ]);
}

const killedBy = (trials: readonly Trial[], id: ClaimId): number =>
  trials.filter(({ failures }) => failures.some(({ claim }) => claim === id)).length;

/** Families stand apart. */
const spaced = (cells: readonly string[]): string =>
  cells
    .map((text, at) => {
      const isFirst = at > 0 && CLAIM_IDS[at]?.[0] !== CLAIM_IDS[at - 1]?.[0];
      return isFirst ? ` ${text}` : text;
    })
    .join('');

function cell({ played }: Trial, id: ClaimId): string {
  const verdicts = played.flatMap(({ claims }) => claims.filter(({ claim }) => claim === id));
  if (verdicts.length === 0) return NOT_PLAYED;
  if (verdicts.some(({ verdict }) => verdict === 'fails')) return FAILS;
  return verdicts.some(({ verdict }) => verdict === 'inconclusive') ? OPEN : HOLDS;
}

/** A line a law: the mutants that it was the first to see. */
export function lawLines(trials: readonly Trial[]): readonly string[] {
  const laws = Object.keys(LAWS) as Law[];
  return aligned([
    ['LAW', 'SEEN BROKEN IN'],
    ...laws.map((law) => [law, seenBy(trials, law).join(', ')]),
  ]);
}

const seenBy = (trials: readonly Trial[], law: Law): readonly string[] =>
  trials.filter(({ caught }) => caught?.rule === law).map(({ mutant }) => mutant.name);

/** The claims that no mutant is put to, and why. */
export const excusedLines = (): readonly string[] =>
  Object.entries(EXCUSED_CLAIMS).map(([id, reason]) => `no mutant is put to ${id}: ${reason}`);

/** Mutants that nothing kills, and laws and claims that kill none: each of them fails a whole run. */
export function gaps(trials: readonly Trial[]): readonly string[] {
  const laws = Object.keys(LAWS) as Law[];
  return [
    ...trials
      .filter((trial) => !isKilled(trial))
      .map(({ mutant }) => `no law and no claim kills ${mutant.name}`),
    ...laws
      .filter((law) => seenBy(trials, law).length === 0)
      .map((law) => `no mutant is killed by the law ${law}`),
    ...RULES_OF_STEPS.filter((rule) => !trials.some(({ played }) => isWalked(played, rule))).map(
      (rule) => `no mutant breaks the rule of steps ${rule}`,
    ),
    ...CLAIM_IDS.filter((id) => killedBy(trials, id) === 0 && !(id in EXCUSED_CLAIMS)).map(
      (id) => `no mutant is killed by the claim ${id}`,
    ),
    ...CLAIM_IDS.filter((id) => killedBy(trials, id) > 0 && id in EXCUSED_CLAIMS).map(
      (id) => `the claim ${id} is excused, and kills a mutant`,
    ),
  ];
}

/** Columns as wide as their widest cell; the last one as it is. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
