/** `node suites/mutants/main.ts [NAME …]`: hunts every mutant, or those named, and prints in which run which rule saw it. Exit code 1 where one escapes. */
import { availableParallelism } from 'node:os';
import { MUTANTS } from './catalogue.ts';
import { complaint, hunt, inTurns } from './hunt.ts';

const names = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
if (chosen.length === 0)
  throw new Error(`the mutants are ${MUTANTS.map(({ name }) => name).join(', ')}`);

let escaped = 0;
await inTurns(chosen, Math.min(2, availableParallelism()), async (mutant) => {
  const caught = await hunt(mutant.name, mutant.hunt, mutant.within);
  const wrong = complaint(mutant, caught);
  if (wrong !== '') escaped += 1;
  const found = `run ${caught.run} of at most ${mutant.within}, ${caught.rule}`;
  process.stdout.write(
    `${mutant.name.padEnd(28)} ${wrong === '' ? found : `NOT AS DECLARED: ${wrong}`}\n`,
  );
}).then((results) => {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
});
process.stdout.write(`${chosen.length - escaped} of ${chosen.length} mutants caught as declared\n`);
process.exitCode = escaped === 0 ? 0 : 1;
