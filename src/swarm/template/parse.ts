import { GO_FUNCTIONS, type Functions } from './functions.ts';
import { scan, type Piece, type Word } from './scan.ts';
import {
  unparsable,
  type Branch,
  type Command,
  type Operand,
  type Origin,
  type Pipeline,
  type TemplateNode,
  type TemplateProblem,
} from './tree.ts';

/** Go gives up on templates that are nested deeper than anybody writes them. */
const MAX_DEPTH = 500;
const BRANCHES: ReadonlySet<string> = new Set(['if', 'range', 'with']);

/** Parses a template. Throws TemplateProblem with Go's text. */
export function parseTemplate(text: string, functions = GO_FUNCTIONS): readonly TemplateNode[] {
  return new Parser(text, scan(text), functions).parse();
}

type End = 'else' | 'end' | 'eof';

class Parser {
  readonly #text: string;
  readonly #pieces: readonly Piece[];
  readonly #functions: Functions;
  #next = 0;
  #variables: readonly string[] = ['$'];
  #depth = 0;

  constructor(text: string, pieces: readonly Piece[], functions: Functions) {
    this.#text = text;
    this.#pieces = pieces;
    this.#functions = functions;
  }

  parse(): readonly TemplateNode[] {
    return this.#list(false).nodes;
  }

  /** Nodes up to the `else` or `end` that belongs to the branch they are in. */
  #list(inBranch: boolean): { readonly nodes: TemplateNode[]; readonly end: End; rest: Words } {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const piece = this.#pieces[this.#next];
      this.#next += 1;
      if (piece === undefined) {
        if (inBranch) throw unparsable(this.#text, this.#text.length, 'unexpected EOF');
        return { nodes, end: 'eof', rest: new Words(this.#text, [], 0) };
      }
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const words = new Words(this.#text, piece.words, piece.at);
      const keyword = words.keyword();
      if (keyword === 'else' || keyword === 'end') {
        words.take();
        if (!inBranch) throw unparsable(this.#text, piece.at, `unexpected {{${keyword}}}`);
        return { nodes, end: keyword, rest: words };
      }
      nodes.push(this.#node(words, keyword));
    }
  }

  #node(words: Words, keyword: string): TemplateNode {
    if (!BRANCHES.has(keyword))
      return { kind: 'action', pipeline: this.#pipeline(words, 'command') };
    words.take();
    return this.#branch(words, keyword as Branch);
  }

  #branch(words: Words, kind: Branch): TemplateNode {
    const outer = this.#variables;
    this.#descend(words.at);
    const pipeline = this.#pipeline(words, kind);
    const then = this.#list(true);
    let otherwise: readonly TemplateNode[] = [];
    if (then.end === 'else') {
      const chained = then.rest.keyword();
      if (chained === kind && kind !== 'range') {
        then.rest.take();
        otherwise = [this.#branch(then.rest, kind)];
      } else {
        if (!then.rest.isDone)
          throw unparsable(this.#text, then.rest.at, `unexpected ${then.rest.shown} in input`);
        const list = this.#list(true);
        if (list.end === 'else')
          throw unparsable(this.#text, list.rest.at, 'expected end; found {{else}}');
        otherwise = list.nodes;
      }
    }
    this.#variables = outer;
    this.#depth -= 1;
    return { kind, pipeline, then: then.nodes, otherwise };
  }

  #pipeline(words: Words, context: string, inParentheses = false): Pipeline {
    const { variables, declares } = this.#declaration(words);
    if (variables.length > (context === 'range' ? 2 : 1))
      throw unparsable(this.#text, words.at, `too many declarations in ${context}`);
    const commands: Command[] = [];
    for (;;) {
      words.skipSpace();
      const word = words.peek();
      const isEnd = inParentheses ? word?.kind === 'close' : word === undefined;
      if (isEnd) break;
      if (word === undefined) throw unparsable(this.#text, words.at, 'unclosed left paren');
      const command = this.#command(words);
      if (command === null) throw this.#unexpected(words, context);
      commands.push(command);
      words.takeIf('pipe');
    }
    if (commands.length === 0)
      throw unparsable(this.#text, words.at, `missing value for ${context}`);
    if (inParentheses) words.take();
    // A variable is known from the end of its declaration on.
    if (declares) this.#variables = [...this.#variables, ...variables];
    return { variables, declares, commands };
  }

  #unexpected(words: Words, context: string): TemplateProblem {
    const what = words.peek()?.kind === 'close' ? 'right paren' : `${words.shown} in ${context}`;
    return unparsable(this.#text, words.at, `unexpected ${what}`);
  }

  #declaration(words: Words): Pick<Pipeline, 'variables' | 'declares'> {
    const ahead = words.fork();
    const variables: string[] = [];
    for (;;) {
      const word = ahead.takeIf('variable');
      if (!word) return { variables: [], declares: false };
      variables.push(word.text);
      if (!ahead.takeIf('comma')) break;
    }
    const assign = ahead.takeIf('assign');
    if (!assign) return { variables: [], declares: false };
    words.follow(ahead);
    const declares = assign.text === ':=';
    if (!declares) for (const name of variables) this.#known(name, assign.at);
    return { variables, declares };
  }

  /** Null where no command begins. */
  #command(words: Words): Command | null {
    const operands: Operand[] = [];
    const { at } = words;
    for (;;) {
      const { end } = words;
      words.skipSpace();
      const operand = this.#operand(words);
      if (operand !== null) operands.push(operand);
      else if (operands.length === 0) return null;
      else return { at, source: this.#text.slice(at, end), operands };
    }
  }

  #operand(words: Words): Operand | null {
    const word = words.peek();
    if (word === undefined) return null;
    switch (word.kind) {
      case 'string':
        words.take();
        return literal(word, unquoted(word.text));
      case 'number':
        words.take();
        return literal(word, numberOf(word.text));
      case 'name':
        words.take();
        return this.#named(word);
      case 'dot':
        words.take();
        return this.#chain(words, word, { kind: 'dot' });
      case 'field':
        return this.#chain(words, word, { kind: 'dot' });
      case 'variable':
        words.take();
        this.#known(word.text, word.at);
        return this.#chain(words, word, { kind: 'variable', name: word.text });
      case 'open': {
        words.take();
        this.#descend(word.at);
        const pipeline = this.#pipeline(words, 'parenthesized pipeline', true);
        this.#depth -= 1;
        return this.#chain(words, word, { kind: 'pipeline', pipeline });
      }
      case 'comma':
      case 'assign':
      case 'other':
      case 'space':
      case 'pipe':
      case 'close':
        return null;
    }
  }

  /** Go gives a chain the position of its second link, since that is where it becomes one. */
  #chain(words: Words, first: Word, from: Origin): Operand {
    const fields: string[] = [];
    let at = first.at;
    for (let field = words.takeIf('field'); field; field = words.takeIf('field')) {
      const isSecond = fields.length === (first.kind === 'field' ? 1 : 0);
      if (isSecond) at = field.at;
      fields.push(field.text.slice(1));
    }
    if (words.peek()?.kind === 'dot') throw this.#unexpected(words, 'operand');
    const isOfDot = first.kind === 'field' || first.kind === 'dot';
    const source =
      first.kind === 'open'
        ? this.#text.slice(first.at, words.end)
        : `${isOfDot ? '' : first.text}${fields.map((field) => `.${field}`).join('')}` || '.';
    return { at, source, value: { kind: 'chain', from, fields } };
  }

  #named(word: Word): Operand {
    if (word.text === 'true' || word.text === 'false') return literal(word, word.text === 'true');
    if (word.text === 'nil') return literal(word, null);
    if (!this.#functions.has(word.text))
      throw unparsable(this.#text, word.at, `function "${word.text}" not defined`);
    return { at: word.at, source: word.text, value: { kind: 'function', name: word.text } };
  }

  #descend(at: number): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw unparsable(this.#text, at, 'max expression depth exceeded');
  }

  #known(name: string, at: number): void {
    if (!this.#variables.includes(name))
      throw unparsable(this.#text, at, `undefined variable "${name}"`);
  }
}

/** The words of one action, taken one after another. */
class Words {
  readonly #text: string;
  readonly #words: readonly Word[];
  readonly #begin: number;
  #next = 0;

  constructor(text: string, words: readonly Word[], begin: number) {
    this.#text = text;
    this.#words = words;
    this.#begin = begin;
  }

  /** Where the next word is; the beginning of the action when there is none. */
  get at(): number {
    return this.#words[this.#next]?.at ?? this.#begin;
  }

  /** Where the word before ends. */
  get end(): number {
    const before = this.#words[this.#next - 1];
    return before === undefined ? this.#begin : before.at + before.text.length;
  }

  get isDone(): boolean {
    this.skipSpace();
    return this.#next >= this.#words.length;
  }

  /** The next word as Go shows it. */
  get shown(): string {
    const text = this.#words[this.#next]?.text ?? '';
    return /^[A-Za-z_.$]/.test(text) ? `<${text}>` : `"${text}"`;
  }

  peek(): Word | undefined {
    return this.#words[this.#next];
  }

  take(): void {
    this.#next += 1;
  }

  /** Takes the next word if it is of that kind, white space before it aside unless a field is asked for. */
  takeIf(kind: Word['kind']): Word | null {
    if (kind !== 'field') this.skipSpace();
    const word = this.#words[this.#next];
    if (word?.kind !== kind) return null;
    this.#next += 1;
    return word;
  }

  skipSpace(): void {
    while (this.#words[this.#next]?.kind === 'space') this.#next += 1;
  }

  /** The name that the action begins with, `''` if it begins otherwise. */
  keyword(): string {
    this.skipSpace();
    const word = this.#words[this.#next];
    return word?.kind === 'name' ? word.text : '';
  }

  fork(): Words {
    const copy = new Words(this.#text, this.#words, this.#begin);
    copy.#next = this.#next;
    return copy;
  }

  follow(other: Words): void {
    this.#next = other.#next;
  }
}

const literal = (word: Word, value: string | number | boolean | null): Operand => ({
  at: word.at,
  source: word.text,
  value: { kind: 'literal', value },
});

const ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\x07'],
  ['b', '\b'],
]);

const numberOf = (text: string): number =>
  text.startsWith("'") ? unquoted(text).charCodeAt(0) : Number(text);

/** Go's quoted and raw strings. */
function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g,
    (_all: string, byte?: string, unit?: string, character?: string) => {
      const code = byte ?? unit;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return ESCAPES.get(character ?? '') ?? character ?? '';
    },
  );
}
