import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

/**
 * The shapes of moby's Go structs (api/types/swarm), as far as JSON shows them: names, order, what is left out when empty, and the type
 * names that decoding errors mention. One description serves for reading requests and for writing answers.
 */
export type GoType =
  | { readonly kind: 'string'; readonly go: string }
  | { readonly kind: 'bool' }
  | {
      readonly kind: 'integer';
      readonly go: string;
      readonly bits: 32 | 64;
      readonly signed: boolean;
    }
  | { readonly kind: 'float32' }
  /** Text in base 64 on both sides. */
  | { readonly kind: 'bytes' }
  /** ms since 1970; written only. */
  | { readonly kind: 'time' }
  | { readonly kind: 'list'; readonly of: GoType; readonly go: string }
  | { readonly kind: 'map'; readonly of: GoType; readonly go: string }
  | { readonly kind: 'pointer'; readonly to: GoType }
  | GoStruct;

export interface GoStruct {
  readonly kind: 'struct';
  /** With its package: `swarm.ServiceSpec`. */
  readonly go: string;
  readonly fields: readonly GoField[];
}

export interface GoField {
  readonly name: string;
  readonly type: GoType;
  /** Left out when false, 0, null or empty. */
  readonly omitEmpty: boolean;
  /** The embedded struct that it comes from. */
  readonly embedded?: string;
  /** The first engine line that has it. */
  readonly since?: EngineLine;
}

/** Whether the engine line knows the field. */
export const isKnown = (field: GoField, engine: EngineLine): boolean =>
  field.since === undefined || ENGINE_LINES.indexOf(field.since) <= ENGINE_LINES.indexOf(engine);

export const STRING: GoType = { kind: 'string', go: 'string' };
export const BOOL: GoType = { kind: 'bool' };
export const BYTES: GoType = { kind: 'bytes' };
export const TIME: GoType = { kind: 'time' };
export const FLOAT32: GoType = { kind: 'float32' };
export const INT: GoType = { kind: 'integer', go: 'int', bits: 64, signed: true };
export const INT64: GoType = { kind: 'integer', go: 'int64', bits: 64, signed: true };
export const UINT64: GoType = { kind: 'integer', go: 'uint64', bits: 64, signed: false };
export const UINT32: GoType = { kind: 'integer', go: 'uint32', bits: 32, signed: false };
export const FILE_MODE: GoType = { kind: 'integer', go: 'fs.FileMode', bits: 32, signed: false };
export const DURATION: GoType = { kind: 'integer', go: 'time.Duration', bits: 64, signed: true };

/** A string type of its own name, such as `swarm.NodeRole`. */
export const named = (go: string): GoType => ({ kind: 'string', go });
export const pointer = (to: GoType): GoType => ({ kind: 'pointer', to });
export const list = (of: GoType): GoType => ({ kind: 'list', of, go: `[]${goName(of)}` });
export const map = (of: GoType): GoType => ({ kind: 'map', of, go: `map[string]${goName(of)}` });
export const STRINGS = list(STRING);
export const LABELS = map(STRING);

export const struct = (
  go: string,
  ...fields: readonly (GoField | readonly GoField[])[]
): GoStruct => ({
  kind: 'struct',
  go,
  fields: fields.flat(),
});

/** A field with `omitempty`. */
export const field = (name: string, type: GoType, since?: EngineLine): GoField => ({
  name,
  type,
  omitEmpty: true,
  ...(since === undefined ? {} : { since }),
});

/** A field that is always written. */
export const always = (name: string, type: GoType, since?: EngineLine): GoField => ({
  ...field(name, type, since),
  omitEmpty: false,
});

/** The fields of an embedded struct. */
export const embedded = (name: string, ...fields: readonly GoField[]): readonly GoField[] =>
  fields.map((one) => ({ ...one, embedded: name }));

/** The type as Go prints it. */
export function goName(type: GoType): string {
  switch (type.kind) {
    case 'bool':
      return 'bool';
    case 'float32':
      return 'float32';
    case 'bytes':
      return '[]uint8';
    case 'time':
      return 'time.Time';
    case 'pointer':
      return `*${goName(type.to)}`;
    default:
      return type.go;
  }
}
