import { SwarmError } from '../model/errors.ts';
import type { EngineLine } from '../model/engines.ts';
import { goName, isKnown, type GoField, type GoStruct, type GoType } from './go-type.ts';
import type { JsonTree } from './json-tree.ts';

/** A decoded struct: only what was given, under the names of the fields. */
export type GoRecord = Record<string, unknown>;

/** Of a double, for its whole numbers. */
const DOUBLE_BITS = 53;

interface Context {
  readonly engine: EngineLine;
  /** The outermost struct's name, without its package. */
  readonly root: string;
  /** The struct that holds the field at hand, '' at the top. */
  readonly holder: string;
  readonly path: readonly string[];
}

/**
 * Reads JSON into a struct as encoding/json does: names match in any case, unknown ones are ignored, null leaves things as they are, doubles
 * merge. Errors are InvalidArgument with Go's text (`json: cannot unmarshal number into Go struct field …`); which struct they name
 * differs by the Go release that built the engine (measured: 20.10 and 26.1 the innermost, 28.5 the outermost).
 */
export function decodeStruct(tree: JsonTree, type: GoStruct, engine: EngineLine): GoRecord {
  const root = shortName(type);
  return decode(tree, type, undefined, { engine, root, holder: '', path: [] }) as GoRecord;
}

/** The same for a value of any type. */
export const decodeValue = (tree: JsonTree, type: GoType, engine: EngineLine): unknown =>
  decode(tree, type, undefined, { engine, root: '', holder: '', path: [] });

function decode(tree: JsonTree, type: GoType, before: unknown, context: Context): unknown {
  if (type.kind === 'pointer')
    return tree.kind === 'null' ? undefined : decode(tree, type.to, before, context);
  if (tree.kind === 'null')
    return type.kind === 'list' || type.kind === 'map' ? undefined : (before ?? zero(type));
  switch (type.kind) {
    case 'struct':
      if (tree.kind === 'object') return decodeMembers(tree.members, type, before, context);
      break;
    case 'map':
      if (tree.kind === 'object') return decodeMap(tree.members, type.of, before, context);
      break;
    case 'list':
      if (tree.kind === 'array')
        return tree.items.map((item) => decode(item, type.of, undefined, context) ?? zero(type.of));
      break;
    default:
      return decodeScalar(tree, type, context);
  }
  throw mismatch(tree.kind, type, context);
}

function decodeMembers(
  members: readonly (readonly [string, JsonTree])[],
  type: GoStruct,
  before: unknown,
  context: Context,
): GoRecord {
  const result: GoRecord = { ...(before as GoRecord | undefined) };
  for (const [key, value] of members) {
    const field = findField(type, key, context.engine);
    if (field === undefined) continue;
    const decoded = decode(value, field.type, result[field.name], {
      ...context,
      holder: shortName(type),
      path: [...context.path, ...pathOf(field, context.engine)],
    });
    if (decoded === undefined) Reflect.deleteProperty(result, field.name);
    else result[field.name] = decoded;
  }
  return result;
}

function decodeMap(
  members: readonly (readonly [string, JsonTree])[],
  of: GoType,
  before: unknown,
  context: Context,
): GoRecord {
  // Without a prototype, so that a key like `__proto__` is a key like any other.
  const result = Object.assign(Object.create(null) as GoRecord, before);
  for (const [key, value] of members)
    result[key] = decode(value, of, undefined, context) ?? zero(of);
  return result;
}

function decodeScalar(tree: JsonTree, type: GoType, context: Context): unknown {
  switch (type.kind) {
    case 'string':
      if (tree.kind === 'string') return tree.value;
      break;
    case 'bytes':
      if (tree.kind === 'string') return checkedBase64(tree.value, context);
      break;
    case 'bool':
      if (tree.kind === 'bool') return tree.value;
      break;
    case 'integer':
      if (tree.kind !== 'number') break;
      if (fits(tree.literal, type.bits, type.signed)) return integerOf(tree.literal, type);
      throw mismatch(`number ${tree.literal}`, type, context);
    case 'float32': {
      if (tree.kind !== 'number') break;
      const value = Math.fround(Number(tree.literal)) + 0;
      if (Number.isFinite(value)) return value;
      throw mismatch(`number ${tree.literal}`, type, context);
    }
    default:
      break;
  }
  throw mismatch(tree.kind, type, context);
}

function fits(literal: string, bits: number, signed: boolean): boolean {
  if (!/^-?\d+$/.test(literal) || (!signed && literal.startsWith('-'))) return false;
  const value = BigInt(literal);
  return (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
}

/**
 * Beyond 2^53 the nearest double, and never one that the type does not hold: the log and the wire would not take it. By way of an integer, which has no zero below
 * zero: the log would not keep that either.
 */
function integerOf(
  literal: string,
  { bits, signed }: { readonly bits: number; readonly signed: boolean },
): number {
  const size = signed ? bits - 1 : bits;
  return Math.min(Number(BigInt(literal)), 2 ** size - 2 ** Math.max(0, size - DOUBLE_BITS));
}

/** The Go that built 28.5 says of which field. */
function checkedBase64(text: string, context: Context): string {
  const bad = text.search(/[^A-Za-z0-9+/=\r\n]/);
  if (bad < 0 && text.replace(/[\r\n]/g, '').length % 4 === 0) return text;
  const problem = `illegal base64 data at input byte ${bad < 0 ? text.length : bad}`;
  if (context.engine !== '28.5') throw new SwarmError('InvalidArgument', problem, 'facade');
  const { message } = mismatch('string', { kind: 'bytes' }, context);
  throw new SwarmError('InvalidArgument', `${message}: ${problem}`, 'facade');
}

/**
 * Go's zero value, where a null stands in a list or map, or for a field that is no pointer. A null in a list of pointers is nil to dockerd, which panics on it
 * and drops the connection; here it counts as what an empty object would, and is refused as that.
 */
function zero(type: GoType): unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'bool':
      return false;
    case 'integer':
    case 'float32':
      return 0;
    case 'struct':
      return {};
    case 'pointer':
      return zero(type.to);
    default:
      return undefined;
  }
}

function findField(type: GoStruct, key: string, engine: EngineLine): GoField | undefined {
  const known = type.fields.filter((field) => isKnown(field, engine));
  const folded = key.toLowerCase();
  return (
    known.find((field) => field.name === key) ??
    known.find((field) => field.name.toLowerCase() === folded)
  );
}

/** Only the Go that built 26.1 has embedded structs in the path. */
const pathOf = (field: GoField, engine: EngineLine): readonly string[] =>
  field.embedded === undefined || engine !== '26.1' ? [field.name] : [field.embedded, field.name];

const shortName = (type: GoStruct): string => type.go.slice(type.go.indexOf('.') + 1);

function mismatch(value: string, type: GoType, context: Context): SwarmError {
  const where =
    context.path.length === 0
      ? 'Go value'
      : `Go struct field ${context.engine === '28.5' ? context.root : context.holder}.${context.path.join('.')}`;
  return new SwarmError(
    'InvalidArgument',
    `json: cannot unmarshal ${value} into ${where} of type ${goName(type)}`,
    'facade',
  );
}
