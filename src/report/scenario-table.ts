/** The verdict matrix: a row for each scenario, a column for each subject, a mark for each claim. */
import type { Subject } from '../model/history.ts';
import { SUBJECTS } from '../model/history.ts';
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import { anchorOf, nameOf, notPlayedOn, type ScenarioVerdict } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { filterData } from './filter-data.ts';
import { mark, signOf, wordOf } from './verdict-mark.ts';

/** The subjects that a run has claims on, in the usual order. */
export const subjectsIn = (scenarios: readonly ReportedScenario[]): readonly Subject[] =>
  [
    ...new Set(
      scenarios.flatMap(({ verdict }) => [
        ...verdict.claims.map(({ subject }) => subject),
        ...notPlayedOn(verdict).map(([subject]) => subject),
      ]),
    ),
  ].sort((a, b) => SUBJECTS.indexOf(a) - SUBJECTS.indexOf(b));

export function scenarioTable(report: RunReport): string {
  const { scenarios } = report;
  const subjects = subjectsIn(scenarios);
  const rows = scenarios.map((each) => {
    const { verdict } = each;
    const cells = subjects.map((subject) => `<td>${claimCell(verdict, subject)}</td>`);
    return `<tr ${filterData(each, report)}><th scope="row"><a href="#${anchorOf(verdict)}">${escape(nameOf(verdict))}</a></th>${cells.join('')}<td>${mark(verdict.sameness)}</td><td class="number">${verdict.seconds.toFixed(0)} s</td></tr>`;
  });
  const heads = subjects.map((subject) => `<th scope="col">${subject}</th>`).join('');
  return `<section aria-labelledby="scenarios"><h2 id="scenarios">Scenarios</h2><div class="scroll"><table class="matrix"><thead><tr><th scope="col">scenario</th>${heads}<th scope="col">compared</th><th scope="col">time</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function claimCell(verdict: ScenarioVerdict, subject: Subject): string {
  const standIn = verdict.collapsed?.[subject];
  if (standIn !== undefined)
    return `<span class="dim" title="all nodes are managers">as ${standIn}</span>`;
  const reason = verdict.notPlayed?.[subject];
  if (reason !== undefined) return `<span class="dim" title="${escape(reason)}">not played</span>`;
  return verdict.claims
    .filter((claim) => claim.subject === subject)
    .map(
      (claim) =>
        `<a class="chip ${claim.verdict}" href="#${anchorOf(verdict)}--${claim.id}--${subject}" title="${escape(`${wordOf(claim.verdict)}: ${claim.reason}`)}"><span class="sign">${signOf(claim.verdict)}</span>${claim.id}</a>`,
    )
    .join(' ');
}
