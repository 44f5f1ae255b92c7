/** What a report shows behind a verdict: lines of the histories, where two of them part, and what proves that a fault was in force. */
import type { NodeName } from './fault.ts';
import type { Subject } from './history.ts';
import type { Difference } from './verdict.ts';

/** One record in words. `atMs` counts from the moment that the timelines are aligned on; `n` is its line in the history. */
export interface EvidenceLine {
  readonly n: number;
  readonly atMs: number;
  readonly text: string;
}

/** How much a difference weighs: what a client was told, how it ended, a text, the order of states, something that was late. */
export const WEIGHTS = {
  answer: 'a client was told something else',
  end: 'it ended otherwise',
  text: 'a text is another',
  order: 'states came in another order',
  time: 'something was late',
} as const;
export type Weight = keyof typeof WEIGHTS;

/** A line of one side's excerpt; `differs` where the other side has no such line. */
export interface ExcerptLine extends EvidenceLine {
  readonly differs: boolean;
}

/** A difference with what each history says on it. The heaviest come first. */
export interface DifferenceView extends Difference {
  readonly weight: Weight;
  readonly excerpts: readonly [readonly ExcerptLine[], readonly ExcerptLine[]];
  /** When the two part, `null` where no single record shows it. */
  readonly partsAtMs: number | null;
  /** Whether no other difference of the scenario is seen earlier. */
  readonly firstInTime: boolean;
}

/** What was seen of one directed link under a fault; '' where nothing was looked at. */
export interface LinkSeen {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly underFault: string;
  readonly bytes: string;
  readonly healed: string;
}

/** One fault on one subject, with its proofs as they were written. */
export interface FaultShown {
  readonly subject: Subject;
  readonly name: string;
  readonly kind: string;
  readonly beganMs: number;
  /** `null` when it was never healed. */
  readonly healedMs: number | null;
  readonly looked: string;
  readonly before: string;
  readonly after: string;
  readonly healProof: string;
  readonly nodes: readonly NodeName[];
  readonly links: readonly LinkSeen[];
}
