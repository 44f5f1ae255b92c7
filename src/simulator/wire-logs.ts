import type { SwarmError } from '../model/errors.ts';
import type { NodeId } from '../model/ids.ts';
import { ok, type Done } from '../model/result.ts';
import type {
  LogBrokerApi,
  LogBrokerClient,
  LogMessage,
  LogPublisher,
  LogsApi,
  PacedSink,
} from '../swarm/logs/log-api.ts';
import type { LeaderServices } from '../swarm/manager/leader-services.ts';
import { pipe, type Sink } from '../swarm/session.ts';
import type { Network, Process } from './process.ts';

const CALL_MS = 5000;

/** The services of a manager, for whoever it does not refuse. */
function use<T>(
  to: Process,
  from: Process,
  sink: Sink<T>,
  serve: (services: LeaderServices) => void,
): void {
  const services = to.servicesFor(from, (refused) => {
    if (!refused.ok) sink.end(refused.error);
  });
  if (services !== null) serve(services);
}

/** the log broker behind an address, asked in the name of `caller`. */
export function logBrokerOf(
  network: Network,
  from: Process,
  addr: string,
  caller: () => NodeId,
): LogBrokerClient {
  return {
    listen: (events) =>
      network.stream(from, addr, events, (to, sink) => {
        use(to, from, sink, ({ logBroker }) => {
          logBroker.listen(caller(), sink);
        });
      }),
    publish: (id, ended) =>
      new Publisher((serve, done) => {
        network.call<null>(
          from,
          addr,
          CALL_MS,
          (to, answer) => {
            const services = to.servicesFor(from, answer);
            if (services === null) return;
            serve(
              services.logBroker.publish(caller(), id, () => undefined),
              answer,
            );
          },
          done,
        );
      }, ended),
  };
}

/** A call on the broker's side, which answers when it is done. */
type Serve = (there: LogPublisher, answer: Done<null>) => void;

/** One call at a time, so that the order stays; the first that fails ends it. */
class Publisher implements LogPublisher {
  readonly #ask: (serve: Serve, done: Done<null>) => void;
  readonly #ended: (error: SwarmError | null) => void;
  readonly #waiting: (() => void)[] = [];
  #isUnderWay = false;
  #isOver = false;

  constructor(
    ask: (serve: Serve, done: Done<null>) => void,
    ended: (error: SwarmError | null) => void,
  ) {
    this.#ask = ask;
    this.#ended = ended;
  }

  publish(messages: readonly LogMessage[], ready: () => void): void {
    this.#call((there, answer) => {
      there.publish(messages, () => {
        answer(ok(null));
      });
    }, ready);
  }

  close(): void {
    this.#call(
      (there, answer) => {
        there.close();
        answer(ok(null));
      },
      () => {
        this.#over(null);
      },
    );
  }

  fail(error: SwarmError): void {
    this.#call(
      (there, answer) => {
        there.fail(error);
        answer(ok(null));
      },
      () => {
        this.#over(error);
      },
    );
  }

  #call(serve: Serve, done: () => void): void {
    this.#waiting.push(() => {
      this.#ask(serve, (result) => {
        if (!result.ok) this.#over(result.error);
        if (!this.#isOver) done();
        this.#next();
      });
    });
    if (!this.#isUnderWay) this.#next();
  }

  #next(): void {
    const work = this.#waiting.shift();
    this.#isUnderWay = work !== undefined;
    work?.();
  }

  #over(error: SwarmError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended(error);
  }
}

/** the leader's broker and its readers, asked by another manager in somebody's name. */
export function remoteLogsOf(
  network: Network,
  from: Process,
  addr: string,
): { readonly logBroker: LogBrokerApi; readonly logs: LogsApi } {
  return {
    logBroker: {
      listen: (caller, sink) => {
        pipe(sink, (events) => logBrokerOf(network, from, addr, () => caller).listen(events));
      },
      publish: (caller, id, ended) =>
        logBrokerOf(network, from, addr, () => caller).publish(id, ended),
    },
    logs: {
      subscribe: (request, sink) => {
        pipe(sink, (events) =>
          network.stream<readonly LogMessage[]>(from, addr, events, (to, back) => {
            use(to, from, back, ({ logs }) => {
              logs.subscribe(request, paced(back));
            });
          }),
        );
      },
    },
  };
}

/** The simulated network takes whatever is sent. */
const paced = (sink: Sink<readonly LogMessage[]>): PacedSink<readonly LogMessage[]> => ({
  send: (messages) => {
    sink.send(messages);
  },
  end: (error) => {
    sink.end(error);
  },
  onClose: (callback) => {
    sink.onClose(callback);
  },
  whenReady: (callback) => {
    callback();
  },
});
