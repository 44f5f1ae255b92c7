/** What clients read and write, as models: a service's label or scale by its version index, and whether a service of a name is there. */
import type { Model } from './linearizable.ts';

export type RegisterOp =
  | { readonly kind: 'read'; readonly version: number; readonly value: string }
  | { readonly kind: 'write'; readonly version: number; readonly value: string }
  /** `''`: the name is free. */
  | { readonly kind: 'see'; readonly id: string }
  /** The id is `'?'` where no answer told it. */
  | { readonly kind: 'create'; readonly id: string }
  | { readonly kind: 'remove' };

export const UNTOLD = '?';

interface Versioned {
  readonly value: string;
  /** The version is at least this. */
  readonly least: number;
}

/**
 * A write names the version that it has read, and goes through only while that is the present one; then there is a new version, higher than the old one
 * (SwarmKit: the store refuses `update out of sequence`, and an object's version is the commit index when its write began). Managers' own
 * writes (an allocated address) raise the version too, and leave the value.
 */
export const versionedRegister = (initial: string): Model<Versioned, RegisterOp> => ({
  initial: { value: initial, least: 0 },
  step: ({ value, least }, op) => {
    if (op.kind !== 'read' && op.kind !== 'write') return null;
    if (op.version < least) return null;
    if (op.kind === 'write') return { value: op.value, least: op.version + 1 };
    return op.value === value ? { value, least: op.version } : null;
  },
  keyOf: ({ value, least }) => `${least} ${value}`,
});

/** Names of services are unique (SwarmKit: `name conflicts with an existing object`), and what is made anew has another id. */
export const NAME_REGISTER: Model<string, RegisterOp> = {
  initial: '',
  step: (present, op) => {
    switch (op.kind) {
      case 'create':
        return present === '' ? op.id : null;
      case 'remove':
        return present === '' ? null : '';
      case 'see':
        if (op.id === present) return present;
        return present === UNTOLD && op.id !== '' ? op.id : null;
      default:
        return null;
    }
  },
  keyOf: (present) => present,
};
