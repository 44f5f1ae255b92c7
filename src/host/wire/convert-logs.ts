/** The output of tasks on the wire (SwarmKit: api/logbroker.proto). */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  LogMessage,
  LogOptions,
  LogRequest,
  LogSelector,
  LogSubscription,
  LogTime,
  OutputStream,
} from '../../swarm/logs/log-api.ts';
import {
  LogStream,
  type LogMessage as WireMessage,
  type LogMessageSchema,
  type LogSelector as WireSelector,
  type LogSelectorSchema,
  type LogSubscriptionOptions as WireOptions,
  type LogSubscriptionOptionsSchema,
  type SubscribeLogsRequest,
  type SubscribeLogsRequestSchema,
  type SubscriptionMessage,
  type SubscriptionMessageSchema,
} from './gen/logbroker_pb.js';

const STREAMS = { stdout: LogStream.STDOUT, stderr: LogStream.STDERR } as const;

const streamFromWire = (stream: LogStream): OutputStream =>
  stream === LogStream.STDERR ? 'stderr' : 'stdout';

type WireTime = { readonly seconds: bigint; readonly nanos: number } | undefined;

const timeToWire = ({ seconds, nanoseconds }: LogTime): { seconds: bigint; nanos: number } => ({
  seconds: BigInt(seconds),
  nanos: nanoseconds,
});

const timeFromWire = (time: WireTime): LogTime => ({
  seconds: Number(time?.seconds ?? 0),
  nanoseconds: time?.nanos ?? 0,
});

export const logMessageToWire = (
  message: LogMessage,
): MessageInitShape<typeof LogMessageSchema> => ({
  context: { ...message.context },
  timestamp: timeToWire(message.time),
  stream: STREAMS[message.stream],
  data: new Uint8Array(message.data),
  attrs: message.attributes.map(([key, value]) => ({ key, value })),
});

export const logMessageFromWire = (wire: WireMessage): LogMessage => ({
  context: {
    serviceId: wire.context?.serviceId ?? '',
    nodeId: wire.context?.nodeId ?? '',
    taskId: wire.context?.taskId ?? '',
  },
  time: timeFromWire(wire.timestamp),
  stream: streamFromWire(wire.stream),
  data: wire.data,
  attributes: wire.attrs.map(({ key, value }) => [key, value] as const),
});

export const subscriptionToWire = (
  subscription: LogSubscription,
): MessageInitShape<typeof SubscriptionMessageSchema> => ({
  id: subscription.id,
  close: subscription.close,
  selector: selectorToWire(subscription.selector),
  options: optionsToWire(subscription.options),
});

export const subscriptionFromWire = (wire: SubscriptionMessage): LogSubscription => ({
  id: wire.id,
  close: wire.close,
  selector: selectorFromWire(wire.selector),
  options: optionsFromWire(wire.options),
});

export const logRequestToWire = ({
  selector,
  options,
}: LogRequest): MessageInitShape<typeof SubscribeLogsRequestSchema> => ({
  selector: selectorToWire(selector),
  options: optionsToWire(options),
});

const selectorToWire = (selector: LogSelector): MessageInitShape<typeof LogSelectorSchema> => ({
  serviceIds: [...selector.serviceIds],
  nodeIds: [...selector.nodeIds],
  taskIds: [...selector.taskIds],
});

const optionsToWire = (
  options: LogOptions,
): MessageInitShape<typeof LogSubscriptionOptionsSchema> => ({
  streams: options.streams.map((stream) => STREAMS[stream]),
  follow: options.follow,
  tail: BigInt(options.tail),
  ...(options.since === undefined ? {} : { since: timeToWire(options.since) }),
});

export const logRequestFromWire = (wire: SubscribeLogsRequest): LogRequest => ({
  selector: selectorFromWire(wire.selector),
  options: optionsFromWire(wire.options),
});

const selectorFromWire = (wire: WireSelector | undefined): LogSelector => ({
  serviceIds: wire?.serviceIds ?? [],
  nodeIds: wire?.nodeIds ?? [],
  taskIds: wire?.taskIds ?? [],
});

const optionsFromWire = (wire: WireOptions | undefined): LogOptions => ({
  streams: (wire?.streams ?? []).map(streamFromWire),
  follow: wire?.follow ?? false,
  tail: Number(wire?.tail ?? 0),
  ...(wire?.since === undefined ? {} : { since: timeFromWire(wire.since) }),
});
