import type { SwarmError } from './errors.ts';

/** How an asynchronous question to the core ends. The core is synchronous, so it answers through a callback, exactly once. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SwarmError };
export type Done<T> = (result: Result<T>) => void;

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const failed = (error: SwarmError): Result<never> => ({ ok: false, error });
