import type { Payload } from '../../swarm/manager/consensus-ports.ts';
import { parsePrivate } from './private-json.ts';

/** Turns a transaction into bytes for the disk and the wire. Each payload is encoded once, whoever asks and however often. */
export class PayloadCodec {
  readonly #encoded = new WeakMap<Payload, Buffer>();

  encode(payload: Payload): Buffer {
    let bytes = this.#encoded.get(payload);
    if (bytes === undefined) {
      bytes = Buffer.from(JSON.stringify(payload.actions));
      this.#encoded.set(payload, bytes);
    }
    return bytes;
  }

  /** Throws where the bytes are no transaction of ours. */
  decode(bytes: Uint8Array): Payload {
    const copy = Buffer.from(bytes);
    const actions = parsePrivate(copy.toString(), 'a raft entry');
    if (!Array.isArray(actions)) throw new Error('raft: an entry holds no list of store actions');
    const payload = { actions: actions as Payload['actions'] };
    this.#encoded.set(payload, copy);
    return payload;
  }
}
