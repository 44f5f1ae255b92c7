import { isSwarmError, messageOf, SwarmError } from '../../model/errors.ts';
import { failed, ok, type Done } from '../../model/result.ts';

/** Gives the outcome of a call to the core. Whatever is not Swarm's own error is passed on as Unknown, with its text. */
export function answer<T>(call: () => Promise<T>, done: Done<T>): void {
  // An error thrown by `done` itself is the core's and must not be taken for the call's.
  new Promise<T>((resolve) => {
    resolve(call());
  }).then(
    (value) => {
      done(ok(value));
    },
    (caught: unknown) => {
      done(failed(asSwarmError(caught)));
    },
  );
}

export const asSwarmError = (caught: unknown): SwarmError =>
  isSwarmError(caught) ? caught : new SwarmError('Unknown', messageOf(caught));

/** The core's answer as a promise, for a handler that has to return it. */
export const promised = <T>(ask: (done: Done<T>) => void): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    ask((result) => {
      if (result.ok) resolve(result.value);
      else reject(result.error);
    });
  });
