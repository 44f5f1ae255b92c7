/** Reads a YAML tree by a schema. Every mistake has a place and says what was expected. */
import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import { NODE_REF, NODE_REF_FORMS } from './resolve.ts';
import { WAIT } from './schema.ts';
import type { Field, Fields } from './schema.ts';

export interface Mistake {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What a file has declared so far, in the order of its lines. */
export interface Declared {
  readonly services: Set<string>;
  readonly faults: Set<string>;
  readonly names: Set<string>;
  nodes: readonly string[];
}

export class YamlReader {
  readonly mistakes: Mistake[] = [];
  readonly declared: Declared = {
    services: new Set(),
    faults: new Set(),
    names: new Set(),
    nodes: [],
  };
  readonly #lines = new LineCounter();
  readonly #root: Node | null;

  constructor(text: string) {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const error of document.errors) this.#at(error.pos[0], error.message);
    this.#root = document.contents;
  }

  /** The whole document as an object of these fields, in their order; mistakes are collected. */
  document(fields: Fields): Readonly<Record<string, unknown>> {
    if (isMap(this.#root)) return this.object(this.#root, fields);
    if (this.mistakes.length === 0)
      this.#at(0, `expected a scenario: a map with ${Object.keys(fields).join(', ')}`);
    return {};
  }

  /** Where the items of a list stand that is a member of the document. */
  placesOf(name: string): readonly Omit<Mistake, 'text'>[] {
    const list = isMap(this.#root) ? this.#root.get(name, true) : undefined;
    if (!isSeq(list)) return [];
    return list.items.map((item) => {
      const { line, col } = this.#lines.linePos((item as Node).range?.[0] ?? 0);
      return { line, column: col };
    });
  }

  object(map: YAMLMap, fields: Fields): Readonly<Record<string, unknown>> {
    const result: Record<string, unknown> = {};
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!(name in fields))
        this.#wrong(
          pair.key as Node,
          `unknown field '${name}', expected one of ${Object.keys(fields).join(', ')}`,
        );
    }
    for (const [name, field] of Object.entries(fields)) {
      const value = map.get(name, true) as Node | undefined;
      if (value !== undefined) result[name] = this.value(value, field);
      else if (field.optional !== true) this.#wrong(map, `'${name}' is missing`);
    }
    return result;
  }

  value(node: Node, field: Field): unknown {
    switch (field.of) {
      case 'list':
        if (isSeq(node)) return node.items.map((item) => this.value(item as Node, field.each));
        return this.#wrong(node, 'expected a list');
      case 'object':
        return isMap(node)
          ? this.object(node, field.fields)
          : this.#wrong(node, `expected a map with ${Object.keys(field.fields).join(', ')}`);
      case 'texts':
        return this.#texts(node);
      case 'variant':
        return this.#variant(node, field);
      default:
        return this.#scalar(node, field);
    }
  }

  #texts(node: Node): unknown {
    if (!isMap(node)) return this.#wrong(node, 'expected a map of names and texts');
    return Object.fromEntries(
      node.items.map(({ key, value }) => [
        isScalar(key) ? String(key.value) : '',
        isScalar(value)
          ? String(value.value)
          : this.#wrong((value ?? key) as Node, 'expected a text'),
      ]),
    );
  }

  #variant(node: Node, field: Extract<Field, { of: 'variant' }>): unknown {
    const kinds = Object.keys(field.variants);
    if (!isMap(node))
      return this.#wrong(node, `expected a ${field.called}: a map with '${field.by}'`);
    const chosen = node.get(field.by, true) as Node | undefined;
    if (chosen === undefined || !isScalar(chosen))
      return this.#wrong(node, `expected '${field.by}', one of ${kinds.join(', ')}`);
    const kind = String(chosen.value);
    const fields = field.variants[kind];
    if (fields === undefined)
      return this.#wrong(
        chosen,
        `unknown ${field.called} '${kind}', expected one of ${kinds.join(', ')}`,
      );
    if (field.by === 'do' && kind === 'wait') return this.#variant(node, WAIT);
    const by: Fields = { [field.by]: { of: 'text' } };
    return this.object(node, { ...by, ...fields });
  }

  #scalar(
    node: Node,
    field: Exclude<Field, { of: 'list' | 'object' | 'texts' | 'variant' }>,
  ): unknown {
    if (!isScalar(node)) return this.#wrong(node, 'expected a single value');
    const { value } = node;
    switch (field.of) {
      case 'flag':
        return typeof value === 'boolean' ? value : this.#wrong(node, 'expected true or false');
      case 'integer':
      case 'number':
        return this.#number(node, value, field);
      case 'one-of':
        return field.values.includes(String(value))
          ? String(value)
          : this.#wrong(
              node,
              `unknown ${field.called} '${String(value)}', expected one of ${field.values.join(', ')}`,
            );
      case 'text':
        return typeof value === 'string' || typeof value === 'number'
          ? String(value)
          : this.#wrong(node, 'expected a text');
      default:
        return this.#name(node, String(value), field.of);
    }
  }

  #number(
    node: Node,
    value: unknown,
    { of, min, max = Infinity }: Extract<Field, { of: 'integer' | 'number' }>,
  ): unknown {
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (fits && (of === 'number' || Number.isInteger(value))) return value;
    const range = `${Number.isFinite(min) ? ` from ${min}` : ''}${max === Infinity ? '' : ` to ${max}`}`;
    return this.#wrong(
      node,
      `expected ${of === 'integer' ? 'a whole number' : 'a number'}${range}`,
    );
  }

  #name(
    node: Node,
    value: string,
    of: 'node' | 'service' | 'new-service' | 'fault-name' | 'new-name',
  ): unknown {
    const { services, faults, names } = this.declared;
    switch (of) {
      case 'new-service':
        services.add(value);
        return value;
      case 'new-name':
        names.add(value);
        faults.add(value);
        return value;
      case 'service':
        return services.has(value)
          ? value
          : this.#wrong(node, `unknown service '${value}', ${known('services', services)}`);
      case 'fault-name':
        return faults.has(value)
          ? value
          : this.#wrong(node, `unknown fault '${value}', ${known('faults', faults)}`);
      case 'node':
        return this.#node(node, value);
    }
  }

  #node(node: Node, value: string): unknown {
    const { nodes, names } = this.declared;
    if (value === 'rest') return value;
    if (!NODE_REF.test(value))
      return this.#wrong(node, `unknown node '${value}', expected ${NODE_REF_FORMS}`);
    if (value.startsWith('@') && !names.has(value.slice(1)))
      return this.#wrong(
        node,
        `nothing was named '${value.slice(1)}' before, ${known('names', names)}`,
      );
    if (/^n\d+$/.test(value) && !nodes.includes(value))
      return this.#wrong(node, `the cluster has no node '${value}', it has ${nodes.join(', ')}`);
    return value;
  }

  /** Notes a mistake; what is returned stands in for the value, and is never used. */
  #wrong(node: Node, text: string): unknown {
    this.#at(node.range?.[0] ?? 0, text);
    return null;
  }

  #at(offset: number, text: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.mistakes.push({ line: Math.max(1, line), column: Math.max(1, col), text });
  }
}

const known = (what: string, set: ReadonlySet<string>): string =>
  set.size === 0 ? `there are no ${what} yet` : `known ${what}: ${[...set].join(', ')}`;
