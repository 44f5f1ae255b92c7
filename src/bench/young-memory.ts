/**
 * Options of V8 for whoever plays many runs: the garbage of a run is collected a few times, instead of dozens of times while V8 still
 * gives it the little space that a short program needs. In MiB, for each thread.
 */
export const YOUNG_MEMORY = ['--max-semi-space-size=32', '--min-semi-space-size=32'] as const;
