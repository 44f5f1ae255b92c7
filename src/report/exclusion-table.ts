import type { RunReport } from '../model/timeline.ts';
import { escape } from './escape.ts';

/** What every comparison leaves out, and why. */
export function exclusionTable({ exclusions }: RunReport): string {
  const rows = exclusions.map(
    ({ field, rule, reason }) =>
      `<tr><td><code>${escape(field)}</code></td><td>${escape(rule)}</td><td>${escape(reason)}</td></tr>`,
  );
  return `<section aria-labelledby="left-out"><h2 id="left-out">What the comparison leaves out: ${exclusions.length} rules</h2><div class="scroll"><table class="wide"><thead><tr><th scope="col">field</th><th scope="col">rule</th><th scope="col">why</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}
