/** Which handler answers which method. */
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { IncomingHttpHeaders } from 'node:http2';
import type { Peer } from './peer.ts';

/** What a handler knows of its call beside the message. */
export interface CallContext {
  readonly peer: Peer;
  readonly requestHeader: IncomingHttpHeaders;
  /** Aborted when the caller went away, its deadline passed, or the server stops. */
  readonly signal: AbortSignal;
}

/** One message, now or later. */
type Answer<O extends DescMessage> = MessageInitShape<O> | Promise<MessageInitShape<O>>;

/** The handler of a method, by its kind. With streams both ways it answers one message at a time (`exchange.ts`); Swarm itself has none of those. */
export type MethodImpl<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext) => Answer<O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodClientStreaming<infer I, infer O>
        ? (requests: AsyncIterable<MessageShape<I>>, context: CallContext) => Answer<O>
        : M extends DescMethodBiDiStreaming<infer I, infer O>
          ? (request: MessageShape<I>, context: CallContext) => Answer<O>
          : never;

/** The handlers of a service. */
export type ServiceImpl<S extends DescService> = {
  [Name in keyof S['method']]: MethodImpl<S['method'][Name]>;
};

// A handler once its types are proved: any method's.
type Message = MessageShape<DescMessage>;
export type AnyHandler =
  | {
      readonly kind: 'unary' | 'bidi_streaming';
      readonly method: DescMethod;
      readonly call: (request: Message, context: CallContext) => Answer<DescMessage>;
    }
  | {
      readonly kind: 'server_streaming';
      readonly method: DescMethod;
      readonly call: (
        request: Message,
        context: CallContext,
      ) => AsyncIterable<MessageInitShape<DescMessage>>;
    }
  | {
      readonly kind: 'client_streaming';
      readonly method: DescMethod;
      readonly call: (
        requests: AsyncIterable<Message>,
        context: CallContext,
      ) => Answer<DescMessage>;
    };

export class Router {
  readonly #handlers = new Map<string, AnyHandler>();

  /** Adds a service; a method without a handler is Unimplemented, like a service that was never added. */
  service<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): this {
    const handlers = implementation as Readonly<Record<string, AnyHandler['call'] | undefined>>;
    for (const method of service.methods) {
      const call = handlers[method.localName]?.bind(implementation);
      if (call === undefined) continue;
      // The kind of the method and the type of its handler belong together by the type of `implementation`.
      this.#handlers.set(pathOf(method), { kind: method.methodKind, method, call } as AnyHandler);
    }
    return this;
  }

  /** The handler of a request's path. */
  find(path: string): AnyHandler | undefined {
    return this.#handlers.get(path);
  }
}

/** gRPC's path of a method. */
export const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;
