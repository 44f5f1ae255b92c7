/**
 * Runs the project with one mutant in it: `SWARMTWIN_MUTANT=<name> node --import ./tools/mutant-loader.mjs <file> …`. The sources are
 * patched as they are loaded; they themselves know nothing of it. Worker threads inherit it. `given:<name>` is what is odd in the hunt for that
 * mutant, without the mutant; `bare:<name>` is the mutant without what is odd in its hunt.
 */
import { registerHooks } from 'node:module';
import { MUTANTS } from '../suites/mutants/catalogue.ts';
import { patched, patchesOf } from '../suites/mutants/patch.ts';

const [name, part = 'all'] = (process.env.SWARMTWIN_MUTANT ?? '').split(':').reverse();
const mutant = MUTANTS.find((each) => each.name === name);
if (mutant === undefined)
  throw new Error(
    `SWARMTWIN_MUTANT is "${name}"; the mutants are ${MUTANTS.map((each) => each.name).join(', ')}`,
  );

const root = new URL('../', import.meta.url).href;
const patches = patchesOf(mutant, part);
const unused = new Set(patches.map(({ file }) => file));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const file = url.startsWith(root) ? url.slice(root.length) : '';
    if (!patches.some((patch) => patch.file === file)) return loaded;
    unused.delete(file);
    const text =
      typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: patched(text, file, patches) };
  },
});

// A mutant that was never loaded has proved nothing.
process.on('exit', (code) => {
  if (code !== 0 || unused.size === 0) return;
  process.stderr.write(`mutant ${name}: ${[...unused].join(', ')} was never loaded\n`);
  process.exitCode = 3;
});
