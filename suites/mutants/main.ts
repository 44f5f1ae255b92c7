/** `npm run mutants`: hunts every mutant with the explorer, plays every scenario to it on the simulator, and says what killed it. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { sayError } from '../../src/command/say.ts';
import { wholeNumber } from '../../src/command/whole-number.ts';
import { MUTANTS } from './catalogue.ts';
import { inTurns } from './child.ts';
import { huntOn } from './hunt.ts';
import { HUNTS, type HuntName } from './hunts.ts';
import { play } from './judge.ts';
import { isHunted, type Mutant } from './mutant.ts';
import { excusedLines, gaps, lawLines, matrix, table } from './report.ts';
import { isKilled, STAGES, tryOn, type Trial } from './trial.ts';

const USAGE = `swarmtwin mutants [NAME …] [--drawn RUNS] [--threads N]

  Twins that are wrong on purpose. Each is hunted by the explorer and played the scenarios of the suites on the simulator, and what killed it is
  printed: the law in which run from which seed, and the claims. Without a name: all, and the twin as it is, which has to pass everything.

  --drawn RUNS   play each so many drawn outages too, and say in which plain exploration finds it without a directed hunt; 0 by default
  --threads N    as many as there are cores by default

  Exit code 1 when a mutant was not found as declared, when nothing kills it, when a law or a claim kills none, or when the twin as it is fails;
  3 when there is no such mutant.
`;

/** How many plans of every hunt the twin as it is has to pass. */
const CONTROL_RUNS = 20;

const print = (lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};
const progress = (line: string): void => {
  process.stderr.write(`mutants: ${line}\n`);
};

/** What is wrong with the twin as it is: a law that it breaks in a hunt, a claim that does not hold. */
async function control(threads: number): Promise<readonly string[]> {
  const plain = (Object.keys(HUNTS) as HuntName[]).map((name) => ({
    hunt: name,
    runs: CONTROL_RUNS,
  }));
  const odd = MUTANTS.filter(isHunted).filter(({ given }) => given !== undefined);
  const works = [
    ...plain.map((ground) => ({ twin: '', ground })),
    ...odd.map(({ name, hunt: where, within }) => ({
      ...{ twin: `given:${name}`, ground: { hunt: where, runs: within } },
    })),
  ];
  const hunts = works.map(({ twin, ground }) => async (): Promise<readonly string[]> => {
    const caught = await huntOn(twin, [ground]);
    return caught
      .filter(({ run }) => run > 0)
      .map(({ run, text }) => `the twin as it is fails ${ground.hunt}-${run} (${twin}): ${text}`);
  });
  const claims = async (): Promise<readonly string[]> =>
    (await play('', STAGES)).flatMap(({ scenario, claims: judged, steps }) => [
      ...judged
        .filter(({ verdict }) => verdict !== 'holds')
        .map(({ claim, reason }) => `the twin as it is fails ${claim} in ${scenario}: ${reason}`),
      ...steps.map(({ text }) => `the twin as it is walks wrongly in ${scenario}: ${text}`),
    ]);
  const results = await inTurns([claims, ...hunts], threads, (work) => work());
  return results.flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [String(result.reason)],
  );
}

async function tryAll(
  mutants: readonly Mutant[],
  { threads, drawnRuns }: { readonly threads: number; readonly drawnRuns: number },
): Promise<{ readonly trials: readonly Trial[]; readonly wrong: readonly string[] }> {
  let done = 0;
  const results = await inTurns(mutants, threads, async (mutant) => {
    const trial = await tryOn(mutant, drawnRuns);
    done += 1;
    const how = isKilled(trial) ? 'killed' : 'ALIVE';
    progress(`${done} of ${mutants.length}: ${mutant.name} ${how}`);
    return trial;
  });
  const trials = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const broken = results.flatMap((each) =>
    each.status === 'rejected' ? [String(each.reason)] : [],
  );
  return { trials, wrong: [...broken, ...trials.flatMap(({ complaints }) => complaints)] };
}

async function mutants(args: readonly string[]): Promise<number> {
  const { values, positionals: names } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      threads: { type: 'string' },
      drawn: { type: 'string', default: '0' },
    },
  });
  const unknown = names.filter((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (values.help || unknown.length > 0) {
    print([USAGE]);
    if (unknown.length === 0) return 0;
    progress(`there is no mutant ${unknown.join(', ')}`);
    return 3;
  }
  const threads = wholeNumber('--threads', values.threads, availableParallelism(), 1000);
  const drawnRuns = values.drawn === '0' ? 0 : wholeNumber('--drawn', values.drawn, 0, 1_000_000);
  const chosen = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const { trials, wrong } = await tryAll(chosen, { threads, drawnRuns });
  print(['', ...table(trials), '', ...matrix(trials)]);
  const faults = [...wrong];
  if (names.length === 0) {
    print(['', ...lawLines(trials), '', ...excusedLines()]);
    progress('the twin as it is …');
    faults.push(...gaps(trials), ...(await control(threads)));
  }
  print(['', ...faults.map((fault) => `NOT AS IT SHOULD BE: ${fault}`)]);
  const killed = trials.filter(isKilled).length;
  print([`${killed} of ${chosen.length} mutants killed, ${faults.length} faults`]);
  return faults.length === 0 && killed === chosen.length ? 0 : 1;
}

process.exitCode = await mutants(process.argv.slice(2)).catch(sayError);
