/** What changed between the engines of a run: read from its histories, two at a time. */
import { changesBetween, type EngineSide } from '../checker/engine-changes.ts';
import { timesBetween } from '../checker/engine-times.ts';
import { ENGINE_LINES } from '../model/engines.ts';
import type { EngineMatrix, ScenarioVerdict } from '../model/verdict.ts';
import { listHistories, readStored } from './run-folder.ts';

/** Null where the run has a single engine. */
export function engineMatrix(
  folder: string,
  verdicts: readonly ScenarioVerdict[],
): EngineMatrix | null {
  const lines = ENGINE_LINES.filter((line) => verdicts.some((verdict) => verdict.line === line));
  if (lines.length < 2) return null;
  const groups = [...Map.groupBy(verdicts, ({ suite, scenario }) => `${suite}/${scenario}`)];
  const compared = groups
    .map(([name, of]) => realSides(folder, name, of))
    .flatMap((sides) =>
      sides.slice(1).map((after, at) => changesBetween(sides[at] ?? after, after)),
    );
  const times = groups.flatMap(([, of]) => {
    const sides = lines.flatMap((line) => {
      const verdict = of.find((each) => each.line === line);
      return verdict === undefined ? [] : [{ line, verdict }];
    });
    return sides.slice(1).flatMap((after, at) => timesBetween(sides[at] ?? after, after));
  });
  return {
    lines,
    compared: compared.filter(({ unclear }) => unclear === '').length,
    changes: compared.flatMap(({ changes }) => changes),
    unclear: compared.flatMap(({ unclear }) => (unclear === '' ? [] : [unclear])),
    ...(times.length === 0 ? {} : { times }),
  };
}

/** Its plays on each engine, the oldest engine first. */
function realSides(
  folder: string,
  name: string,
  verdicts: readonly ScenarioVerdict[],
): readonly EngineSide[] {
  const files = listHistories(folder).filter(({ scenario }) => scenario === name);
  return ENGINE_LINES.flatMap((line) => {
    const verdict = verdicts.find((each) => each.line === line);
    const of = files.filter((each) => each.line === line && each.subject === 'swarm');
    if (verdict === undefined || of.length === 0) return [];
    return [{ line, verdict, plays: of.map((file) => () => readStored(folder, file).records) }];
  });
}
