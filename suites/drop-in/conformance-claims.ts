/** The claims in docs/conformance.md: what the judge said of each, on real Swarm and on the twin, in the runs that are kept. */
import { ENGINE_LINES, type EngineLine } from '../../src/model/engines.ts';
import { FAMILY_TEXTS, TOLD_CLAIMS, claimText } from '../../src/model/claim-texts.ts';
import { SUBJECTS, type Subject } from '../../src/model/history.ts';
import type { Scenario } from '../../src/model/scenario.ts';
import type { ScenarioVerdict } from '../../src/model/verdict.ts';
import { unplayableOn } from '../../src/scenario/unplayable.ts';
import type { KeptRun } from './kept-runs.ts';

/** One scenario as it was last played to real Swarm and to the twin. */
export interface LastPlay {
  readonly begun: string;
  readonly verdict: ScenarioVerdict;
}

/** By `suite/scenario`: of a line of engines, from the newest run that played it to both. */
export function lastPlays(
  runs: readonly KeptRun[],
  engine: EngineLine,
): ReadonlyMap<string, LastPlay> {
  const plays = new Map<string, LastPlay>();
  for (const { begun, scenarios } of runs)
    for (const verdict of scenarios) {
      const name = `${verdict.suite}/${verdict.scenario}`;
      if (!plays.has(name) && verdict.engine.startsWith(`${engine}.`) && isOfBoth(verdict))
        plays.set(name, { begun, verdict });
    }
  return plays;
}

const isOfBoth = ({ claims }: ScenarioVerdict): boolean =>
  ['swarm', 'twin'].every((subject) => claims.some((claim) => claim.subject === subject));

/** The columns: all that are played on Docker. */
const SHOWN: readonly Subject[] = SUBJECTS.filter(
  (subject) => subject === 'swarm' || subject.startsWith('twin'),
);
const TITLES: Partial<Readonly<Record<Subject, string>>> = {
  swarm: 'real Swarm',
  twin: 'the twin',
  'twin-managers': 'twin managers, real workers',
  'twin-agents': 'real managers, twin workers',
};

/** The section, from every claim that there is; `suites` are the scenarios that there are now. */
export function claimsSection(
  all: readonly KeptRun[],
  suites: readonly Scenario[],
  engine: EngineLine,
): readonly string[] {
  const runs = all.map((run) => ({
    ...run,
    scenarios: run.scenarios.filter((verdict) => isPlayable(verdict, suites)),
  }));
  const plays = lastPlays(runs, engine);
  return [
    '',
    '## Claims',
    '',
    `What Swarm is claimed to do, judged on histories of real Swarm and of the twin on engine ${engine}, to which the same scenarios were played`,
    '(`npm start`). Of every scenario it is the newest run that is kept, and how the history of the twin compares with that of real Swarm:',
    '',
    '| scenario | played | compared |',
    '| --- | --- | --- |',
    ...suites.flatMap(({ suite, name }) => {
      const play = plays.get(`${suite}/${name}`);
      return play === undefined ? [] : [playRow(play)];
    }),
    '',
    `Of ${TOLD_CLAIMS.length} claims ${TOLD_CLAIMS.filter((id) => suites.some((each) => names(each, id))).length} are named by a scenario.`,
    'Where a claim is named by several, the worst that was found is shown. An empty cell was not played; a swarm of managers alone has nodes of one kind.',
    ...[...Map.groupBy(TOLD_CLAIMS, (id) => id.charAt(0))].flatMap(([family, ids]) => [
      '',
      `### ${FAMILY_TEXTS[family] ?? family}`,
      '',
      `| claim | what it says | ${SHOWN.map((subject) => TITLES[subject] ?? subject).join(' | ')} | proved by |`,
      `| --- | --- | ${SHOWN.map(() => '---').join(' | ')} | --- |`,
      ...ids.map((id) => claimRow(id, plays, suites)),
    ]),
    ...otherEngines(runs, engine),
  ];
}

/** A run from before it was known that a subject cannot be played a scenario tells nothing of it. */
function isPlayable(
  { suite, scenario, claims }: ScenarioVerdict,
  suites: readonly Scenario[],
): boolean {
  const found = suites.find((each) => each.suite === suite && each.name === scenario);
  return (
    found === undefined || claims.every(({ subject }) => unplayableOn(found, subject) === null)
  );
}

const names = ({ claims }: Scenario, id: string): boolean =>
  (claims as readonly string[]).includes(id);

function playRow({ begun, verdict }: LastPlay): string {
  const { suite, scenario, sameness } = verdict;
  return `| ${suite}/${scenario} | ${begun.slice(0, 16).replace('T', ' ')} UTC | ${sameness} |`;
}

function claimRow(
  id: string,
  plays: ReadonlyMap<string, LastPlay>,
  suites: readonly Scenario[],
): string {
  const proving = suites.filter((each) => names(each, id));
  const verdicts = proving.flatMap(
    ({ suite, name }) => plays.get(`${suite}/${name}`)?.verdict ?? [],
  );
  const cells = SHOWN.map((subject) => stateOf(id, subject, verdicts, proving));
  const by = proving.map(({ suite, name }) =>
    plays.has(`${suite}/${name}`) ? `${suite}/${name}` : `${suite}/${name} (no run is kept)`,
  );
  return `| ${id} | ${claimText(id)} | ${cells.join(' | ')} | ${by.join(', ') || 'no scenario yet'} |`;
}

/** From the worst. */
const STATES = ['fails', 'unstable', 'inconclusive', 'known', 'holds'];
const WORDS: Readonly<Record<string, string>> = { known: 'known difference' };

function stateOf(
  id: string,
  subject: Subject,
  verdicts: readonly ScenarioVerdict[],
  proving: readonly Scenario[],
): string {
  const found = verdicts.flatMap(({ claims, collapsed }) => {
    const as = collapsed?.[subject] ?? subject;
    return claims
      .filter((claim) => claim.id === id && claim.subject === as)
      .map(({ verdict }) => verdict as string);
  });
  const state = STATES.find((each) => found.includes(each));
  if (state !== undefined) return WORDS[state] ?? state;
  const isLeftOut = proving.some((each) => unplayableOn(each, subject) !== null);
  return isLeftOut ? 'not played' : '';
}

/** What was judged on the other engines, in numbers. */
function otherEngines(runs: readonly KeptRun[], usual: EngineLine): readonly string[] {
  const rows = ENGINE_LINES.filter((engine) => engine !== usual).flatMap((engine) => {
    const verdicts = [...lastPlays(runs, engine).values()].map(({ verdict }) => verdict);
    const judged = verdicts
      .flatMap(({ claims }) => claims)
      .filter(({ subject }) => SHOWN.includes(subject));
    const count = (state: string): number =>
      judged.filter(({ verdict }) => verdict === state).length;
    return verdicts.length === 0
      ? []
      : [
          `| ${engine} | ${verdicts.length} | ${STATES.toReversed().map(count).join(' | ')} | ${verdicts.filter(({ sameness }) => sameness === 'same').length} |`,
        ];
  });
  if (rows.length === 0) return ['', 'Of the other engines no run is kept.'];
  return [
    '',
    'On the other engines, every claim on every subject counted:',
    '',
    `| engine | scenarios | ${STATES.toReversed()
      .map((state) => WORDS[state] ?? state)
      .join(' | ')} | scenarios that are the same |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
}
