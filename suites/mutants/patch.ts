import type { Mutant, Patch } from './mutant.ts';

const WATCH = 'src/simulator/invariants/watch.ts';
const HEARS = 'readonly #report = (invariant: string, text: string): void => {';

/** All patches of a mutant, the one that makes the watch deaf to some rules included. */
export function patchesOf({ patches, given = [], deafTo = [] }: Mutant): readonly Patch[] {
  const all = [...given, ...patches];
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
