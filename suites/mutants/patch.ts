import { isHunted, type Mutant, type Patch } from './mutant.ts';

const WATCH = 'src/simulator/invariants/watch.ts';
const HEARS = 'readonly #report = (invariant: string, text: string): void => {';

/** What of a mutant is put in: what is odd in its hunt (`given`), what is wrong (`bare`), or both, with a watch that is deaf to some rules. */
export type Part = 'all' | 'given' | 'bare';

export function patchesOf(mutant: Mutant, part: Part = 'all'): readonly Patch[] {
  const { given = [], deafTo = [] } = isHunted(mutant) ? mutant : {};
  if (part === 'given') return given;
  if (part === 'bare') return mutant.patches;
  const all = [...given, ...mutant.patches];
  if (deafTo.length === 0) return all;
  const replace = `${HEARS}\n    if (${JSON.stringify(deafTo)}.includes(invariant)) return;`;
  return [...all, { file: WATCH, find: HEARS, replace }];
}

/** The file's text with its patches. Throws where one does not find its place exactly once. */
export function patched(text: string, file: string, patches: readonly Patch[]): string {
  let result = text;
  for (const patch of patches) {
    if (patch.file !== file) continue;
    const places = text.split(patch.find).length - 1;
    if (places !== 1)
      throw new Error(`"${patch.find}" occurs ${places} times in ${file}, and not once`);
    result = result.replace(patch.find, () => patch.replace);
  }
  return result;
}
