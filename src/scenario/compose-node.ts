/** A place in a compose file: its value read as this or that, with every mistake on record under its line. */
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** What reading a file collects. */
export interface ComposeLog {
  /** Notes a mistake at a place of the text. */
  mistake(offset: number, text: string): void;
  /** Says once what is read but not simulated. */
  note(text: string): void;
  /** Puts variables in. */
  expand(text: string): string;
  /** What an alias (`*name`) stands for; anything else is itself. */
  resolve(node: Node | null): Node | null;
}

/** YAML 1.1's merge key, which compose files use to share settings. */
const isMerge = (key: Node): boolean =>
  isScalar(key) && ['<<', 'Symbol(<<)'].includes(String(key.value));

export class ComposeNode {
  readonly #node: Node | null;
  readonly #offset: number;
  readonly log: ComposeLog;
  /** `services.web.deploy`. */
  readonly path: string;

  constructor(node: Node | null, path: string, offset: number, log: ComposeLog) {
    this.#node = log.resolve(node);
    this.#offset = node?.range?.[0] ?? offset;
    this.path = path;
    this.log = log;
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  get isEmpty(): boolean {
    return this.#node === null || (isScalar(this.#node) && this.#node.value === null);
  }

  wrong(expected: string): null {
    this.log.mistake(this.#offset, `${this.path}: ${expected}`);
    return null;
  }

  /** The members of a map, by name. Anything else is a mistake; nothing at all is an empty map. */
  members(): ReadonlyMap<string, ComposeNode> {
    if (this.isEmpty) return new Map();
    if (!isMap(this.#node)) {
      this.wrong('expected a map of names and values');
      return new Map();
    }
    const own = new Map<string, ComposeNode>();
    const merged = new Map<string, ComposeNode>();
    for (const { key, value } of this.#node.items as Pair<Node, Node | null>[]) {
      if (isMerge(key)) {
        for (const [name, found] of this.#merged(value))
          if (!merged.has(name)) merged.set(name, found);
        continue;
      }
      const name = isScalar(key) ? String(key.value) : '';
      const offset = key.range?.[0] ?? this.#offset;
      own.set(name, new ComposeNode(value, this.#pathOf(name), offset, this.log));
    }
    return new Map([...merged, ...own]);
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** The members of what `<<` brings in: a map, or several of which the first that has a name gives it. */
  #merged(value: Node | null): ReadonlyMap<string, ComposeNode> {
    const source = new ComposeNode(value, this.path, this.#offset, this.log);
    const parts = source.isList ? source.list().toReversed() : [source];
    return new Map(parts.flatMap((part) => [...part.#renamed(this.path).members()]));
  }

  /** The same place under the path of who took it over. */
  #renamed(path: string): ComposeNode {
    return new ComposeNode(this.#node, path, this.#offset, this.log);
  }

  list(): readonly ComposeNode[] {
    if (this.isEmpty) return [];
    if (!isSeq(this.#node)) {
      this.wrong('expected a list');
      return [];
    }
    return this.#node.items.map(
      (item, at) => new ComposeNode(item as Node, `${this.path}[${at}]`, this.#offset, this.log),
    );
  }

  /** A scalar as text, with its variables put in. */
  text(): string | null {
    if (!isScalar(this.#node)) return this.wrong('expected a single value');
    const { value } = this.#node;
    return value === null ? '' : this.log.expand(`${value as string | number | boolean}`);
  }

  /** A text in a small language; `expected` says which. */
  read<T>(parse: (text: string) => T | null, expected: string): T | null {
    const text = this.text();
    if (text === null) return null;
    return parse(text) ?? this.wrong(`'${text}' is not ${expected}`);
  }

  integer(): number | null {
    return this.read((text) => (/^\d+$/.test(text) ? Number(text) : null), 'a whole number');
  }

  number(): number | null {
    return this.read((text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : null), 'a number');
  }

  flag(): boolean | null {
    const parse = (text: string): boolean | null =>
      text === 'true' ? true : text === 'false' ? false : null;
    return this.read(parse, 'true or false');
  }

  oneOf<T extends string>(values: readonly T[]): T | null {
    const parse = (text: string): T | null => values.find((value) => value === text) ?? null;
    return this.read(parse, `one of ${values.join(', ')}`);
  }

  texts(): readonly string[] {
    return this.list().flatMap((item) => item.text() ?? []);
  }

  /** `KEY=value` from a list, or from a map. */
  pairs(): Readonly<Record<string, string>> {
    const entries: (readonly [string, string])[] = this.isList
      ? this.texts().map((text) => {
          const at = text.indexOf('=');
          return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
        })
      : [...this.members()].map(([name, value]) => [name, value.text() ?? '']);
    return Object.fromEntries(entries);
  }
}
