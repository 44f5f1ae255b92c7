/** A row for each claim: its sentence, and what it came to on each subject over all scenarios. */
import { FAMILY_TEXTS, claimText } from '../model/claim-texts.ts';
import type { Subject } from '../model/history.ts';
import { CLAIM_IDS, type ClaimId } from '../model/scenario.ts';
import type { RunReport } from '../model/timeline.ts';
import { anchorOf, nameOf, type ClaimVerdict, type ScenarioVerdict } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { subjectsIn } from './scenario-table.ts';
import { signOf, wordOf, worst } from './verdict-mark.ts';

interface Judged {
  readonly of: ScenarioVerdict;
  readonly claim: ClaimVerdict;
}

export function claimMatrix({ scenarios }: RunReport): string {
  const subjects = subjectsIn(scenarios);
  const judged = scenarios.flatMap(({ verdict: of }) =>
    of.claims.map((claim): Judged => ({ of, claim })),
  );
  const verdicts = scenarios.map(({ verdict }) => verdict);
  const families = Object.entries(FAMILY_TEXTS).map(([letter, text]) => {
    const rows = CLAIM_IDS.filter((id) => id.startsWith(letter)).flatMap((id) =>
      rowOf(
        id,
        subjects,
        judged.filter(({ claim }) => claim.id === id),
        verdicts,
      ),
    );
    return rows.length === 0
      ? ''
      : `<tbody><tr><th class="family" colspan="${subjects.length + 2}" scope="rowgroup">${escape(text)}</th></tr>${rows.join('')}</tbody>`;
  });
  if (families.every((family) => family === '')) return '';
  const heads = subjects.map((subject) => `<th scope="col">${subject}</th>`).join('');
  return `<section aria-labelledby="claims"><h2 id="claims">Claims</h2><div class="scroll"><table class="matrix"><thead><tr><th scope="col">id</th><th scope="col">claim</th>${heads}</tr></thead>${families.join('')}</table></div></section>`;
}

function rowOf(
  id: ClaimId,
  subjects: readonly Subject[],
  judged: readonly Judged[],
  verdicts: readonly ScenarioVerdict[],
): readonly string[] {
  const leftOut = verdicts.filter(({ named = [] }) => named.includes(id));
  if (judged.length + leftOut.length === 0) return [];
  const cells = subjects.map((subject) => {
    const own = judged.filter(({ claim }) => claim.subject === subject);
    return own.length > 0 ? cellOf(own) : emptyCell(id, subject, verdicts);
  });
  const all = [...judged.map((each) => each.of), ...leftOut];
  const of = [...new Set(all.map(nameOf))];
  const kinds = new Set([
    ...judged.map(({ claim }) => claim.verdict),
    ...leftOut.map(() => 'not-played'),
  ]);
  return [
    `<tr id="claim--${id}" data-of="${escape(of.join(' '))}" data-suite="${[...new Set(all.map(({ suite }) => suite))].join(' ')}" data-kinds="${[...kinds].join(' ')}"><th scope="row"><a href="#claim--${id}">${id}</a></th><td class="reason">${escape(claimText(id))}</td>${cells.join('')}</tr>`,
  ];
}

/** Of a claim that was judged on other subjects only: why it was not played on this one, where that is so. */
function emptyCell(id: ClaimId, subject: Subject, verdicts: readonly ScenarioVerdict[]): string {
  const reasons = verdicts.flatMap(({ named = [], notPlayed = {} }) =>
    named.includes(id) ? (notPlayed[subject] ?? []) : [],
  );
  return reasons.length === 0
    ? '<td class="dim">–</td>'
    : `<td class="dim" title="${escape(reasons.join('; '))}">not played</td>`;
}

/** How many scenarios it holds in, and a way to the worst of them. */
function cellOf(judged: readonly Judged[]): string {
  const verdict = worst(judged.map(({ claim }) => claim.verdict));
  const shown = judged.find(({ claim }) => claim.verdict === verdict);
  const held = judged.filter(({ claim }) => claim.verdict === 'holds').length;
  const to =
    shown === undefined ? '' : `#${anchorOf(shown.of)}--${shown.claim.id}--${shown.claim.subject}`;
  return `<td><a class="chip ${verdict}" href="${to}" title="${wordOf(verdict)}; holds in ${held} of ${judged.length} scenarios"><span class="sign">${signOf(verdict)}</span>${held}/${judged.length}</a></td>`;
}
