/** What differs between the reference and another subject: the heaviest first, each with both excerpts side by side. */
import type { DifferenceView, ExcerptLine } from '../model/evidence.ts';
import { WEIGHTS } from '../model/evidence.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import { anchorOf, type Difference } from '../model/verdict.ts';
import { lineItem } from './claim-cards.ts';
import { escape, secondsText } from './escape.ts';
import { pinText } from './pin-text.ts';
import { mark } from './verdict-mark.ts';

export function differenceViewer(each: ReportedScenario): string {
  const { verdict } = each;
  const { comparison } = verdict;
  const id = `${anchorOf(verdict)}--compared`;
  const open = comparison.differences.filter(({ known }) => known === undefined).length;
  const allowed = comparison.differences.length - open;
  const counted = `${open} difference${open === 1 ? '' : 's'}${allowed > 0 ? `, and ${allowed} allowed` : ''}`;
  const pins = (verdict.pins ?? []).map((pin) => `<p>${escape(pinText(pin))}</p>`);
  const gone = comparison.healed.map(
    (entry) => `<p class="different">known divergence that was not seen: ${escape(entry)}</p>`,
  );
  const reason = open > 0 ? '' : `<p>${escape(comparison.reason)}</p>`;
  return `<h3 id="${id}">Compared: ${mark(verdict.sameness)} <span class="dim">${counted}</span> <a class="anchor" href="#${id}" aria-label="link to this comparison">#</a></h3>${reason}${firstCause(each.differences)}${viewsOf(each).join('')}${pins.join('')}${gone.join('')}`;
}

/** Which came first says more on the cause than which weighs most. */
function firstCause(views: readonly DifferenceView[]): string {
  const first = views.find(({ firstInTime, known }) => firstInTime && known === undefined);
  if (first === undefined) return '';
  return `<p class="cause">First in time, at ${secondsText(first.partsAtMs)}: <code>${escape(first.field)}</code> (${WEIGHTS[first.weight]}). What parts later may follow from it.</p>`;
}

/** With excerpts where the page has the histories, else the two texts alone. */
function viewsOf({ verdict, differences }: ReportedScenario): readonly string[] {
  const [reference = 'swarm'] = verdict.claims.map(({ subject }) => subject);
  const names = (difference: Difference): readonly [string, string] => [
    reference,
    difference.subject ?? 'twin',
  ];
  const shown: readonly (Difference | DifferenceView)[] =
    differences.length > 0 ? differences : verdict.comparison.differences;
  return shown.map((difference, at) =>
    viewOf(difference, names(difference), `${anchorOf(verdict)}--d${at + 1}`),
  );
}

function viewOf(
  difference: Difference | DifferenceView,
  names: readonly [string, string],
  id: string,
): string {
  const { field, left, right, known } = difference;
  const view = 'excerpts' in difference ? difference : undefined;
  const weight = view === undefined ? '' : ` · ${WEIGHTS[view.weight]}`;
  const at =
    view === undefined || view.partsAtMs === null ? '' : ` · at ${secondsText(view.partsAtMs)}`;
  const side = (name: string, text: string, lines: readonly ExcerptLine[]): string =>
    `<div class="side"><b>${escape(name)}</b><br><code>${escape(text)}</code>${excerpt(lines)}</div>`;
  return `<div class="difference" id="${id}"><p>${known === undefined ? mark('different') : '<span class="dim">allowed</span>'} <code>${escape(field)}</code><span class="dim">${weight}${at}</span> <a class="anchor" href="#${id}" aria-label="link to this difference">#</a>${known === undefined ? '' : `<br><span class="dim">${escape(known)}</span>`}</p><div class="sides">${side(names[0], left, view?.excerpts[0] ?? [])}${side(names[1], right, view?.excerpts[1] ?? [])}</div></div>`;
}

const excerpt = (lines: readonly ExcerptLine[]): string =>
  lines.length === 0
    ? ''
    : `<ol class="excerpt">${lines.map((line) => lineItem(line, line.differs ? 'differs' : '')).join('')}</ol>`;
