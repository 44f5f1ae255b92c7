import type { Payload, State } from '../../swarm/manager/consensus-ports.ts';
import type { PayloadCodec } from '../disk/payload-codec.ts';
import { parsePrivate } from '../disk/private-json.ts';
import type { RaftCodec } from '../wire/convert-raft.ts';

/** How entries and snapshots of this twin look on the wire: JSON, as on its disk. */
export const raftCodec = (payloads: PayloadCodec): RaftCodec<Payload, State> => ({
  encodePayload: (payload) => payloads.encode(payload),
  decodePayload: (data) => payloads.decode(data),
  encodeSnapshot: (state) => Buffer.from(JSON.stringify(state)),
  decodeSnapshot: (data) => parsePrivate(Buffer.from(data).toString(), 'a snapshot') as State,
});
