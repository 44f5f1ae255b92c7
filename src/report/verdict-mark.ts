/** A verdict as a mark that needs no colour to be read. */
import { escape } from './escape.ts';

const SIGNS: Readonly<Record<string, string>> = {
  holds: '✓',
  fails: '✗',
  inconclusive: '?',
  unstable: '~',
  same: '=',
  different: '≠',
};

export const signOf = (verdict: string): string => SIGNS[verdict] ?? '';

/** The sign and the word. */
export const mark = (verdict: string, word = verdict): string =>
  `<span class="${verdict}"><span class="sign" aria-hidden="true">${signOf(verdict)}</span> ${escape(word)}</span>`;

/** The worst of several verdicts. */
export const worst = (verdicts: readonly string[]): string =>
  ['fails', 'different', 'unstable', 'inconclusive', 'holds', 'same'].find((each) =>
    verdicts.includes(each),
  ) ?? 'inconclusive';
