/** What the page's filters go by, as attributes of a row or a section. */
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import { nameOf, notPlayedOn } from '../model/verdict.ts';
import { escape } from './escape.ts';

/** Suite, the verdicts in it, and the words to be found; of the long ones only in the section itself, which has them anyway. */
export function filterData({ verdict }: ReportedScenario, report: RunReport): string {
  const kinds = new Set([
    ...verdict.claims.map((claim) => claim.verdict),
    verdict.sameness,
    ...(verdict.steps.length > 0 ? ['fails'] : []),
    ...(notPlayedOn(verdict).length > 0 ? ['not-played'] : []),
    ...(isChanged(nameOf(verdict), report) ? ['changed'] : []),
  ]);
  return `data-of="${escape(nameOf(verdict))}" data-suite="${verdict.suite}" data-kinds="${[...kinds].join(' ')}"`;
}

/** Whether the comparison with the run before names it. */
const isChanged = (name: string, { since }: RunReport): boolean =>
  (since?.changes ?? []).some((change) => change.scenario === name);
