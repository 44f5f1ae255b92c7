/** What changed since the run before, for every form of report. */
import type { Since, VerdictChange } from '../model/since.ts';
import type { RunReport } from '../model/timeline.ts';
import { escape } from './escape.ts';
import { mark } from './verdict-mark.ts';

const WORDS: Readonly<Record<string, string>> = {
  holds: 'holds',
  fails: 'fails',
  inconclusive: 'is inconclusive',
  unstable: 'is unstable',
  same: 'is the same',
  different: 'differs',
  known: 'is known to differ',
  'not-compared': 'is not compared',
};

/** `3 claims newly hold, 1 scenario newly differs`. */
export function sinceText({ changes, compared }: Since): string {
  if (changes.length === 0) return `nothing changed in ${compared} verdicts`;
  const groups = Map.groupBy(
    changes,
    ({ what, now }) => `${what === 'compared' ? 'scenario' : 'claim'} ${now}`,
  );
  return [...groups]
    .map(([key, of]) => {
      const [noun = '', now = ''] = key.split(' ');
      const [verb = '', ...rest] = (WORDS[now] ?? now).split(' ');
      const many = of.length > 1;
      const said = many ? pluralOf(verb) : verb;
      // 3 claims newly hold, 3 claims are newly inconclusive.
      const words = verb === 'is' ? [said, 'newly'] : ['newly', said];
      return [`${of.length} ${noun}${many ? 's' : ''}`, ...words, ...rest].join(' ');
    })
    .join(', ');
}

const pluralOf = (verb: string): string => (verb === 'is' ? 'are' : verb.replace(/s$/, ''));

/** `quorum-loss/leader-cut-off: Q8 on twin: holds, was inconclusive`. */
export const changeText = ({ scenario, what, before, now }: VerdictChange): string =>
  `${scenario}: ${what}: ${now}, ${before === '' ? 'new' : `was ${before}`}`;

/** For the page; '' where there is no run before. */
export function sinceSection({ since }: RunReport): string {
  if (since === undefined) return '';
  const items = since.changes.map(
    (change) =>
      `<li>${escape(`${change.scenario}: ${change.what}`)} ${mark(change.now)}, ${change.before === '' ? 'new' : `was ${change.before}`}</li>`,
  );
  const list =
    items.length === 0
      ? ''
      : `<details${items.length < 8 ? ' open' : ''}><summary>${items.length} in all</summary><ul>${items.join('')}</ul></details>`;
  return `<section class="since" aria-labelledby="since"><h2 id="since">Since ${escape(since.run)}</h2><p>${escape(sinceText(since))}</p>${list}</section>`;
}
