import type { Node } from '../model/objects.ts';
import type { Labels, Placement } from '../model/specs.ts';
import { networkContains, parseIp, parseNetwork, sameIp } from './ip-address.ts';

/** One placement constraint, `key==value` or `key!=value`. The key keeps its case: a label's name is case-sensitive. */
export interface Constraint {
  readonly key: string;
  readonly operator: '==' | '!=';
  readonly value: string;
}

export type ParsedConstraints =
  | { readonly ok: true; readonly constraints: readonly Constraint[] }
  | { readonly ok: false; readonly error: string };

const KEY = /^[a-z_][a-z0-9\-_.]+$/i;
const VALUE = /^[a-z0-9:\-_ \t\n\f\r.*()?+[\]\\^$|/]+$/i;
const NODE_LABELS = 'node.labels.';
const ENGINE_LABELS = 'engine.labels.';

/**
 * Parses a service's constraints; the first one that is wrong decides the error's text, which reaches people as it is
 * (SwarmKit: constraint.Parse). `==` is looked for first, so `a!=b==c` has the key `a!=b`. There are no patterns: values are compared whole.
 */
export function parseConstraints(list: readonly string[]): ParsedConstraints {
  const constraints: Constraint[] = [];
  for (const text of list) {
    const operator = text.includes('==') ? '==' : '!=';
    const at = text.indexOf(operator);
    if (at < 0) return { ok: false, error: 'constraint expected one operator from ==, !=' };
    const key = text.slice(0, at).trim();
    const value = text.slice(at + operator.length).trim();
    if (!KEY.test(key)) return { ok: false, error: `key '${key}' is invalid` };
    if (!VALUE.test(value)) return { ok: false, error: `value '${value}' is invalid` };
    constraints.push({ key, operator, value });
  }
  return { ok: true, constraints };
}

/** A task template's constraints; ones that cannot be parsed count as none (SwarmKit: the loops drop the parser's error). */
export function placementConstraints(placement: Placement | undefined): readonly Constraint[] {
  const parsed = parseConstraints(placement?.Constraints ?? []);
  return parsed.ok ? parsed.constraints : [];
}

/** Whether the node satisfies every constraint. An unknown key matches no node; what a node does not have counts as the empty string. */
export function matchesConstraints(constraints: readonly Constraint[], node: Node): boolean {
  return constraints.every((constraint) => {
    if (constraint.key.toLowerCase() === 'node.ip') return matchesIp(constraint, node.status.addr);
    const actual = nodeValue(constraint.key, node);
    if (actual === null) return false;
    const equal = actual.toLowerCase() === constraint.value.toLowerCase();
    return equal === (constraint.operator === '==');
  });
}

/** Null for a key that means nothing. */
function nodeValue(key: string, node: Node): string | null {
  const lower = key.toLowerCase();
  const description = node.description;
  if (lower === 'node.id') return node.id;
  if (lower === 'node.hostname') return description?.hostname ?? '';
  if (lower === 'node.role') return node.role;
  if (lower === 'node.platform.os') return description?.platform.OS ?? '';
  if (lower === 'node.platform.arch') return description?.platform.Architecture ?? '';
  if (lower.startsWith(NODE_LABELS) && key.length > NODE_LABELS.length)
    return label(node.spec.Labels, key.slice(NODE_LABELS.length));
  if (lower.startsWith(ENGINE_LABELS) && key.length > ENGINE_LABELS.length)
    return label(description?.engine.labels ?? {}, key.slice(ENGINE_LABELS.length));
  return null;
}

// Own properties only: a label may be called `constructor`.
const label = (labels: Labels, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';

// A malformed address or network matches no node, not even with `!=`.
function matchesIp(constraint: Constraint, addr: string): boolean {
  const actual = parseIp(addr);
  const wanted = parseIp(constraint.value);
  const network = wanted === null ? parseNetwork(constraint.value) : null;
  if (wanted === null && network === null) return false;
  let equal = false;
  if (actual !== null && wanted !== null) equal = sameIp(actual, wanted);
  if (actual !== null && network !== null) equal = networkContains(network, actual);
  return equal === (constraint.operator === '==');
}
