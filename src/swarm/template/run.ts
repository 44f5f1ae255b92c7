import { CallProblem, GO_FUNCTIONS, type Functions } from './functions.ts';
import {
  unworkable,
  type Command,
  type Operand,
  type Pipeline,
  type TemplateNode,
  type TemplateProblem,
} from './tree.ts';
import { isTrue, labelOf, shown, typeOf, type Value } from './values.ts';

/** Carries a parsed template out. Throws TemplateProblem with Go's text; a key that a map has not is one (SwarmKit: missingkey=error). */
export function runTemplate(
  text: string,
  nodes: readonly TemplateNode[],
  root: Value,
  functions = GO_FUNCTIONS,
): string {
  return new Run(text, root, functions).list(nodes, root);
}

class Run {
  readonly #text: string;
  readonly #functions: Functions;
  /** The newest last. */
  readonly #variables: { readonly name: string; value: Value }[];

  constructor(text: string, root: Value, functions: Functions) {
    this.#text = text;
    this.#functions = functions;
    this.#variables = [{ name: '$', value: root }];
  }

  list(nodes: readonly TemplateNode[], dot: Value): string {
    return nodes.map((node) => this.#node(node, dot)).join('');
  }

  #node(node: TemplateNode, dot: Value): string {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        return node.pipeline.variables.length > 0 ? '' : shown(value);
      }
      case 'if':
      case 'with':
      case 'range': {
        const known = this.#variables.length;
        const result = this.#branch(node, dot);
        this.#variables.length = known;
        return result;
      }
    }
  }

  #branch(node: Exclude<TemplateNode, { kind: 'text' | 'action' }>, dot: Value): string {
    const value = this.#pipeline(node.pipeline, dot);
    if (node.kind === 'range') return this.#range(node, value, dot);
    if (!isTrue(value)) return this.list(node.otherwise, dot);
    return this.list(node.then, node.kind === 'with' ? value : dot);
  }

  #range(
    node: Extract<TemplateNode, { kind: 'if' | 'range' | 'with' }>,
    value: Value,
    dot: Value,
  ): string {
    if (typeof value !== 'object' || value?.kind !== 'map') {
      const at = node.pipeline.commands.at(-1)?.operands.at(-1);
      throw this.#problem(at, `range can't iterate over ${shown(value)}`);
    }
    const keys = Object.keys(value.entries).sort();
    if (keys.length === 0) return this.list(node.otherwise, dot);
    const { variables } = node.pipeline;
    return keys
      .map((key) => {
        const entry = labelOf(value.entries, key) ?? '';
        if (variables.length === 1) this.#set(variables[0], entry);
        if (variables.length === 2) {
          this.#set(variables[0], key);
          this.#set(variables[1], entry);
        }
        return this.list(node.then, entry);
      })
      .join('');
  }

  #pipeline({ commands, variables, declares }: Pipeline, dot: Value): Value {
    const value = commands.reduce<Value | undefined>(
      (final, command) => this.#command(command, dot, final),
      undefined,
    );
    for (const name of variables) {
      if (declares) this.#variables.push({ name, value: value ?? null });
      else this.#set(name, value ?? null);
    }
    return value ?? null;
  }

  #set(name: string | undefined, value: Value): void {
    const variable = this.#variables.findLast((known) => known.name === name);
    if (variable !== undefined) variable.value = value;
  }

  /** `final` is what the command before in the pipeline gave: the last argument of this one. */
  #command(command: Command, dot: Value, final: Value | undefined): Value {
    const [first, ...rest] = command.operands;
    if (first === undefined) return final ?? null;
    const { value } = first;
    if (value.kind === 'function') return this.#call(command, value.name, dot, final);
    if (rest.length > 0 || final !== undefined) {
      const field = value.kind === 'chain' ? value.fields.at(-1) : undefined;
      const what =
        field === undefined
          ? `can't give argument to non-function ${first.source}`
          : `${field} has arguments but cannot be invoked as function`;
      throw this.#problem(first, what);
    }
    if (value.kind === 'literal' && value.value === null)
      throw this.#problem(first, 'nil is not a command');
    return this.#operand(first, dot);
  }

  #call(command: Command, name: string, dot: Value, final: Value | undefined): Value {
    const [first, ...rest] = command.operands;
    const count = rest.length + (final === undefined ? 0 : 1);
    const wrong = this.#functions.countProblem(name, count);
    if (wrong !== null) throw this.#problem(first, wrong);
    if (name === 'and' || name === 'or') return this.#shortcut(name, rest, dot, final);
    const args = rest.map((operand, at) => this.#argument(name, at, operand, dot));
    try {
      return this.#functions.call(name, final === undefined ? args : [...args, final]);
    } catch (caught) {
      if (!(caught instanceof CallProblem)) throw caught;
      throw this.#problem(command, `error calling ${name}: ${caught.message}`);
    }
  }

  #argument(name: string, at: number, operand: Operand, dot: Value): Value {
    const value = this.#operand(operand, dot);
    if (typeof value === 'string' || !this.#functions.wantsText(name, at)) return value;
    const what =
      operand.value.kind === 'literal'
        ? `expected string; found ${operand.source}`
        : `wrong type for value; expected string; got ${typeOf(value)}`;
    throw this.#problem(operand, what);
  }

  #shortcut(
    name: 'and' | 'or',
    rest: readonly Operand[],
    dot: Value,
    final: Value | undefined,
  ): Value {
    let value: Value = null;
    for (const operand of rest) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final ?? value;
  }

  #operand(operand: Operand, dot: Value): Value {
    const { value } = operand;
    switch (value.kind) {
      case 'literal':
        return value.value;
      case 'function':
        return this.#call({ ...operand, operands: [operand] }, value.name, dot, undefined);
      case 'chain':
        return value.fields.reduce(
          (from, field) => this.#field(operand, from, field),
          this.#origin(value.from, dot),
        );
    }
  }

  #origin(from: Extract<Operand['value'], { kind: 'chain' }>['from'], dot: Value): Value {
    if (from.kind === 'dot') return dot;
    if (from.kind === 'pipeline') return this.#pipeline(from.pipeline, dot);
    return this.#variables.findLast((known) => known.name === from.name)?.value ?? null;
  }

  #field(operand: Operand, from: Value, field: string): Value {
    if (typeof from === 'object' && from !== null) {
      const found = from.kind === 'map' ? labelOf(from.entries, field) : from.fields.get(field);
      if (found !== undefined) return found;
      if (from.kind === 'map')
        throw this.#problem(operand, `map has no entry for key ${JSON.stringify(field)}`);
    }
    throw this.#problem(operand, `can't evaluate field ${field} in type ${typeOf(from)}`);
  }

  #problem(at: Pick<Operand, 'at' | 'source'> | undefined, what: string): TemplateProblem {
    return unworkable(this.#text, at ?? { at: 0, source: '' }, what);
  }
}
