import { isSwarmError } from '../model/errors.ts';
import type { Done } from '../model/result.ts';
import type { ApiOptions, ApiRequest } from './api-message.ts';
import type { SwarmNodeView } from './node-view.ts';
import { notManager } from './not-manager.ts';
import type { Reply } from './reply.ts';

/** One request on its way through a route. */
export interface Call {
  readonly node: SwarmNodeView;
  readonly request: ApiRequest;
  readonly options: ApiOptions;
  /** The API version that the client speaks. */
  readonly version: string;
  /** What stood for `{id}` in the path, decoded. */
  readonly id: string;
  readonly reply: Reply;
}

export type Route = (call: Call) => void;

/** Answers with the error, or goes on with the value; what goes on may refuse by throwing a SwarmError. */
export function then<T>(call: Call, next: (value: T) => void): Done<T> {
  return (result) => {
    if (result.ok)
      guard(call, () => {
        next(result.value);
      });
    else call.reply.error(result.error);
  };
}

/** Runs a step of a route; a SwarmError that it throws is the answer. */
export function guard(call: Call, step: () => void): void {
  try {
    step();
  } catch (caught) {
    if (!isSwarmError(caught)) throw caught;
    call.reply.error(caught);
  }
}

/** The same for a step that another's answer brings. */
export const guarded =
  <T>(call: Call, step: (value: T) => void): ((value: T) => void) =>
  (value) => {
    guard(call, () => {
      step(value);
    });
  };

/** Refuses on nodes that do not answer for the swarm. */
export function managersOnly(call: Call): void {
  const problem = notManager(call.node);
  if (problem !== null) throw problem;
}
