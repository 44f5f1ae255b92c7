import { runTool } from './child.ts';

/** `npm run mutants`. The mutants are no part of the product, so they are not imported: suites/mutants runs by itself, and its exit code is ours. */
export const mutants = (args: readonly string[]): Promise<number> =>
  runTool('node', ['--disable-warning=ExperimentalWarning', 'suites/mutants/main.ts', ...args]);
