/** A section for each scenario: how to play it again, its claims, the comparison, faults, timelines, times. */
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import {
  STEP_RULES,
  anchorOf,
  isOwn,
  nameOf,
  notPlayedOn,
  type ScenarioVerdict,
} from '../model/verdict.ts';
import { claimCards, evidenceList } from './claim-cards.ts';
import { differenceViewer } from './difference-viewer.ts';
import { escape } from './escape.ts';
import { faultTables } from './fault-table.ts';
import { filterData } from './filter-data.ts';
import { playsSection } from './plays.ts';
import { commandOf } from './reproduce.ts';
import { scriptJson, timelineData } from './timeline-data.ts';
import { timesSection } from './timing-plot.ts';
import { mark, signOf, worst } from './verdict-mark.ts';

export const scenarioSections = (report: RunReport): string =>
  `<section aria-labelledby="each"><h2 id="each">Scenario by scenario</h2>${report.scenarios
    .map((each) => sectionOf(each, report))
    .join('\n')}</section>`;

const verdictsOf = (verdict: ScenarioVerdict): readonly string[] => [
  ...verdict.claims.map((claim) => claim.verdict),
  verdict.sameness,
  ...(verdict.steps.some((step) => !isOwn(step)) ? ['fails'] : []),
];

/** Of such a scenario nothing needs a look. */
const CALM: ReadonlySet<string> = new Set(['holds', 'known', 'not-compared']);

function sectionOf(each: ReportedScenario, report: RunReport): string {
  const { verdict, seed } = each;
  const whole = worst(verdictsOf(verdict));
  const trouble = !CALM.has(whole) || verdict.steps.length > 0;
  const id = anchorOf(verdict);
  return `<details class="scenario" id="${id}" ${filterData(each, report)}${trouble ? ' open' : ''}><summary><span class="${whole}"><span class="sign" aria-hidden="true">${signOf(whole)}</span></span> ${escape(nameOf(verdict))} <span class="dim">${mark(verdict.sameness)}</span></summary>
<p>${escape(verdict.title)}. <span class="dim">Engine ${escape(verdict.engine)}, seed ${escape(seed)}, ${verdict.seconds.toFixed(0)} s.</span></p>
<p class="again">Play it again: <code class="command">${escape(commandOf(verdict))}</code></p>
${notPlayedOn(verdict)
  .map(([subject, reason]) => `<p>Not played on ${subject}: ${escape(reason)}</p>`)
  .join('')}
${claimCards(each)}
${stepTable(each)}
${differenceViewer(each)}
${timelineFrame(each, id)}
${faultTables(each)}
${timesSection(verdict)}
${playsSection(verdict)}
</details>`;
}

function stepTable({ verdict, evidence }: ReportedScenario): string {
  if (verdict.steps.length === 0) return '';
  const rows = verdict.steps.map(
    (step) =>
      `<tr><td>${escape(STEP_RULES[step.rule])}</td><td>${step.subject}</td><td>${isOwn(step) ? mark('inconclusive', "Swarm's own") : mark('fails')}</td><td class="reason">${escape(step.text)}${evidenceList(step.evidence, evidence[step.subject] ?? [])}</td></tr>`,
  );
  return `<h3>Illegal steps</h3><div class="scroll"><table class="wide"><thead><tr><th scope="col">rule</th><th scope="col">subject</th><th scope="col">verdict</th><th scope="col">what was seen</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const KEY = (
  [
    ['running', 'running, ready, leads'],
    ['waiting', 'waits in Ready; node unknown'],
    ['calm', 'on its way'],
    ['leaving', 'to be shut down, still there'],
    ['ended', 'ended'],
    ['failed', 'failed; node down; no leader'],
    ['fault', 'fault in force; the node that it is on has a bar above'],
    ['asked', 'a client asks for a change'],
  ] as const
)
  .map(([tone, text]) => `<li><i class="tone ${tone}"></i>${text}</li>`)
  .join('');

/** The script draws into it when the scenario is opened. */
function timelineFrame({ timelines }: ReportedScenario, id: string): string {
  if (timelines.length === 0) return '';
  return `<h3 id="${id}--timeline">Timelines <a class="anchor" href="#${id}--timeline" aria-label="link to these timelines">#</a></h3>
<p class="dim">In seconds from the first fault. Under each row's name one line for each subject.</p><ul class="key">${KEY}</ul>
<div class="timeline"></div><script type="application/json">${scriptJson(timelineData(timelines))}</script>`;
}
