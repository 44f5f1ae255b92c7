import { BROWSER_FOLDERS, DRY_ROOMS } from '../../tools/rooms.mjs';
import { SwarmtwinError } from '../model/errors.ts';
import { runJest, runTool } from './child.ts';
import { print, progress } from './say.ts';

export const CHECK_USAGE = `swarmtwin check [STEP …]: everything that needs no Docker

  Steps: types, dry, lint, format, doors, unused, unit. Without a name: all, in this order; all are run even if one fails.

  Exit codes: 0 every step passed, 1 one did not, 3 there is no such step.
`;

type Step = () => Promise<number>;

const STEPS: Readonly<Record<string, Step>> = {
  types: async () => {
    const codes = [await runTool('tsc', ['-p', '.'])];
    for (const folder of BROWSER_FOLDERS) codes.push(await runTool('tsc', ['-p', folder]));
    return Math.max(...codes);
  },
  // Without Node's types and the DOM's a dry room cannot even name a timer, a socket or the console.
  dry: async () => {
    const codes: number[] = [];
    for (const room of DRY_ROOMS)
      codes.push(await runTool('tsc', ['-p', `src/${room}`, '--noEmit']));
    return Math.max(...codes);
  },
  lint: () => runTool('eslint', ['--max-warnings=0', 'src', 'suites']),
  format: () =>
    runTool('prettier', [
      '--check',
      '--log-level=warn',
      'src',
      'suites',
      'tools',
      'bin',
      '*.js',
      '.*.mjs',
      '*.md',
      'docs',
      'fixtures',
    ]),
  doors: () =>
    runTool('depcruise', ['src', 'suites', 'tools', '--config', '.dependency-cruiser.mjs']),
  unused: () => runTool('knip', []),
  unit: () => runJest(['--selectProjects', 'unit', '--maxWorkers=100%']),
};

/** `npm run check`. Exit code 0 when every step passed, 1 otherwise, 3 for a step that is none. */
export async function check(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    print(CHECK_USAGE);
    return 0;
  }
  const names = args.length === 0 ? Object.keys(STEPS) : args;
  const unknown = names.filter((name) => !Object.hasOwn(STEPS, name));
  if (unknown.length > 0)
    throw new SwarmtwinError(
      'bad-usage',
      `there is no step ${unknown.join(', ')}`,
      `Steps are ${Object.keys(STEPS).join(', ')}.`,
    );
  const failed: string[] = [];
  for (const name of names) {
    const begun = Date.now();
    const code = (await STEPS[name]?.()) ?? 1;
    progress(
      `${name} ${code === 0 ? 'passed' : `FAILED (${code})`} after ${((Date.now() - begun) / 1000).toFixed(1)} s`,
    );
    if (code !== 0) failed.push(name);
  }
  if (failed.length > 0) progress(`failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}
