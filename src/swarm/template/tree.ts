/** A parsed template: the part of Go's text/template that a task's fields can use. Positions are offsets in the text, for errors. */

export interface Operand {
  readonly at: number;
  /** As Go prints it in errors. */
  readonly source: string;
  readonly value:
    | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
    /** A chain of fields from the dot, a variable or a pipeline in parentheses; empty for these alone. */
    | { readonly kind: 'chain'; readonly from: Origin; readonly fields: readonly string[] }
    | { readonly kind: 'function'; readonly name: string };
}

export type Origin =
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };

export interface Command {
  readonly at: number;
  readonly source: string;
  readonly operands: readonly Operand[];
}

export interface Pipeline {
  /** Variables that take the result, and whether they are new: `$k, $v :=`. */
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

export type Branch = 'if' | 'range' | 'with';

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: Branch;
      readonly pipeline: Pipeline;
      readonly then: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** What is wrong with a template, in Go's words. */
export class TemplateProblem extends Error {
  override readonly name = 'TemplateProblem';
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** What cannot be parsed: Go names the line. */
export const unparsable = (text: string, at: number, what: string): TemplateProblem =>
  new TemplateProblem(`template: expansion:${lineOf(text, at)}: ${what}`);

/** What cannot be carried out: Go names line and column, and what it was at. */
export function unworkable(
  text: string,
  { at, source }: { readonly at: number; readonly source: string },
  what: string,
): TemplateProblem {
  const column = at - (text.lastIndexOf('\n', at - 1) + 1);
  return new TemplateProblem(
    `template: expansion:${lineOf(text, at)}:${column}: executing "expansion" at <${source}>: ${what}`,
  );
}
