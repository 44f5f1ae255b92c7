import type { Kind, Tables } from '../model/objects.ts';

/** One committed change, with what was there before. Watchers are told after the whole transaction is in the tables. */
export type StoreEvent = {
  readonly [K in Kind]:
    | { readonly kind: K; readonly action: 'create'; readonly object: Tables[K] }
    | {
        readonly kind: K;
        readonly action: 'update';
        readonly object: Tables[K];
        readonly previous: Tables[K];
      }
    | { readonly kind: K; readonly action: 'remove'; readonly object: Tables[K] };
}[Kind];

/** Told of every committed transaction: all its events in order, then it is over. It may queue updates, never write at once. */
export type Watcher = (events: readonly StoreEvent[]) => void;
