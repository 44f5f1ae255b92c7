/** One self-contained page. */
import type { Subject } from '../model/history.ts';
import { SUBJECTS } from '../model/history.ts';
import type { ReportedScenario, RunReport } from '../model/timeline.ts';
import type { ClaimVerdict, Exclusion, IllegalStep, Timing } from '../model/verdict.ts';
import { STEP_RULES, isOwn, summarize } from '../model/verdict.ts';
import { escape, secondsText } from './escape.ts';
import { pinText } from './pin-text.ts';
import { SCRIPT, STYLE } from './style.ts';
import { timelinesSvg } from './timeline-svg.ts';

export function renderHtml(report: RunReport): string {
  const body = [
    head(report),
    overview(report),
    ...report.scenarios.map(scenarioSection),
    exclusionTable(report.exclusions),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>swarmtwin ${escape(report.begun)}</title><style>${STYLE}</style></head>
<body>${body.join('\n')}<script>${SCRIPT}</script></body></html>
`;
}

function head(report: RunReport): string {
  const summary = summarize(report.scenarios.map(({ verdict }) => verdict));
  const facts = Object.entries(report.facts).map(([name, value]) => `${name} ${value}`);
  return `<h1>What will my Swarm do when it breaks?</h1>
<p><span class="holds">${summary.holds} hold</span>, <span class="${summary.fails > 0 ? 'fails' : 'dim'}">${summary.fails} fail</span>, <span class="${summary.inconclusive > 0 ? 'inconclusive' : 'dim'}">${summary.inconclusive} inconclusive</span>; scenarios: <span class="same">${summary.same} same</span>, <span class="${summary.different > 0 ? 'different' : 'dim'}">${summary.different} different</span>; steps of tasks: <span class="${summary.illegal > 0 ? 'fails' : 'dim'}">${summary.illegal} illegal</span>, <span class="${summary.own > 0 ? 'inconclusive' : 'dim'}">${summary.own} illegal of real Swarm's own</span></p>
<p class="dim">${escape([report.begun, `${report.seconds.toFixed(0)} s`, ...facts].join(' · '))}</p>`;
}

const idOf = ({ verdict }: ReportedScenario): string => `${verdict.suite}--${verdict.scenario}`;

function overview({ scenarios }: RunReport): string {
  const subjects = [
    ...new Set(scenarios.flatMap(({ verdict }) => verdict.claims.map(({ subject }) => subject))),
  ].sort((a, b) => SUBJECTS.indexOf(a) - SUBJECTS.indexOf(b));
  const rows = scenarios.map((each) => {
    const { verdict } = each;
    const cells = subjects.map((subject) => `<td>${claimCell(verdict, subject)}</td>`);
    return `<tr><td><a href="#${idOf(each)}">${escape(`${verdict.suite}/${verdict.scenario}`)}</a></td>${cells.join('')}<td class="${verdict.sameness}">${verdict.sameness}</td><td class="number">${verdict.seconds.toFixed(0)} s</td></tr>`;
  });
  const heads = subjects.map((subject) => `<th>${subject}</th>`).join('');
  return `<h2>Verdicts</h2><div class="scroll"><table><thead><tr><th>scenario</th>${heads}<th>compared</th><th>time</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function claimCell({ claims, collapsed }: ReportedScenario['verdict'], subject: Subject): string {
  const standIn = collapsed?.[subject];
  if (standIn !== undefined)
    return `<span class="dim" title="all nodes are managers">as ${standIn}</span>`;
  return claims
    .filter((claim) => claim.subject === subject)
    .map(
      (claim) =>
        `<span class="${claim.verdict}" title="${escape(`${claim.verdict}: ${claim.reason}`)}">${claim.id}</span>`,
    )
    .join(' ');
}

function scenarioSection(each: ReportedScenario): string {
  const { verdict, timelines, seed } = each;
  const trouble =
    verdict.sameness !== 'same' ||
    verdict.steps.length > 0 ||
    verdict.claims.some((claim) => claim.verdict !== 'holds');
  return `<details id="${idOf(each)}"${trouble ? ' open' : ''}><summary>${escape(`${verdict.suite}/${verdict.scenario}`)} <span class="${verdict.sameness}">${verdict.sameness}</span></summary>
<p>${escape(verdict.title)} <span class="dim">Engine ${escape(verdict.engine)}, seed ${escape(seed)}.</span></p>
${claimTable(verdict.claims)}
${stepTable(verdict.steps)}
${differenceList(each)}
<h3>Timelines</h3>${KEY}${timelinesSvg(timelines)}
${timingTable(verdict.timings)}
</details>`;
}

const KEY = `<p class="key dim">${(
  [
    ['running', 'running, ready'],
    ['waiting', 'waiting in Ready, node unknown'],
    ['calm', 'on its way'],
    ['leaving', 'to be shut down, not ended'],
    ['ended', 'ended'],
    ['failed', 'failed, node down'],
  ] as const
)
  .map(([tone, text]) => `<span><i style="background:var(--${tone})"></i>${text}</span>`)
  .join('')}</p>`;

function claimTable(claims: readonly ClaimVerdict[]): string {
  const rows = claims.map(
    (claim) =>
      `<tr><td>${claim.id}</td><td>${claim.subject}</td><td class="${claim.verdict}">${claim.verdict}</td><td class="reason">${escape(claim.reason)}${claim.evidence.length === 0 ? '' : ` <span class="dim">records ${claim.evidence.slice(0, 12).join(', ')}${claim.evidence.length > 12 ? ', …' : ''}</span>`}</td></tr>`,
  );
  return `<div class="scroll"><table><thead><tr><th>claim</th><th>subject</th><th>verdict</th><th>why</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function stepTable(steps: readonly IllegalStep[]): string {
  if (steps.length === 0) return '';
  const rows = steps.map(
    (step) =>
      `<tr><td>${escape(STEP_RULES[step.rule])}</td><td>${step.subject}</td><td class="${isOwn(step) ? 'inconclusive' : 'fails'}">${isOwn(step) ? "Swarm's own" : 'fails'}</td><td class="reason">${escape(step.text)} <span class="dim">records ${step.evidence.join(', ')}</span></td></tr>`,
  );
  return `<h3>Illegal steps of tasks</h3><div class="scroll"><table><thead><tr><th>rule</th><th>subject</th><th>verdict</th><th>what was seen</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function differenceList({ verdict }: ReportedScenario): string {
  const { differences, healed, reason } = verdict.comparison;
  const rows = differences.map(
    (difference) =>
      `<tr><td><code>${escape(difference.field)}</code>${difference.known === undefined ? '' : `<br><span class="dim">known: ${escape(difference.known)}</span>`}</td><td><code>${escape(difference.left)}</code></td><td>${difference.subject ?? 'twin'}</td><td><code>${escape(difference.right)}</code></td></tr>`,
  );
  const [reference = 'swarm'] = verdict.claims.map(({ subject }) => subject);
  const table =
    rows.length === 0
      ? `<p>${escape(reason)}</p>`
      : `<div class="scroll"><table><thead><tr><th>where (the first is the first difference)</th><th>${reference}</th><th>subject</th><th>differs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  const gone = healed.map(
    (entry) => `<p class="different">known divergence that was not seen: ${escape(entry)}</p>`,
  );
  const pins = (verdict.pins ?? []).map((pin) => `<p>${escape(pinText(pin))}</p>`);
  return `<h3>Comparison: <span class="${verdict.sameness}">${verdict.sameness}</span></h3>${table}${pins.join('')}${gone.join('')}`;
}

function timingTable(timings: readonly Timing[]): string {
  if (timings.length === 0) return '';
  const subjects = [...new Set(timings.map((timing) => timing.subject))];
  const keys = [...new Set(timings.map((timing) => `${timing.fault}\t${timing.name}`))];
  const rows = keys.map((key) => {
    const [fault = '', name = ''] = key.split('\t');
    const cells = subjects.map((subject) => {
      const found = timings.find(
        (timing) => timing.subject === subject && timing.fault === fault && timing.name === name,
      );
      return `<td class="number">${secondsText(found?.ms ?? null)}</td>`;
    });
    return `<tr><td>${escape(fault)}</td><td>${escape(name)}</td>${cells.join('')}</tr>`;
  });
  return `<h3>Times</h3><div class="scroll"><table><thead><tr><th>fault</th><th>time</th>${subjects.map((subject) => `<th>${subject}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function exclusionTable(exclusions: readonly Exclusion[]): string {
  const rows = exclusions.map(
    ({ field, rule, reason }) =>
      `<tr><td><code>${escape(field)}</code></td><td>${escape(rule)}</td><td>${escape(reason)}</td></tr>`,
  );
  return `<h2>What the comparison leaves out</h2><div class="scroll"><table><thead><tr><th>field</th><th>rule</th><th>why</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
