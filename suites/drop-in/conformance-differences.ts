/** Every deliberate difference in docs/conformance.md, with its reason. */
import type { EngineLine } from '../../src/model/engines.ts';
import type { KnownDivergence } from '../../src/model/verdict.ts';
import type { Compared } from './compare.ts';

/** From the calls that are answered otherwise for a reason, and from what is known to differ in scenarios. */
export function differencesSection(
  answers: readonly { readonly engine: EngineLine; readonly compared: readonly Compared[] }[],
  known: readonly KnownDivergence[],
): readonly string[] {
  const calls = answers.flatMap(({ engine, compared }) =>
    compared
      .filter(({ verdict }) => verdict === 'explained')
      .map(({ title, reason }) => ({ engine, title, reason })),
  );
  return [
    '',
    '## What differs on purpose',
    '',
    'Of the calls below, those that are answered otherwise for a reason; of scenarios, what `suites/known-divergences.yaml` has',
    `(${known.length === 0 ? 'nothing now' : known.length}).`,
    '',
    '| what | engines | why |',
    '| --- | --- | --- |',
    ...[...Map.groupBy(calls, ({ title }) => title)].map(([title, each]) =>
      row(`the call “${title}”`, each.map(({ engine }) => engine).join(', '), each[0]?.reason),
    ),
    ...known.map(({ scenario, field, reason, engine }) =>
      row(`${scenario}: \`${field}\``, engine ?? 'all', reason),
    ),
  ];
}

const row = (...cells: readonly (string | undefined)[]): string =>
  `| ${cells.map((cell = '') => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
