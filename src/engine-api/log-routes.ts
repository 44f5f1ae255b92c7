import { SwarmError } from '../model/errors.ts';
import type { LogOptions, LogSelector, LogTime, OutputStream } from '../swarm/logs/log-api.ts';
import { queryValue, type ApiRequest, type BodySink } from './api-message.ts';
import { managersOnly, then, type Call } from './call.ts';
import { logBytes, logFailure, type LogShape } from './log-lines.ts';
import { isOn } from './query.ts';
import { parseTimestamp } from './timestamp.ts';
import { compareVersions } from './version-order.ts';

const STREAMS: readonly OutputStream[] = ['stdout', 'stderr'];
const RAW = 'application/vnd.docker.raw-stream';
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream';
/** moby: since this version the content type says whether there are frames. */
const TYPED_SINCE = '1.42';

/** `GET /services/{id}/logs`: what all tasks of the service wrote, the old ones too, as far as their containers are there. */
export const serviceLogs = (call: Call): void => {
  streamsOf(call.request);
  managersOnly(call);
  call.node.control(
    { method: 'get-service', ref: call.id },
    then(call, ({ id, spec }) => {
      const tty = spec.TaskTemplate.ContainerSpec?.TTY ?? false;
      answer(call, { serviceIds: [id], nodeIds: [], taskIds: [] }, tty);
    }),
  );
};

/** `GET /tasks/{id}/logs`. */
export const taskLogs = (call: Call): void => {
  streamsOf(call.request);
  managersOnly(call);
  call.node.control(
    { method: 'get-task', ref: call.id },
    then(call, ({ id, spec }) => {
      answer(
        call,
        { serviceIds: [], nodeIds: [], taskIds: [id] },
        spec.ContainerSpec?.TTY ?? false,
      );
    }),
  );
};

/** What can be said wrong is said before the head; what goes wrong later stands in the stream itself. */
function answer(call: Call, selector: LogSelector, tty: boolean): void {
  const { request } = call;
  const streams = streamsOf(request);
  const since = sinceOf(request);
  const options: LogOptions = {
    streams,
    follow: isOn(request, 'follow'),
    tail: tailOf(request),
    ...(since === null ? {} : { since }),
  };
  const multiplexed = !tty;
  const shape: LogShape = {
    multiplexed,
    timestamps: isOn(request, 'timestamps'),
    details: isOn(request, 'details'),
    streams,
  };
  const isTyped = multiplexed && compareVersions(call.version, TYPED_SINCE) >= 0;
  call.reply.stream(isTyped ? MULTIPLEXED : RAW, (out) => {
    write(call, { selector, options }, shape, out);
  });
}

function write(
  call: Call,
  wanted: Parameters<Call['node']['logs']>[0],
  shape: LogShape,
  out: BodySink,
): void {
  call.node.logs(wanted, {
    send: (messages) => {
      const bytes = logBytes(messages, shape);
      if (bytes.length > 0) out.write(bytes);
    },
    end: (error) => {
      if (error !== null) out.write(logFailure(error.text, shape.multiplexed));
      out.end();
    },
    whenReady: (callback) => {
      out.whenReady(callback);
    },
    onClose: (callback) => {
      out.onClose(callback);
    },
  });
}

function streamsOf(request: ApiRequest): readonly OutputStream[] {
  const streams = STREAMS.filter((stream) => isOn(request, stream));
  if (streams.length === 0) throw broken('Bad parameters: you must choose at least one stream');
  return streams;
}

/** Docker's count of last lines as SwarmKit has it: the other way round, and one further. */
function tailOf(request: ApiRequest): number {
  const given = queryValue(request, 'tail');
  if (given === 'all' || given === '') return 0;
  if (!/^[+-]?\d+$/.test(given)) throw broken('tail value must be a positive integer or "all"');
  if (Number(given) < 0) throw broken('negative tail values not supported');
  return -(Number(given) + 1);
}

function sinceOf(request: ApiRequest): LogTime | null {
  const since = parseTimestamp(queryValue(request, 'since'));
  if (typeof since === 'string') throw broken(`could not parse since timestamp: ${since}`);
  return since;
}

const broken = (message: string): SwarmError => new SwarmError('Unknown', message, 'facade');
