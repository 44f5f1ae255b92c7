/** What a run says otherwise than the run before it. */

export interface VerdictChange {
  /** `suite/scenario`, with its engine where a run has several. */
  readonly scenario: string;
  /** `Q8 on twin`, or `compared`. */
  readonly what: string;
  /** '' where the run before had none. */
  readonly before: string;
  readonly now: string;
}

export interface Since {
  /** The folder of the run before. */
  readonly run: string;
  readonly changes: readonly VerdictChange[];
  /** Verdicts that both runs have. */
  readonly compared: number;
}
