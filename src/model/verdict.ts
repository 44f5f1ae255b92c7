/** What the judge says. */
import type { Subject } from './history.ts';
import type { ClaimId, SuiteName } from './scenario.ts';

export type Verdict = 'holds' | 'fails' | 'inconclusive';
export type Sameness = 'same' | 'different' | 'inconclusive';

/** One claim on one history. `evidence` holds the numbers of the records that the reason speaks of. */
export interface ClaimVerdict {
  readonly id: ClaimId;
  readonly subject: Subject;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly evidence: readonly number[];
}

/** What the judge asks of every step that a task is seen to take, each with what it says. */
export const STEP_RULES = {
  'state-back': 'the observed state never goes back',
  'desired-back': 'the desired state never goes back',
  'past-end': 'nothing comes after an end',
  'not-wanted': 'a task runs, or is shut down, only when that is wanted of it',
  'no-owner': 'each step of the observed state is one that its owner makes',
  moved: 'slot, node, image and environment of a task never change',
  'early-container': 'a task has no container before it starts',
  'came-back': 'a task that was removed never comes back',
} as const;
export type StepRule = keyof typeof STEP_RULES;

/** A step that no task may take. Real Swarm's are reported as its own; the twin's are failures. */
export interface IllegalStep {
  readonly rule: StepRule;
  readonly subject: Subject;
  readonly text: string;
  readonly evidence: readonly number[];
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
  readonly sameness: Sameness;
  readonly reason: string;
  /** All of them, the first first. */
  readonly differences: readonly Difference[];
  /** Known divergences of this scenario that were not seen any more; each one turns a run red. */
  readonly healed: readonly string[];
}

/** A difference that is known and explained (suites/known-divergences.yaml). */
export interface KnownDivergence {
  /** `suite/scenario`. */
  readonly scenario: string;
  /** The path of the difference, exactly. */
  readonly field: string;
  readonly reason: string;
}

/** Milliseconds from one event to another, on one subject; `null` when the second was not seen. */
export interface Timing {
  readonly name: string;
  readonly subject: Subject;
  readonly fault: string;
  readonly ms: number | null;
}

/** One row of the table of what the comparison leaves out, and why. */
export interface Exclusion {
  readonly field: string;
  readonly rule: string;
  readonly reason: string;
}

export interface ScenarioVerdict {
  readonly suite: SuiteName;
  readonly scenario: string;
  readonly title: string;
  readonly engine: string;
  readonly seconds: number;
  readonly sameness: Sameness;
  readonly comparison: SamenessVerdict;
  readonly claims: readonly ClaimVerdict[];
  readonly steps: readonly IllegalStep[];
  /** Of what the twin does otherwise than real Swarm; there where a mixed swarm was asked for. */
  readonly pins?: readonly Pin[];
  /** Mixed swarms that were not played, since with managers only they have nodes of one kind: as which subject they count. */
  readonly collapsed?: Readonly<Partial<Record<Subject, Subject>>>;
  readonly timings: readonly Timing[];
}

export interface VerdictSummary {
  readonly holds: number;
  readonly fails: number;
  readonly inconclusive: number;
  readonly same: number;
  readonly different: number;
  /** Steps of tasks that are not legal: the twin's, and real Swarm's own. */
  readonly illegal: number;
  readonly own: number;
}

/** What verdicts.json holds. `inconclusive` counts claims and comparisons alike. */
export interface RunVerdict {
  readonly summary: VerdictSummary;
  readonly scenarios: readonly ScenarioVerdict[];
}

/** The counts over a run's scenarios. */
export function summarize(scenarios: readonly ScenarioVerdict[]): VerdictSummary {
  const claims = scenarios.flatMap((scenario) => scenario.claims);
  const steps = scenarios.flatMap((scenario) => scenario.steps);
  const count = (verdict: Verdict): number =>
    claims.filter((claim) => claim.verdict === verdict).length;
  const compared = (sameness: Sameness): number =>
    scenarios.filter((scenario) => scenario.sameness === sameness).length;
  return {
    holds: count('holds'),
    fails: count('fails'),
    inconclusive: count('inconclusive') + compared('inconclusive'),
    same: compared('same'),
    different: compared('different'),
    illegal: steps.filter((step) => !isOwn(step)).length,
    own: steps.filter(isOwn).length,
  };
}

/** The exit code of a run: 0 all hold and same, 1 something fails, differs or is not legal, 2 nothing failed but something was inconclusive. */
export function exitCodeOf(scenarios: readonly ScenarioVerdict[]): 0 | 1 | 2 {
  const healed = scenarios.some((scenario) => scenario.comparison.healed.length > 0);
  const { fails, different, inconclusive, illegal } = summarize(scenarios);
  if (fails > 0 || different > 0 || illegal > 0 || healed) return 1;
  return inconclusive > 0 ? 2 : 0;
}
