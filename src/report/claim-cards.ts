/** The claims of a scenario: the sentence, what it came to on each subject, why, and the records behind it. */
import { claimText } from '../model/claim-texts.ts';
import type { EvidenceLine } from '../model/evidence.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import { anchorOf, type ClaimVerdict } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { mark } from './verdict-mark.ts';

export function claimCards(each: ReportedScenario): string {
  const { claims } = each.verdict;
  const ids = [...new Set(claims.map(({ id }) => id))];
  const cards = ids.map((id) => {
    const sides = claims.filter((claim) => claim.id === id).map((claim) => sideOf(each, claim));
    return `<div class="claim"><p><b>${id}</b> ${escape(claimText(id))}</p><div class="sides">${sides.join('')}</div></div>`;
  });
  return `<h3>Claims</h3>${cards.join('')}`;
}

function sideOf({ verdict, evidence }: ReportedScenario, claim: ClaimVerdict): string {
  const id = `${anchorOf(verdict)}--${claim.id}--${claim.subject}`;
  // The page has the records of one play in words; those of another have other numbers.
  const isShown = claim.play === verdict.shownPlay;
  return `<div class="side" id="${id}"><b>${claim.subject}</b> ${mark(claim.verdict)} <a class="anchor" href="#${id}" aria-label="link to ${claim.id} on ${claim.subject}">#</a><br>${escape(claim.reason)}${evidenceList(claim.evidence, isShown ? (evidence[claim.subject] ?? []) : [])}</div>`;
}

/** The records by their numbers, in words where the page has them. */
export function evidenceList(numbers: readonly number[], lines: readonly EvidenceLine[]): string {
  if (numbers.length === 0) return '';
  const wanted = new Set(numbers);
  const shown = lines.filter(({ n }) => wanted.has(n));
  const rest = numbers.length - shown.length;
  const items = shown.map((line) => lineItem(line));
  const more =
    rest > 0
      ? `<li class="dim">and ${rest} more: records ${numbers.slice(shown.length, shown.length + 12).join(', ')}${rest > 12 ? ', …' : ''}</li>`
      : '';
  return `<details class="evidence"><summary>evidence: ${numbers.length} record${numbers.length === 1 ? '' : 's'}</summary><ol>${items.join('')}${more}</ol></details>`;
}

/** `12.3 s  what happened  #41`. */
export const lineItem = ({ n, atMs, text }: EvidenceLine, mine = ''): string =>
  `<li${mine === '' ? '' : ` class="${mine}"`}><span class="at">${(atMs / 1000).toFixed(1)} s</span> <span>${escape(text)}</span> <span class="n">record ${n}</span></li>`;
