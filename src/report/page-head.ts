/** The top of the page: the sum, what it ran on, what changed, and how to find something. */
import type { RunReport } from '../model/timeline.ts';
import { SUITES } from '../model/scenario.ts';
import { summarize } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { signOf } from './verdict-mark.ts';

export function pageHead(report: RunReport): string {
  const facts = Object.entries(report.facts).map(
    ([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`,
  );
  return `<h1>What will my Swarm do when it breaks?</h1>
${tiles(report)}
<dl class="facts"><div><dt>begun</dt><dd>${escape(report.begun)}</dd></div><div><dt>took</dt><dd>${report.seconds.toFixed(0)} s</dd></div>${facts.join('')}</dl>
${finder(report)}
<noscript><p class="inconclusive">Without JavaScript there are no timelines and no filters here; everything else can be read.</p></noscript>`;
}

function tiles({ scenarios }: RunReport): string {
  const sum = summarize(scenarios.map(({ verdict }) => verdict));
  const tile = (verdict: string, count: number, words: string): string =>
    `<li class="${count > 0 ? verdict : 'dim'}"><b><span class="sign" aria-hidden="true">${signOf(verdict)}</span> ${count}</b> ${words}</li>`;
  return `<ul class="tiles">${[
    tile('holds', sum.holds, 'hold'),
    tile('fails', sum.fails, 'fail'),
    tile('inconclusive', sum.inconclusive, 'inconclusive'),
    ...(sum.unstable > 0 ? [tile('unstable', sum.unstable, 'unstable')] : []),
    ...(sum.known > 0 ? [tile('known', sum.known, 'known to differ')] : []),
    ...(sum.notPlayed > 0 ? [tile('not-played', sum.notPlayed, 'not played')] : []),
    tile('same', sum.same, 'same'),
    tile('different', sum.different, 'different'),
    tile('fails', sum.illegal, 'illegal steps'),
    tile('inconclusive', sum.own, "illegal steps of Swarm's own"),
  ].join('')}</ul>`;
}

/** The script shows it, since without it nothing can be filtered. */
function finder({ scenarios }: RunReport): string {
  const suites = SUITES.filter((suite) => scenarios.some(({ verdict }) => verdict.suite === suite));
  const options = suites.map((suite) => `<option value="${suite}">${suite}</option>`);
  return `<form id="finder" role="search" hidden><label>Find <input id="find" type="search" placeholder="claim, text, node, service" autocomplete="off"></label>
<label>Suite <select id="suite"><option value="">all</option>${options.join('')}</select></label>
<label>Show <select id="show"><option value="">all</option><option value="trouble">what needs a look</option><option value="fails">fails, differs</option><option value="inconclusive">inconclusive</option><option value="known">known differences, not played</option><option value="changed">changed since the last run</option></select></label>
<button type="button" id="clear">Clear</button><output id="found" aria-live="polite"></output>
<details class="keys"><summary>Keys</summary><p><kbd>/</kbd> find · <kbd>j</kbd> <kbd>k</kbd> next and previous scenario · <kbd>o</kbd> open or close it · <kbd>Esc</kbd> clear. In a timeline: <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> walk from bar to bar, <kbd>+</kbd> <kbd>-</kbd> zoom.</p></details></form>`;
}
