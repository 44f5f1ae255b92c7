import type { SwarmError } from '../../model/errors.ts';
import type { Node } from '../../model/objects.ts';
import type { SessionMessage, Sink, WeightedPeer } from '../session.ts';
import { sameValue } from './task-equality.ts';

/** What every agent is told alike. */
export interface SwarmView {
  readonly managers: readonly WeightedPeer[];
  readonly rootCa: string;
}

/** One agent's session: a message at its start and one after each change of what a message carries. */
export class SessionStream {
  readonly sessionId: string;
  readonly #sink: Sink<SessionMessage>;
  #last: SessionMessage;

  constructor(sessionId: string, sink: Sink<SessionMessage>, node: Node, view: SwarmView) {
    this.sessionId = sessionId;
    this.#sink = sink;
    this.#last = { sessionId, node, ...view };
    sink.send(this.#last);
  }

  /** Tells the agent unless it knows all of that. */
  tell(change: Partial<SwarmView> & { readonly node?: Node }): void {
    const message = { ...this.#last, ...change };
    if (sameValue(message, this.#last)) return;
    this.#last = message;
    this.#sink.send(message);
  }

  end(error: SwarmError | null): void {
    this.#sink.end(error);
  }
}
