/** A snapshot outgrows a call. It travels as a stream of messages that differ only in their piece of its data. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { SwarmError } from '../../model/errors.ts';
import type { StreamRaftMessageRequest, StreamRaftMessageRequestSchema } from './gen/raft_pb.js';
import type { Message } from './gen/raftpb_pb.js';
import { MessageSchema, MessageType } from './gen/raftpb_pb.js';

/** Well below the 4 MiB that a message may have, so that no piece holds the memory of the whole. */
const CHUNK_BYTES = 1 << 20;
/** More than any store SwarmKit was seen to have (hundreds of MB, outages.md 09); bounds what a peer can make us hold. */
export const MAX_SNAPSHOT_BYTES = 1 << 30;

/** The pieces of a message: several for a large snapshot, one for anything else. */
export function* splitRaftMessage(
  init: MessageInitShape<typeof MessageSchema>,
  chunkBytes = CHUNK_BYTES,
): Generator<MessageInitShape<typeof StreamRaftMessageRequestSchema>> {
  const message = create(MessageSchema, init);
  const data = message.snapshot?.data;
  if (message.snapshot === undefined || data === undefined || data.length <= chunkBytes) {
    yield { message };
    return;
  }
  for (let start = 0; start < data.length; start += chunkBytes) {
    const piece = data.subarray(start, start + chunkBytes);
    yield { message: { ...message, snapshot: { ...message.snapshot, data: piece } } };
  }
}

/**
 * The message that a stream of pieces makes up.
 * @throws SwarmError InvalidArgument in SwarmKit's words when the pieces do not belong together; ResourceExhausted beyond the bound.
 */
export async function joinRaftMessage(
  pieces: AsyncIterable<StreamRaftMessageRequest>,
  maxBytes = MAX_SNAPSHOT_BYTES,
): Promise<Message> {
  let first: Message | null = null;
  const data: Uint8Array[] = [];
  let size = 0;
  for await (const { message } of pieces) {
    if (message === undefined) throw invalid('Raft message chunk without a message');
    if (first !== null) checkPiece(first, message);
    first ??= message;
    const piece = message.snapshot?.data ?? new Uint8Array();
    size += piece.length;
    if (size > maxBytes) {
      throw new SwarmError('ResourceExhausted', `raft snapshot is larger than ${maxBytes} bytes`);
    }
    data.push(piece);
  }
  if (first === null) throw invalid('Raft message stream without a message');
  if (first.snapshot !== undefined && data.length > 1) first.snapshot.data = concat(data, size);
  return first;
}

function checkPiece(first: Message, piece: Message): void {
  if (piece.index !== first.index) {
    throw invalid(
      `Raft message chunk with index ${piece.index} is different from the previously received raft message index ${first.index}`,
    );
  }
  if (piece.type !== MessageType.MsgSnap) {
    throw invalid(`Raft message chunk is not of type ${MessageType.MsgSnap}`);
  }
}

function concat(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const invalid = (message: string): SwarmError => new SwarmError('InvalidArgument', message);
