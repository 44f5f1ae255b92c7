import { SwarmError } from '../model/errors.ts';

/** What a client may have sent for `T`: any part of it, any text where `T` has a choice of words. */
export type Posted<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Posted<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Posted<T[Key]> }
      : T;

/** Drops the members that are undefined; every member of `T` must be named. */
export function compact<T extends object>(value: {
  readonly [Key in keyof T]-?: T[Key] | undefined;
}): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as T;
}

/** What protobuf does not carry is gone after a round trip through SwarmKit: empty texts, lists and maps, false and zero. */
export const text = (value: string | undefined): string | undefined =>
  value === '' ? undefined : value;
export const some = <Item>(value: readonly Item[] | undefined): readonly Item[] | undefined =>
  value?.length === 0 ? undefined : value;
export const flag = (value: boolean | undefined): true | undefined =>
  value === true ? true : undefined;
export const count = (value: number | undefined): number | undefined =>
  value === 0 ? undefined : value;

export function labels(
  value: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

/** A refusal by moby's facade: status 400, its own text. */
export const refused = (message: string): SwarmError =>
  new SwarmError('InvalidArgument', message, 'facade');
