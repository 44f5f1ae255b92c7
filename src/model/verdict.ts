/** What the judge says. */
import type { Weight } from './evidence.ts';
import { SUBJECTS, type Subject } from './history.ts';
import type { Since } from './since.ts';
import type { ClaimId, SuiteName } from './scenario.ts';
import type { EngineLine } from './engines.ts';

/** Of one history. */
export type Verdict = 'holds' | 'fails' | 'inconclusive';
/** The same, where what is known to differ is taken out: `known` is a claim that fails as it was declared to (suites/known-divergences.yaml). */
export type ClaimSays = Verdict | 'known';
/** Of two histories; `not-compared` where there are no two, since the scenario cannot be played on the others. */
export type Sameness = 'same' | 'different' | 'inconclusive' | 'not-compared';
/** Of all plays of a scenario: what held in one and failed in another is unstable, and so is what was the same in one and different in another. */
export type SettledVerdict = ClaimSays | 'unstable';
export type SettledSameness = Sameness | 'unstable';

/** What one of several plays said. */
export interface Try<V> {
  readonly play: number;
  readonly verdict: V;
  readonly reason: string;
}

/** One claim on one subject. `evidence` holds the numbers of the records that the reason speaks of. */
export interface ClaimVerdict {
  readonly id: ClaimId;
  readonly subject: Subject;
  readonly verdict: SettledVerdict;
  readonly reason: string;
  readonly evidence: readonly number[];
  /** The play that reason and evidence are of; there only where the scenario was played more than once. */
  readonly play?: number;
  /** What each play said; there only where they do not agree. */
  readonly tries?: readonly Try<ClaimSays>[];
}

/** What the judge asks of every history, whatever the scenario: of each step that a task is seen to take first, each with what it says. */
export const STEP_RULES = {
  'state-back': 'the observed state never goes back',
  'desired-back': 'the desired state never goes back',
  'past-end': 'nothing comes after an end',
  'not-wanted': 'a task runs, or is shut down, only when that is wanted of it',
  'no-owner': 'each step of the observed state is one that its owner makes',
  moved: 'slot, node, image and environment of a task never change',
  'early-container': 'a task has no container before it starts',
  'came-back': 'a task that was removed never comes back',
  misplaced: 'a task is put on a node only that is ready, active and meets its constraints',
  'not-emptiest': 'new tasks go where the fewest of the service are, and then the fewest in all',
  'beyond-slots': 'slots are numbered from 1 up to the number of replicas',
  'one-container': 'a task has one container, on its own node, and no container is without a task',
  'unlike-its-container': 'what a task is said to do is what its container does',
  'version-back': "an object's version never goes back",
  'no-updater': 'each step of an update is one that the updater makes',
  'two-leaders': 'nobody is told of two leaders at once',
} as const;
export type StepRule = keyof typeof STEP_RULES;

/** A step that no task may take. Real Swarm's are reported as its own; the twin's are failures. */
export interface IllegalStep {
  readonly rule: StepRule;
  readonly subject: Subject;
  readonly text: string;
  readonly evidence: readonly number[];
  /** There only where the scenario was played more than once. */
  readonly play?: number;
}

/** Real Swarm alone may break its own rules; whoever the twin has a part in may not. */
export const isOwn = ({ subject }: IllegalStep): boolean => subject === 'swarm';

/** One place where two histories differ, by the canonical form's own path (`services.web.lives`). */
export interface Difference {
  readonly field: string;
  readonly left: string;
  readonly right: string;
  /** Whose history differs from the reference; absent where two histories were compared by themselves. */
  readonly subject?: Subject;
  /** The reason from known-divergences.yaml, when it is a known one. */
  readonly known?: string;
}

/** Whose doing a difference between real Swarm and the twin is, as the two mixed swarms tell it. */
export type Follows = 'manager' | 'agent' | 'each' | 'both' | 'unknown';

/** What differs, a field of the comparison or a claim that fails, and the half of the twin that it goes with. */
export interface Pin {
  readonly what: string;
  readonly follows: Follows;
  readonly reason: string;
}

export interface SamenessVerdict {
  readonly sameness: SettledSameness;
  readonly reason: string;
  /** What each play said; there only where they do not agree. */
  readonly tries?: readonly Try<Sameness>[];
  /** All of them, the first first. */
  readonly differences: readonly Difference[];
  /** Known divergences of this scenario that were not seen any more; each one turns a run red. */
  readonly healed: readonly string[];
}

/** A difference that is known and explained (suites/known-divergences.yaml). */
export interface KnownDivergence {
  /** `suite/scenario`. */
  readonly scenario: string;
  /** The path of the difference, exactly; `claims.M8` where it is a claim that the twin fails and real Swarm does not. */
  readonly field: string;
  readonly reason: string;
  /** Where it is so on one line of engines only. */
  readonly engine?: EngineLine;
}

const CLAIM_FIELD = 'claims.';

/** The claim that an entry is about; '' where it is about a difference of two histories. */
export const claimOf = ({ field }: Pick<KnownDivergence, 'field'>): string =>
  field.startsWith(CLAIM_FIELD) ? field.slice(CLAIM_FIELD.length) : '';

/** What the cluster's own settings allow, computed from them. */
export interface TimeRange {
  readonly lowMs: number;
  readonly highMs: number;
  readonly formula: string;
}

/** Milliseconds from one event to another, on one subject; `null` when the second was not seen. */
export interface Timing {
  readonly name: string;
  readonly subject: Subject;
  /** The fault, the update or the service that it is about. */
  readonly fault: string;
  /** Of an update: the slot. */
  readonly slot?: string;
  readonly ms: number | null;
  /** There only where the settings say something about it. */
  readonly range?: TimeRange;
}

/** Whether it took a time that the settings allow; what was never seen, and what no setting bounds, is not outside. */
export const isOutside = ({ ms, range }: Timing): boolean =>
  ms !== null && range !== undefined && (ms < range.lowMs || ms > range.highMs);

/** Whether two subjects took different times; `effect` is Cliff's delta, 1 where the second took longer throughout, -1 where the first did. */
export interface RankTest {
  readonly says: 'alike' | 'differ' | 'too few';
  /** The chance of such an order where both are alike. */
  readonly p: number;
  readonly effect: number;
}

/** How long the same thing took in all plays of a scenario. */
export interface Spread {
  readonly name: string;
  readonly fault: string;
  readonly range?: TimeRange;
  readonly sides: readonly {
    readonly subject: Subject;
    readonly ms: readonly number[];
    /** Against the first side; absent there. */
    readonly test?: RankTest;
  }[];
}

/** One row of the table of what the comparison leaves out, and why. */
export interface Exclusion {
  readonly field: string;
  readonly rule: string;
  readonly reason: string;
}

/** One of several times that a scenario was played. Paths are relative to the run's folder. */
export interface Play {
  readonly play: number;
  readonly sameness: Sameness;
  readonly histories: readonly { readonly subject: Subject; readonly path: string }[];
}

/** Why a scenario cannot be played on a subject. */
export type NotPlayed = Readonly<Partial<Record<Subject, string>>>;

export interface ScenarioVerdict {
  readonly suite: SuiteName;
  readonly scenario: string;
  /** The YAML file that it was read from; absent for those of the suites. */
  readonly file?: string;
  readonly title: string;
  /** As the engines themselves say. */
  readonly engine: string;
  /** The line of engines that was asked for; there only where a run has several, and then there is a verdict for each. */
  readonly line?: EngineLine;
  readonly seconds: number;
  readonly sameness: SettledSameness;
  readonly comparison: SamenessVerdict;
  readonly claims: readonly ClaimVerdict[];
  readonly steps: readonly IllegalStep[];
  /** Of what the twin does otherwise than real Swarm; there where a mixed swarm was asked for. */
  readonly pins?: readonly Pin[];
  /** Mixed swarms that were not played, since with managers only they have nodes of one kind: as which subject they count. */
  readonly collapsed?: Readonly<Partial<Record<Subject, Subject>>>;
  /** Subjects that it cannot be played on, each with the reason; they count as nothing. */
  readonly notPlayed?: NotPlayed;
  /** The claims that it names; there only where a subject did not play it. */
  readonly named?: readonly ClaimId[];
  readonly timings: readonly Timing[];
  /** There only where it was played more than once. */
  readonly plays?: readonly Play[];
  /** Which of them timelines, differences, times and evidence in words are of. */
  readonly shownPlay?: number;
  /** The times of all plays together; there only where it was played more than once. */
  readonly spreads?: readonly Spread[];
  /** What the run was told besides names, engines and subjects, such as `--reference recorded`: it belongs to the command that plays it again. */
  readonly options?: readonly string[];
}

/** The subjects that it was not played on, each with its reason. */
export const notPlayedOn = ({
  notPlayed = {},
}: Pick<ScenarioVerdict, 'notPlayed'>): readonly (readonly [Subject, string])[] =>
  SUBJECTS.flatMap((subject) => {
    const reason = notPlayed[subject];
    return reason === undefined ? [] : [[subject, reason] as const];
  });

/** Whether it could be played on nobody. */
export const isUnplayed = (verdict: ScenarioVerdict): boolean =>
  verdict.sameness === 'not-compared' && verdict.engine === '';

/** `drain/worker`, and in a run with several engines the one that it was played on. */
export const nameOf = ({
  suite,
  scenario,
  line,
}: Pick<ScenarioVerdict, 'suite' | 'scenario' | 'line'>): string =>
  `${suite}/${scenario}${line === undefined ? '' : ` on ${line}`}`;

/** What stands after the `#` of an address in the page: one for each verdict of a run. */
export const anchorOf = ({
  suite,
  scenario,
  line,
}: Pick<ScenarioVerdict, 'suite' | 'scenario' | 'line'>): string =>
  [suite, scenario, ...(line === undefined ? [] : [line])].join('--');

/** What the next line of engines does otherwise than the one before: a claim's verdict, or what a comparison of real Swarm with itself shows. */
export interface EngineChange {
  /** `suite/scenario`. */
  readonly scenario: string;
  readonly kind: 'claim' | Weight;
  /** The claim and the subject, or the path of the difference. */
  readonly what: string;
  readonly from: EngineLine;
  readonly to: EngineLine;
  readonly before: string;
  readonly after: string;
}

/** How long the same thing took real Swarm of two lines of engines, in all plays; `test` is of the later line against the earlier. */
export interface EngineTime {
  /** `suite/scenario`. */
  readonly scenario: string;
  readonly name: string;
  readonly fault: string;
  readonly from: EngineLine;
  readonly to: EngineLine;
  readonly beforeMs: readonly number[];
  readonly afterMs: readonly number[];
  readonly test: RankTest;
}

/** Real Swarm of each line compared with that of the line before it. */
export interface EngineMatrix {
  readonly lines: readonly EngineLine[];
  /** How many pairs of histories of real Swarm were compared. */
  readonly compared: number;
  readonly changes: readonly EngineChange[];
  /** Pairs of which nothing can be said, with the reason. */
  readonly unclear: readonly string[];
  /** There only where scenarios were played several times. */
  readonly times?: readonly EngineTime[];
}

export interface VerdictSummary {
  readonly holds: number;
  readonly fails: number;
  readonly inconclusive: number;
  /** Claims and comparisons on which the plays of a scenario do not agree. */
  readonly unstable: number;
  /** Claims that fail as they were declared to. */
  readonly known: number;
  /** Scenarios that could not be played on a subject, each subject counted. */
  readonly notPlayed: number;
  readonly same: number;
  readonly different: number;
  /** Steps of tasks that are not legal: the twin's, and real Swarm's own. */
  readonly illegal: number;
  readonly own: number;
}

/** What verdicts.json holds. `inconclusive` counts claims and comparisons alike. */
export interface RunVerdict extends Beside {
  readonly summary: VerdictSummary;
  /** `command` plays it again. */
  readonly scenarios: readonly (ScenarioVerdict & { readonly command?: string })[];
}

/** What a run has beside the verdicts on its scenarios. */
export interface Beside {
  /** What it ran on: engine, kernel, cores, what the kernel lacks. */
  readonly facts?: Readonly<Record<string, string>>;
  /** There only where several lines of engines were played. */
  readonly matrix?: EngineMatrix;
  /** There only where there is a run before. */
  readonly since?: Since;
}

/** The counts over a run's scenarios. */
export function summarize(scenarios: readonly ScenarioVerdict[]): VerdictSummary {
  const claims = scenarios.flatMap((scenario) => scenario.claims);
  const steps = scenarios.flatMap((scenario) => scenario.steps);
  const count = (verdict: SettledVerdict): number =>
    claims.filter((claim) => claim.verdict === verdict).length;
  const compared = (sameness: SettledSameness): number =>
    scenarios.filter((scenario) => scenario.sameness === sameness).length;
  return {
    holds: count('holds'),
    fails: count('fails'),
    inconclusive: count('inconclusive') + compared('inconclusive'),
    unstable: count('unstable') + compared('unstable'),
    known: count('known'),
    notPlayed: scenarios.reduce((sum, scenario) => sum + notPlayedOn(scenario).length, 0),
    same: compared('same'),
    different: compared('different'),
    illegal: steps.filter((step) => !isOwn(step)).length,
    own: steps.filter(isOwn).length,
  };
}

/**
 * The exit code of a run: 0 all hold and same, 1 something fails, differs, is unstable or not legal, 2 nothing failed but something was inconclusive, or nothing at
 * all could be played.
 */
export function exitCodeOf(scenarios: readonly ScenarioVerdict[]): 0 | 1 | 2 {
  const healed = scenarios.some((scenario) => scenario.comparison.healed.length > 0);
  const { fails, different, inconclusive, unstable, illegal } = summarize(scenarios);
  if (fails + different + unstable + illegal > 0 || healed) return 1;
  return inconclusive > 0 || scenarios.every(isUnplayed) ? 2 : 0;
}

/** The same of a run with one subject: there is nothing to compare, and that is no fault of it. */
export function exitCodeOfOne(scenarios: readonly ScenarioVerdict[]): 0 | 1 | 2 {
  const healed = scenarios.some((scenario) => scenario.comparison.healed.length > 0);
  const claims = scenarios.flatMap((scenario) => scenario.claims);
  const isBad = claims.some(({ verdict }) => verdict === 'fails' || verdict === 'unstable');
  if (isBad || healed || summarize(scenarios).illegal > 0) return 1;
  const isOpen = claims.some(({ verdict }) => verdict === 'inconclusive');
  return isOpen || scenarios.every(isUnplayed) ? 2 : 0;
}
