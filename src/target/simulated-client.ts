/** How people and observers reach the Engine API of a simulated machine: over virtual time, with deadlines, and with silence where nobody is. */
import type { NodeAnswer, StreamHandlers } from '../lab/node-client.ts';
import type { BodySink } from '../engine-api/api-message.ts';
import type { MachineApi } from '../simulator/machine-api.ts';
import type { EyesClient } from './eyes-client.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One way between a client and a node beside it. */
const WAY_MS = 1;
const DEADLINE_MS = 30_000;

/** How a machine meets whoever knocks: it answers, its daemon is not up, or nothing comes back at all. */
export type Presence = 'answers' | 'refuses' | 'silent';

export interface ClientPorts {
  readonly clock: VirtualClock;
  readonly api: MachineApi;
  readonly presence: () => Presence;
  /** Calls back after each change of the engine's containers; the answer ends that. */
  readonly onContainers: (callback: () => void) => () => void;
}

export function simulatedClient(ports: ClientPorts): EyesClient {
  return {
    call: (method, path, options = {}) =>
      call(ports, method, path, options.body, options.deadlineMs ?? DEADLINE_MS),
    follow: (_path, handlers) => follow(ports, handlers),
  };
}

const encoder = new TextEncoder();

function call(
  ports: ClientPorts,
  method: string,
  path: string,
  body: unknown,
  deadlineMs: number,
): Promise<NodeAnswer> {
  const { clock, api, presence } = ports;
  const began = clock.now();
  return new Promise((resolve) => {
    const took = (): { tookMs: number } => ({ tookMs: Math.round(clock.now() - began) });
    const fail = (code: string, message: string): void => {
      cancel();
      resolve({ kind: 'no-answer', code, message, ...took() });
    };
    const cancel = clock.after(deadlineMs, () => {
      fail('DEADLINE', `no answer to ${method} ${path} within ${deadlineMs} ms`);
    });
    clock.after(WAY_MS, () => {
      const present = presence();
      if (present === 'refuses') fail('ECONNREFUSED', 'connect ECONNREFUSED');
      if (present !== 'answers') return;
      const bytes = body === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(body));
      api.ask({ method, target: path, body: bytes }, (response) => {
        clock.after(WAY_MS, () => {
          if (presence() !== 'answers') return;
          const { status, headers, body: text, stream } = response;
          const answered = (whole: string): void => {
            cancel();
            resolve({ kind: 'answer', status, headers, body: whole, ...took() });
          };
          if (stream === undefined) answered(text);
          else stream(wholeText(answered));
        });
      });
    });
  });
}

/** Takes a body that is written piece by piece; `done` gets all of it when it ends. */
function wholeText(done: (text: string) => void): BodySink {
  const decoder = new TextDecoder();
  let text = '';
  return {
    write: (bytes) => {
      text += decoder.decode(bytes, { stream: true });
    },
    end: () => {
      done(text + decoder.decode());
    },
    whenReady: (callback) => {
      callback();
    },
    onClose: () => undefined,
  };
}

/** The only stream that is followed is that of container events, and of an event only its time counts. */
function follow(ports: ClientPorts, handlers: StreamHandlers): () => void {
  const { clock, presence, onContainers } = ports;
  const end = onContainers(() => {
    clock.after(WAY_MS, () => {
      if (presence() === 'answers') handlers.onLine('{}');
    });
  });
  return () => {
    end();
    handlers.onEnd('closed');
  };
}
