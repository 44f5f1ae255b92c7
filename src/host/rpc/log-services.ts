/** The log broker's services on the manager port. */
import { SwarmError, isSwarmError } from '../../model/errors.ts';
import { nodeId } from '../../model/ids.ts';
import type { LeaderServices } from '../../swarm/manager/leader-services.ts';
import type { LogMessage, LogPublisher, LogSubscription } from '../../swarm/logs/log-api.ts';
import {
  logMessageFromWire,
  logMessageToWire,
  logRequestFromWire,
  subscriptionToWire,
} from '../wire/convert-logs.ts';
import { LogBroker, Logs, type PublishLogsMessage } from '../wire/gen/logbroker_pb.js';
import { peerOf } from '../wire/peer.ts';
import type { CallContext, Router } from '../wire/router.ts';
import { MessageQueue } from './message-queue.ts';

/** `services` answers for this manager's node, or throws while it has no manager. */
export function mountLogs(
  router: Router,
  services: (context: CallContext) => Pick<LeaderServices, 'logs' | 'logBroker'>,
): void {
  router.service(Logs, {
    async *subscribeLogs(request, context) {
      const queue = new MessageQueue<readonly LogMessage[]>(context.signal);
      services(context).logs.subscribe(logRequestFromWire(request), queue);
      for await (const messages of queue) yield { messages: messages.map(logMessageToWire) };
    },
  });
  router.service(LogBroker, {
    async *listenSubscriptions(_request, context) {
      const queue = new MessageQueue<LogSubscription>(context.signal);
      services(context).logBroker.listen(nodeId(peerOf(context).nodeId), queue);
      for await (const subscription of queue) yield subscriptionToWire(subscription);
    },
    publishLogs: async (requests, context) => {
      const caller = nodeId(peerOf(context).nodeId);
      const publication = new Publication((subscriptionId, ended) =>
        services(context).logBroker.publish(caller, subscriptionId, ended),
      );
      try {
        await publication.take(requests, context.signal);
      } catch (caught) {
        publication.fail(
          isSwarmError(caught) ? caught : new SwarmError('Canceled', 'context canceled'),
        );
        throw caught;
      }
      return {};
    },
  });
}

type Open = (subscriptionId: string, ended: (error: SwarmError | null) => void) => LogPublisher;

/** One agent's stream of lines, for one subscription from its first message to its last. */
class Publication {
  readonly #open: Open;
  #subscriptionId = '';
  #publisher: LogPublisher | null = null;
  #refusal: SwarmError | null = null;
  /** Ends the wait for room. */
  #wake: () => void = () => undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  /** Reads on only while there is room for what comes. Errors: as the broker refuses, and InvalidArgument for a mixture of subscriptions. */
  async take(requests: AsyncIterable<PublishLogsMessage>, signal: AbortSignal): Promise<void> {
    for await (const request of requests) {
      const publisher = this.#publisherOf(request.subscriptionId);
      if (request.close) break;
      await this.#room(publisher, request.messages.map(logMessageFromWire), signal);
      if (this.#refusal !== null) throw this.#refusal;
    }
    this.#publisher?.close();
  }

  fail(error: SwarmError): void {
    this.#publisher?.fail(error);
  }

  #publisherOf(id: string): LogPublisher {
    if (this.#publisher !== null && id !== this.#subscriptionId)
      throw new SwarmError('InvalidArgument', 'different subscription IDs in the same session');
    this.#subscriptionId = id;
    this.#publisher ??= this.#open(id, (error) => {
      this.#refusal = error;
      this.#wake();
    });
    if (this.#refusal !== null) throw this.#refusal;
    return this.#publisher;
  }

  // A reader that is slow, or gone, and a caller that is gone: each ends the wait in its way.
  #room(
    publisher: LogPublisher,
    messages: readonly LogMessage[],
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        signal.removeEventListener('abort', over);
        resolve();
      };
      this.#wake = over;
      signal.addEventListener('abort', over);
      publisher.publish(messages, over);
    });
  }
}
