import { unparsable } from './tree.ts';

export interface Word {
  readonly kind:
    | 'space'
    | 'string'
    | 'number'
    | 'field'
    | 'dot'
    | 'variable'
    | 'name'
    | 'assign'
    | 'pipe'
    | 'open'
    | 'close'
    | 'comma'
    /** Whatever else can be printed; no template has use for it. */
    | 'other';
  readonly text: string;
  readonly at: number;
}

/** A piece of a template: text as it stands, or the words of an action. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly words: readonly Word[]; readonly at: number };

const COMMENT = /\{\{(-\s+)?\/\*[\s\S]*?\*\/(\s+-)?\}\}/y;
const WORDS: readonly (readonly [Word['kind'], RegExp])[] = [
  ['space', /\s+/y],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|'(?:[^'\\\n]|\\.)'/y],
  ['field', /\.[A-Za-z_]\w*/y],
  ['dot', /\./y],
  ['variable', /\$\w*/y],
  ['name', /[A-Za-z_]\w*/y],
  ['assign', /:?=/y],
  ['pipe', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['comma', /,/y],
];

/** Cuts a template into its pieces. `{{-` and `-}}` take the white space before and after with them, comments leave nothing. Throws TemplateProblem. */
export function scan(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trims = false;
  const addText = (to: number, trimsEnd: boolean): void => {
    let between = text.slice(from, to);
    if (trims) between = between.trimStart();
    if (trimsEnd) between = between.trimEnd();
    if (between !== '') pieces.push({ kind: 'text', text: between });
  };
  for (let begin = text.indexOf('{{'); begin >= 0; begin = text.indexOf('{{', from)) {
    COMMENT.lastIndex = begin;
    const comment = COMMENT.exec(text);
    const trimsBefore = /^\{\{-\s/.test(text.slice(begin, begin + 4));
    addText(begin, comment === null ? trimsBefore : comment[1] !== undefined);
    if (comment !== null) {
      from = COMMENT.lastIndex;
      trims = comment[2] !== undefined;
      continue;
    }
    if (/^\{\{(-\s+)?\/\*/.test(text.slice(begin, begin + 8)))
      throw unparsable(text, begin, 'unclosed comment');
    const action = scanAction(text, begin + (trimsBefore ? 3 : 2));
    pieces.push({ kind: 'action', words: action.words, at: begin });
    from = action.end;
    trims = action.trims;
  }
  addText(text.length, false);
  return pieces;
}

function scanAction(
  text: string,
  begin: number,
): { readonly words: readonly Word[]; readonly end: number; readonly trims: boolean } {
  const words: Word[] = [];
  let at = begin;
  for (;;) {
    const trims = /^\s-\}\}/.test(text.slice(at, at + 4));
    if (trims || text.startsWith('}}', at)) return { words, end: at + (trims ? 4 : 2), trims };
    const word = wordAt(text, at);
    // The white space before `-}}` belongs to it.
    const isLast = word.kind === 'space' && text.startsWith('-}}', at + word.text.length);
    at += isLast ? word.text.length - 1 : word.text.length;
    if (!isLast) words.push(word);
  }
}

function wordAt(text: string, at: number): Word {
  if (at >= text.length) throw unparsable(text, at, 'unclosed action');
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const after = text[at + found.length] ?? '';
    if (kind === 'number' && /[\w+-]/.test(after) && !found.startsWith("'"))
      throw unparsable(text, at, `bad number syntax: "${found}${after}"`);
    return { kind, text: found, at };
  }
  const character = text[at] ?? '';
  if (character === '"') throw unparsable(text, at, 'unterminated quoted string');
  if (character === '`') throw unparsable(text, at, 'unterminated raw quoted string');
  if (character === '-' || character === '+')
    throw unparsable(text, at, `illegal number syntax: "${character}"`);
  if (/^[!-~]$/.test(character)) return { kind: 'other', text: character, at };
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw unparsable(text, at, `unrecognized character in action: U+${code} '${character}'`);
}
