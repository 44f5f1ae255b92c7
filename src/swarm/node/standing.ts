import type { Done } from '../../model/result.ts';

/** How far a node's stay in a swarm has come. `error` is what people are told while it is not well. */
export type Standing =
  /** Founding or joining; `done` waits for the first session. What breaks now undoes the whole stay. */
  | { readonly kind: 'entering'; readonly done: Done<null> }
  /** The entry failed; what it left is being removed. */
  | { readonly kind: 'undoing' }
  /** Back after a restart; neither its manager nor a session is there yet. `done` waits for one of them, after an unlocking. */
  | { readonly kind: 'returning'; readonly error: string; readonly done?: Done<null> }
  | { readonly kind: 'inside'; readonly error: string }
  /** Something of it does not work. Where that is its manager, which can promise nothing any more, no session mends it. */
  | { readonly kind: 'failed'; readonly error: string; readonly isFinal: boolean }
  | { readonly kind: 'over' };

export type StandingEvent =
  | { readonly kind: 'in-session' }
  /** The manager of a returning node has read its log and serves, with or without a leader. */
  | { readonly kind: 'manager-open' }
  /** Something does not work yet and is tried again. */
  | { readonly kind: 'trouble'; readonly error: string }
  | { readonly kind: 'broken'; readonly error: string; readonly isFinal: boolean }
  | { readonly kind: 'ended' };

/** Where an event leads. */
export function nextStanding(standing: Standing, event: StandingEvent): Standing {
  if (standing.kind === 'over') return standing;
  if (event.kind === 'ended') return { kind: 'over' };
  if (standing.kind === 'undoing') return standing;
  switch (event.kind) {
    case 'in-session':
      // The agent of a node whose manager failed goes on; the node is not well for that (moby: state `error`).
      return standing.kind === 'failed' && standing.isFinal
        ? standing
        : { kind: 'inside', error: '' };
    case 'manager-open':
      return standing.kind === 'returning' ? { kind: 'inside', error: '' } : standing;
    case 'trouble':
      return standing.kind === 'entering' ? standing : { ...standing, error: event.error };
    case 'broken':
      return standing.kind === 'entering'
        ? { kind: 'undoing' }
        : { kind: 'failed', error: event.error, isFinal: event.isFinal };
  }
}
