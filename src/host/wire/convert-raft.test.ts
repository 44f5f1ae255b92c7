import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entry, Message } from '../../raft/messages.ts';
import type { RaftCodec } from './convert-raft.ts';
import { raftMessageFromWire, raftMessageToWire } from './convert-raft.ts';
import { RaftMemberSchema, StreamRaftMessageRequestSchema } from './gen/raft_pb.js';
import type { StreamRaftMessageRequest } from './gen/raft_pb.js';
import { ConfChangeSchema, MessageSchema, MessageType } from './gen/raftpb_pb.js';
import { joinRaftMessage, splitRaftMessage } from './snapshot-chunks.ts';

const codec: RaftCodec<string, string> = {
  encodePayload: (payload) => new TextEncoder().encode(payload),
  decodePayload: (data) => new TextDecoder().decode(data),
  encodeSnapshot: (data) => new TextEncoder().encode(data),
  decodeSnapshot: (data) => new TextDecoder().decode(data),
};

type Any = Message<string, string>;

function roundTrip(message: Any): Any {
  const bytes = toBinary(MessageSchema, create(MessageSchema, raftMessageToWire(message, codec)));
  return raftMessageFromWire(fromBinary(MessageSchema, bytes), codec);
}

const index = fc.nat();
const raftId = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }).map(String);
const envelope = { to: raftId, from: raftId, term: index };
const text = fc.string({ unit: 'grapheme' });
const change = fc.record({
  type: fc.constantFrom('add' as const, 'remove' as const, 'update' as const),
  raftId,
  context: fc.oneof(
    fc.constant(''),
    fc
      .record({ nodeId: fc.string({ minLength: 1 }), addr: fc.string() })
      .map(({ nodeId, addr }) => JSON.stringify({ nodeId, addr })),
  ),
});
const entry: fc.Arbitrary<Entry<string>> = fc.oneof(
  fc.record({
    index,
    term: index,
    kind: fc.constant('normal' as const),
    payload: fc.oneof(fc.constant(null), text),
  }),
  fc.record({ index, term: index, kind: fc.constant('conf' as const), change }),
);
const snapshot = fc.record({ index, term: index, members: fc.array(raftId), data: text });
const of = <T extends string>(type: T) => fc.constant(type);
const message: fc.Arbitrary<Any> = fc.oneof(
  fc.record({
    ...envelope,
    type: of('app'),
    index,
    logTerm: index,
    entries: fc.array(entry),
    commit: index,
  }),
  fc.record({
    ...envelope,
    type: of('appResp'),
    index,
    reject: fc.boolean(),
    rejectHint: index,
    logTerm: index,
  }),
  fc.record({ ...envelope, type: of('vote'), index, logTerm: index, context: text }),
  fc.record({ ...envelope, type: of('voteResp'), reject: fc.boolean() }),
  fc.record({ ...envelope, type: of('heartbeat'), commit: index }),
  fc.record({ ...envelope, type: of('heartbeatResp') }),
  fc.record({ ...envelope, type: of('timeoutNow') }),
  fc.record({ ...envelope, type: of('snap'), snapshot }),
);

describe('raft messages', () => {
  test('every message comes back as it went', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(roundTrip(sent)).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  test('a change of membership carries SwarmKit’s RaftMember', () => {
    const context = JSON.stringify({ nodeId: 'n1', addr: '10.0.0.1:2377' });
    const wire = create(
      MessageSchema,
      raftMessageToWire(
        {
          type: 'app',
          to: '1',
          from: '2',
          term: 1,
          index: 1,
          logTerm: 1,
          commit: 1,
          entries: [
            { index: 2, term: 1, kind: 'conf', change: { type: 'update', raftId: '7', context } },
          ],
        },
        codec,
      ),
    );
    const conf = fromBinary(ConfChangeSchema, wire.entries[0]!.Data!);
    expect(conf).toMatchObject({ type: 2, nodeId: 7n });
    expect(fromBinary(RaftMemberSchema, conf.context!)).toMatchObject({
      raftId: 7n,
      nodeId: 'n1',
      addr: '10.0.0.1:2377',
    });
  });

  test('what no member sends another, and what is not whole, is refused', () => {
    const bad = [
      { type: MessageType.MsgProp },
      { type: Number('99') },
      { type: MessageType.MsgSnap },
      { type: MessageType.MsgApp, entries: [{ Type: 2 }] },
      { type: MessageType.MsgApp, entries: [{ Type: 1, Data: new Uint8Array([0xff]) }] },
      { type: MessageType.MsgHeartbeat, commit: (1n << 64n) - 1n },
    ];
    for (const init of bad) {
      expect(() => raftMessageFromWire(create(MessageSchema, init), codec)).toThrow(
        'malformed raft message',
      );
    }
  });
});

describe('snapshots in pieces', () => {
  const snap = (data: string): Any => ({
    type: 'snap',
    to: '1',
    from: '2',
    term: 3,
    snapshot: { index: 9, term: 2, members: ['1', '2'], data },
  });

  async function* sent(requests: Iterable<StreamRaftMessageRequest>) {
    await Promise.resolve();
    yield* requests;
  }

  const pieces = (data: string, chunk: number) =>
    [...splitRaftMessage(raftMessageToWire(snap(data), codec), chunk)].map((init) => {
      const bytes = toBinary(
        StreamRaftMessageRequestSchema,
        create(StreamRaftMessageRequestSchema, init),
      );
      return fromBinary(StreamRaftMessageRequestSchema, bytes);
    });

  test('any snapshot cut anywhere is whole again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 500 }),
        fc.integer({ min: 1, max: 200 }),
        async (data, chunk) => {
          const requests = pieces(data, chunk);
          const size = new TextEncoder().encode(data).length;
          expect(requests.length).toBe(Math.max(1, Math.ceil(size / chunk)));
          const whole = await joinRaftMessage(sent(requests));
          expect(raftMessageFromWire(whole, codec)).toEqual(snap(data));
        },
      ),
    );
  });

  test('pieces of two messages, no piece at all, and too much are refused', async () => {
    const [first, second] = pieces('abcdef', 3);
    const other = { ...second!, message: { ...second!.message!, index: 5n } };
    await expect(joinRaftMessage(sent([first!, other]))).rejects.toMatchObject({
      code: 'InvalidArgument',
      message:
        'Raft message chunk with index 5 is different from the previously received raft message index 0',
    });
    const beat = { ...second!, message: { ...second!.message!, type: MessageType.MsgHeartbeat } };
    await expect(joinRaftMessage(sent([first!, beat]))).rejects.toMatchObject({
      message: 'Raft message chunk is not of type 7',
    });
    await expect(joinRaftMessage(sent([]))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(joinRaftMessage(sent(pieces('abcdef', 3)), 5)).rejects.toMatchObject({
      code: 'ResourceExhausted',
    });
  });
});
