/** What is wrong with a template, in the words of Go's text/template; the part of the language that Swarm's templates use. */

type Shape =
  | { readonly kind: 'text' }
  | { readonly kind: 'map' }
  | {
      readonly kind: 'struct';
      readonly go: string;
      readonly fields: Readonly<Record<string, Shape>>;
    };

const TEXT: Shape = { kind: 'text' };
const PLATFORM: Shape = {
  kind: 'struct',
  go: 'template.Platform',
  fields: { Architecture: TEXT, OS: TEXT },
};

/** SwarmKit's template.Context. */
const CONTEXT: Shape = {
  kind: 'struct',
  go: '*template.Context',
  fields: {
    Service: {
      kind: 'struct',
      go: 'struct { ID string; Name string; Labels map[string]string }',
      fields: { ID: TEXT, Name: TEXT, Labels: { kind: 'map' } },
    },
    Node: {
      kind: 'struct',
      go: 'struct { ID string; Hostname string; Platform template.Platform }',
      fields: { ID: TEXT, Hostname: TEXT, Platform: PLATFORM },
    },
    Task: {
      kind: 'struct',
      go: 'struct { ID string; Name string; Slot string }',
      fields: { ID: TEXT, Name: TEXT, Slot: TEXT },
    },
  },
};

const FUNCTIONS = new Set(
  'and call eq ge gt html index js le len lt ne not or print printf println slice urlquery join true false nil'.split(
    ' ',
  ),
);
const OPENING = new Set(['if', 'range', 'with']);
const WORDS = /"(?:[^"\\]|\\.)*"|`[^`]*`|(?:\.[A-Za-z_]\w*)+|\$\w*|[A-Za-z_]\w*|:=|[^\s]/g;

interface Action {
  readonly body: string;
  /** Where the body begins in the text. */
  readonly at: number;
}

/** Null when the template is fine; else `template: expansion:1: …`. Syntax is looked at first, then what would fail when it runs. */
export function templateProblem(text: string): string | null {
  const actions: Action[] = [];
  const scanned = scan(text, actions);
  if (scanned !== null) return scanned;
  const parsed = parse(text, actions);
  return parsed ?? execute(text, actions);
}

/** Finds the actions; quotes may hold closing braces, comments are passed over. */
function scan(text: string, actions: Action[]): string | null {
  let at = text.indexOf('{{');
  while (at >= 0) {
    const comment = /^\{\{(?:-\s)?\/\*[\s\S]*?\*\/(?:\s-)?\}\}/.exec(text.slice(at));
    const action = /^\{\{(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!\}\})[\s\S])*?\}\}/.exec(text.slice(at));
    const found = comment ?? action;
    if (found === null) return problem(text, at, 'unclosed action');
    if (comment === null) {
      const begin = /^\{\{(?:-\s+|\s*)/.exec(found[0])?.[0].length ?? 2;
      const body = found[0]
        .slice(begin, -2)
        .replace(/(\s-)?$/, '')
        .trimEnd();
      actions.push({ body, at: at + begin });
    }
    at = text.indexOf('{{', at + found[0].length);
  }
  return null;
}

function parse(text: string, actions: readonly Action[]): string | null {
  const variables = new Set(['$']);
  let depth = 0;
  for (const { body, at } of actions) {
    const [first, ...rest] = wordsOf(body);
    if (first === undefined) return problem(text, at, 'missing value for command');
    if (first === 'end' || first === 'else') {
      if (depth === 0) return problem(text, at, `unexpected {{${first}}}`);
      if (first === 'end') depth -= 1;
      continue;
    }
    const isOpening = OPENING.has(first);
    if (isOpening && rest.length === 0) return problem(text, at, `missing value for ${first}`);
    if (isOpening) depth += 1;
    const wrong = unknownName(isOpening ? rest : [first, ...rest], variables);
    if (wrong !== null) return problem(text, at, wrong);
  }
  return depth > 0 ? problem(text, text.length, 'unexpected EOF') : null;
}

/** Functions must exist, variables must have been declared. */
function unknownName(words: readonly string[], variables: Set<string>): string | null {
  for (const [index, word] of words.entries()) {
    if (word.startsWith('$')) {
      if (words[index + 1] === ':=' || words[index + 1] === ',') variables.add(word);
      else if (!variables.has(word)) return `undefined variable "${word}"`;
    } else if (/^[A-Za-z_]/.test(word) && !FUNCTIONS.has(word))
      return `function "${word}" not defined`;
  }
  return null;
}

/** Follows every chain of fields; inside of range and with, the dot is something else and is left alone. */
function execute(text: string, actions: readonly Action[]): string | null {
  const open: string[] = [];
  for (const { body, at } of actions) {
    const keyword = /^\w+/.exec(body)?.[0] ?? '';
    if (keyword === 'end') open.pop();
    else if (open.length === 0) {
      for (const match of body.matchAll(WORDS)) {
        const wrong = match[0].startsWith('.') ? follow(match[0]) : null;
        if (wrong !== null) return failure(text, at + match.index, match[0], wrong);
      }
    }
    if (OPENING.has(keyword)) open.push(keyword);
  }
  return null;
}

function follow(chain: string): string | null {
  let shape: Shape = CONTEXT;
  for (const name of chain.split('.').slice(1)) {
    if (name === '') return null;
    if (shape.kind === 'map') return `map has no entry for key "${name}"`;
    const next: Shape | undefined = shape.kind === 'text' ? undefined : shape.fields[name];
    if (next === undefined)
      return `can't evaluate field ${name} in type ${shape.kind === 'text' ? 'string' : shape.go}`;
    shape = next;
  }
  return null;
}

const wordsOf = (body: string): readonly string[] => body.match(WORDS) ?? [];

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const problem = (text: string, at: number, what: string): string =>
  `template: expansion:${lineOf(text, at)}: ${what}`;

/** Go gives a chain the column of its second link. */
function failure(text: string, at: number, chain: string, what: string): string {
  const second = chain.indexOf('.', 1);
  const column = at - (text.lastIndexOf('\n', at - 1) + 1) + Math.max(second, 0);
  return `template: expansion:${lineOf(text, at)}:${column}: executing "expansion" at <${chain}>: ${what}`;
}
