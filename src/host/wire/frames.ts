/** gRPC's frames: one byte that says whether the message is compressed, four of length, the message. */
import { SwarmError } from '../../model/errors.ts';

const HEADER_BYTES = 5;

/** SwarmKit: messages between managers are at most 4 MiB. */
export const MAX_MESSAGE_BYTES = 4 << 20;

/** The message in its frame. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, HEADER_BYTES);
  return framed;
}

/** Takes a body in pieces of any size and gives the messages in it. Holds at most one message and the piece that ended it. */
export class FrameReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What came of a message that is not whole yet. */
  get heldBytes(): number {
    return this.#size;
  }

  /** Whether everything that came belonged to a whole message. */
  get atBoundary(): boolean {
    return this.#size === 0;
  }

  /**
   * The messages that this piece completes; each is a copy of its own, so that none holds the memory of a larger buffer.
   * @throws SwarmError in grpc-go's words: ResourceExhausted for a message that is announced too long, before it is read;
   * Unimplemented for a compressed one.
   */
  push(piece: Buffer): Uint8Array[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const messages: Uint8Array[] = [];
    for (;;) {
      const length = this.#announced();
      if (length === null || this.#size < HEADER_BYTES + length) return messages;
      const whole = this.#gathered();
      messages.push(new Uint8Array(whole.subarray(HEADER_BYTES, HEADER_BYTES + length)));
      const rest = whole.subarray(HEADER_BYTES + length);
      this.#pieces = rest.length === 0 ? [] : [rest];
      this.#size = rest.length;
    }
  }

  #announced(): number | null {
    if (this.#size < HEADER_BYTES) return null;
    const first = this.#pieces[0];
    const header = first !== undefined && first.length >= HEADER_BYTES ? first : this.#gathered();
    if (header[0] !== 0) {
      throw new SwarmError('Unimplemented', 'grpc: compressed messages are not supported');
    }
    const length = header.readUInt32BE(1);
    if (length > this.#maxBytes) {
      throw new SwarmError(
        'ResourceExhausted',
        `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`,
      );
    }
    return length;
  }

  #gathered(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const whole = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [whole];
    return whole;
  }
}
