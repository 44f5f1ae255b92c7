/** The front door: which command was asked for, and the exit code. Each command has a file of its own in `command/`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './command/project.ts';
import { sayError } from './command/say.ts';

const USAGE = `swarmtwin: what will my Swarm do when it breaks?

  swarmtwin run [SUITE …]     play outages to real Swarm and to the twin, and judge them (npm start)
  swarmtwin predict WHAT      what a scenario or a stack of yours does in an outage, in a second, without Docker
  swarmtwin fidelity          how often such predictions are right: drawn outages, predicted and then played to real Swarm
  swarmtwin record [NAME …]   keep what real Swarm did in a run as the reference for simulations
  swarmtwin judge FOLDER      judge the histories of a run again
  swarmtwin lab COMMAND       a swarm of your own to break: up, status, kill, stop, pause, unplug, start, cut, slow, heal, down, gc
  swarmtwin explore           plays drawn outages to the simulator by the thousand, looking for a broken rule
  swarmtwin replay SEED|FILE  prints a run of the explorer as columns
  swarmtwin shrink SEED|FILE  takes away from a run that fails what it does not need to fail
  swarmtwin mutants [NAME …]  twins that are wrong on purpose, and what sees that they are (npm run mutants)
  swarmtwin bench [NAME …]    measure (npm run bench)
  swarmtwin test [PATTERN …]  the project's own tests (npm test)
  swarmtwin report            what the tests left, as an Allure report (npm run report)
  swarmtwin check             types, lint, format, doors, unused code, unit tests (npm run check)

Each command explains itself with --help. --version says which version this is.
`;

type Command = (args: readonly string[]) => Promise<number>;

// Loaded when asked for: a check needs no Docker client, a lab no compiler.
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./command/run.ts')).run,
  predict: async () => (await import('./command/predict.ts')).predict,
  fidelity: async () => (await import('./command/fidelity.ts')).fidelity,
  record: async () => (await import('./command/record.ts')).record,
  judge: async () => (await import('./command/judge.ts')).judge,
  test: async () => (await import('./command/test.ts')).test,
  lab: async () => (await import('./command/lab.ts')).lab,
  explore: async () => (await import('./command/explore.ts')).explore,
  replay: async () => (await import('./command/replay.ts')).replay,
  shrink: async () => (await import('./command/shrink.ts')).shrink,
  mutants: async () => (await import('./command/mutants.ts')).mutants,
  bench: async () => (await import('./command/bench.ts')).bench,
  report: async () => (await import('./command/report.ts')).report,
  check: async () => (await import('./command/check.ts')).check,
};

async function main(words: readonly string[]): Promise<number> {
  const [name = '--help', ...args] = words.map((word) => (word === '-h' ? '--help' : word));
  if (name === '--help' || name === 'help') {
    const [about] = args;
    if (about !== undefined) return await main([about, '--help']);
    process.stdout.write(USAGE);
    return 0;
  }
  if (name === '--version') {
    const manifest = readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8');
    process.stdout.write(`${(JSON.parse(manifest) as { readonly version: string }).version}\n`);
    return 0;
  }
  const load = COMMANDS[name];
  if (load === undefined) {
    process.stderr.write(`swarmtwin: there is no command ${name}\n\n${USAGE}`);
    return 3;
  }
  return (await load())(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exit(code);
  },
  (caught: unknown) => {
    process.exit(sayError(caught));
  },
);
