/** The faults of a scenario with what proves them: link by link where they are on links. */
import type { FaultShown, LinkSeen } from '../model/evidence.ts';
import type { ReportedScenario } from '../model/timeline.ts';
import { anchorOf } from '../model/verdict.ts';
import { escape, secondsText } from './escape.ts';

export function faultTables({ verdict, faults }: ReportedScenario): string {
  if (faults.length === 0) return '';
  const id = `${anchorOf(verdict)}--faults`;
  const names = [...new Set(faults.map(({ name }) => name))];
  const groups = names.map((name) => {
    const sides = faults.filter((fault) => fault.name === name).map(sideOf);
    return `<div class="claim"><p><b>${escape(name)}</b></p><div class="sides">${sides.join('')}</div></div>`;
  });
  return `<h3 id="${id}">Faults and their proofs <a class="anchor" href="#${id}" aria-label="link to these faults">#</a></h3>${groups.join('')}`;
}

function sideOf(fault: FaultShown): string {
  const until = fault.healedMs === null ? '' : ` to ${secondsText(fault.healedMs)}`;
  const proof = [
    ['looked at', fault.looked],
    ['before', fault.before],
    ['under the fault', fault.after],
    ['after the heal', fault.healProof],
  ]
    .filter(([, text]) => text !== '')
    .map(([name = '', text = '']) => `<dt>${name}</dt><dd>${escape(text)}</dd>`);
  return `<div class="side"><b>${fault.subject}</b> ${escape(fault.kind)} <span class="dim">${secondsText(fault.beganMs)}${until}</span>${linkMatrix(fault)}<details class="evidence"${fault.links.length === 0 ? ' open' : ''}><summary>proof</summary><dl>${proof.join('')}</dl></details></div>`;
}

/** Senders down, hearers across: what came through each link. */
function linkMatrix({ links, nodes, name }: FaultShown): string {
  if (links.length === 0) return '';
  const heads = nodes.map((node) => `<th scope="col">${node}</th>`).join('');
  const rows = nodes.map((from) => {
    const cells = nodes.map((to) =>
      from === to
        ? '<td class="self"></td>'
        : cellOf(links.find((link) => link.from === from && link.to === to)),
    );
    return `<tr><th scope="row">${from}</th>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table class="links"><caption>${escape(name)}: from the node at the left to the node above</caption><thead><tr><td></td>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function cellOf(link: LinkSeen | undefined): string {
  if (link === undefined) return '<td class="open-link" title="no fault on this link">open</td>';
  const healed =
    link.healed === '' ? '' : `<br><span class="dim">healed: ${escape(short(link.healed))}</span>`;
  const bytes = link.bytes === '' ? '' : `<br>${escape(link.bytes)}`;
  return `<td class="cut-link"><b>${escape(short(link.underFault) || 'under fault')}</b>${bytes}${healed}</td>`;
}

const short = (text: string): string =>
  text.replace(/ DEADLINE after /, ' ').replace(' after ', ' ');
