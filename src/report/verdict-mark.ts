/** A verdict as a mark that needs no colour to be read. */
import { escape } from './escape.ts';

const SIGNS: Readonly<Record<string, string>> = {
  holds: '✓',
  fails: '✗',
  inconclusive: '?',
  unstable: '~',
  same: '=',
  different: '≠',
  known: '≈',
  'not-compared': '–',
  'not-played': '–',
};

const WORDS: Readonly<Record<string, string>> = {
  known: 'known difference',
  'not-compared': 'not compared',
};

/** A verdict as people say it. */
export const wordOf = (verdict: string): string => WORDS[verdict] ?? verdict;

export const signOf = (verdict: string): string => SIGNS[verdict] ?? '';

/** The sign and the word. */
export const mark = (verdict: string, word = wordOf(verdict)): string =>
  `<span class="${verdict}"><span class="sign" aria-hidden="true">${signOf(verdict)}</span> ${escape(word)}</span>`;

/** The worst of several verdicts. */
export const worst = (verdicts: readonly string[]): string =>
  ORDER.find((each) => verdicts.includes(each)) ?? 'inconclusive';

const ORDER = [
  ...['fails', 'different', 'unstable', 'inconclusive', 'known', 'holds', 'same', 'not-compared'],
];
