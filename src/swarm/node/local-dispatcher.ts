import { SwarmError } from '../../model/errors.ts';
import type { Result } from '../../model/result.ts';
import { failed } from '../../model/result.ts';
import type { LogBrokerApi } from '../logs/log-api.ts';
import type { Ports, Timer } from '../ports.ts';
import type {
  Caller,
  DispatcherApi,
  DispatcherClient,
  Sink,
  Stream,
  StreamEvents,
} from '../session.ts';

/** SwarmKit: an agent's calls have 5 s. */
const CALL_DEADLINE_MS = 5000;

/** The agent's connection to its own node's manager: no network, but the same rules as over one. */
export function localDispatcher(
  ports: Ports,
  api: DispatcherApi,
  broker: LogBrokerApi,
  caller: Caller,
): DispatcherClient {
  return {
    session: (request, events) =>
      openStream(ports, events, (sink) => {
        api.session(caller, request, sink);
      }),
    assignments: (sessionId, events) =>
      openStream(ports, events, (sink) => {
        api.assignments(caller, sessionId, sink);
      }),
    heartbeat: (sessionId, done) => {
      const once = answerOnce(ports, done);
      api.heartbeat(caller, sessionId, once);
    },
    updateTaskStatus: (sessionId, updates, done) => {
      const once = answerOnce(ports, done);
      api.updateTaskStatus(caller, sessionId, updates, once);
    },
    logs: {
      listen: (events) =>
        openStream(ports, events, (sink) => {
          broker.listen(caller.nodeId, sink);
        }),
      publish: (subscriptionId, ended) => broker.publish(caller.nodeId, subscriptionId, ended),
    },
    // The manager is not ours to close; streams are closed one by one.
    close: () => undefined,
  };
}

// Messages are handed over in a turn of their own, as a network would, so that the agent never runs inside a manager's call.
function openStream<T>(
  ports: Ports,
  events: StreamEvents<T>,
  open: (sink: Sink<T>) => void,
): Stream {
  let closed = false;
  const onClose: (() => void)[] = [];
  const later = (deliver: () => void): void => {
    ports.timers.after(0, deliver);
  };
  open({
    send: (message) => {
      later(() => {
        if (!closed) events.message(message);
      });
    },
    end: (error) => {
      later(() => {
        if (closed) return;
        closed = true;
        events.end(error);
      });
    },
    onClose: (callback) => {
      onClose.push(callback);
    },
  });
  return {
    close: () => {
      if (closed) return;
      closed = true;
      for (const callback of onClose) callback();
    },
  };
}

function answerOnce<T>(
  ports: Ports,
  done: (result: Result<T>) => void,
): (result: Result<T>) => void {
  let answered = false;
  const answer = (result: Result<T>): void => {
    if (answered) return;
    answered = true;
    deadline.cancel();
    done(result);
  };
  const deadline: Timer = ports.timers.after(CALL_DEADLINE_MS, () => {
    answer(failed(new SwarmError('DeadlineExceeded', 'context deadline exceeded')));
  });
  return (result) => {
    ports.timers.after(0, () => {
      answer(result);
    });
  };
}
