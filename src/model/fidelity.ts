/** How often a prediction was right: what `swarmtwin fidelity` says of the simulator. */
export const ASPECTS = ['end', 'placement', 'order', 'answers', 'times'] as const;
export type Aspect = (typeof ASPECTS)[number];

export const ASPECT_TEXTS: Readonly<Record<Aspect, string>> = {
  end: 'end state: nodes, leader, services, containers',
  placement: 'placement of running tasks, nodes with the same fate taken for each other',
  order: 'order of states: of every task, of updates and nodes, and what managers answered',
  answers: 'how each operation was answered',
  times: 'times: every phase in the range that real Swarm shows, and no wait late on one side only',
};

export const PHASES = [
  'fault to leader',
  'fault to down',
  'leader to down',
  'down to refill',
  'refill to running',
  'fault to error',
  'heal to leader',
  'heal to ready',
] as const;
export type PhaseName = (typeof PHASES)[number];

/** How long a phase lasted after a fault, and the range that follows from the cluster's settings. */
export interface Phase {
  readonly name: PhaseName;
  readonly fault: string;
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly formula: string;
}

/** The same phase on both sides; null where a side did not have it. */
export interface PhaseVerdict extends Omit<Phase, 'ms'> {
  readonly realMs: number | null;
  readonly simulatedMs: number | null;
}

export interface AspectVerdict {
  readonly aspect: Aspect;
  /** As the prediction had it, which is the simulator's first draw. */
  readonly right: boolean;
  /** As one of its draws had it: what is right only so was decided by chance. */
  readonly possible: boolean;
  /** Where the prediction and real Swarm part; '' when they do not. */
  readonly text: string;
}

export interface FidelityRun {
  readonly scenario: string;
  readonly title: string;
  readonly seed: string;
  /** Why nothing can be said of it; '' when it was judged. */
  readonly doubt: string;
  /** How the machine fell behind meanwhile; '' when it kept up. Such a run counts apart. */
  readonly strain: string;
  /** Empty where there is a doubt. */
  readonly aspects: readonly AspectVerdict[];
  /** The same with the last draw in the place of real Swarm: what chance alone leaves open. Empty for a single draw. */
  readonly itself: readonly AspectVerdict[];
  readonly phases: readonly PhaseVerdict[];
}

/** `right` of `of`, as a share with the ends of its 95 % interval (Wilson), 0 to 1. */
export interface Rate {
  readonly right: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

export interface AspectRate {
  readonly aspect: Aspect | 'all';
  readonly predicted: Rate;
  readonly possible: Rate;
  /** Of the simulator against itself, by the same measure: no prediction can be better. */
  readonly itself: { readonly predicted: Rate; readonly possible: Rate };
}

/** Milliseconds over all judged runs. */
export interface Spread {
  readonly leastMs: number;
  readonly medianMs: number;
  readonly mostMs: number;
}

export interface PhaseSummary {
  readonly name: PhaseName;
  readonly real: Spread | null;
  readonly simulated: Spread | null;
  /** How often real Swarm, and the prediction, were in the range of the settings. */
  readonly realInRange: Rate;
  readonly simulatedInRange: Rate;
  readonly formula: string;
}

export interface FidelityReport {
  readonly begun: string;
  readonly seconds: number;
  readonly seed: string;
  /** How often the simulator played each scenario. */
  readonly draws: number;
  readonly facts: Readonly<Record<string, string>>;
  /** Of the runs during which the machine kept up. */
  readonly rates: readonly AspectRate[];
  /** Of all runs that could be judged. */
  readonly ratesWithStrained: readonly AspectRate[];
  readonly phases: readonly PhaseSummary[];
  readonly runs: readonly FidelityRun[];
}
