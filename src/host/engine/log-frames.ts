/** What dockerd answers to `GET /containers/{id}/logs` with timestamps and details, taken apart. */
import { parseTime } from '../../model/time.ts';
import type { LogEntry, LogTime, OutputStream } from '../../swarm/logs/log-api.ts';

const HEADER_BYTES = 8;
const STDERR = 2;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** Takes pieces of a body as they come and gives the entries that are whole. */
export class LogFrames {
  readonly #tty: boolean;
  #rest: Buffer = Buffer.alloc(0);

  /** A container with a terminal has one stream and no frames; its entries are lines. */
  constructor(tty: boolean) {
    this.#tty = tty;
  }

  push(piece: Buffer): readonly LogEntry[] {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const entries: LogEntry[] = [];
    for (;;) {
      const next = this.#tty ? this.#line() : this.#frame();
      if (next === null) return entries;
      entries.push(next);
    }
  }

  /** A last line without an end; an unfinished frame is not for anybody. */
  end(): readonly LogEntry[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return this.#tty && rest.length > 0 ? [entryOf(rest, 'stdout')] : [];
  }

  #frame(): LogEntry | null {
    if (this.#rest.length < HEADER_BYTES) return null;
    const end = HEADER_BYTES + this.#rest.readUInt32BE(4);
    if (this.#rest.length < end) return null;
    const stream = this.#rest[0] === STDERR ? 'stderr' : 'stdout';
    return entryOf(this.#take(end).subarray(HEADER_BYTES), stream);
  }

  #line(): LogEntry | null {
    const end = this.#rest.indexOf(NEWLINE);
    return end < 0 ? null : entryOf(this.#take(end + 1), 'stdout');
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

// `<time> <details> <line>`: details may be nothing, the blanks are always there.
function entryOf(payload: Buffer, stream: OutputStream): LogEntry {
  const first = payload.indexOf(SPACE);
  const second = payload.indexOf(SPACE, first + 1);
  const time = timeOf(payload.toString('utf8', 0, Math.max(first, 0)));
  if (time === null || second < 0)
    return { time: { seconds: 0, nanoseconds: 0 }, stream, data: payload, attributes: [] };
  return {
    time,
    stream,
    data: payload.subarray(second + 1),
    attributes: attributesOf(payload.toString('utf8', first + 1, second)),
  };
}

function timeOf(text: string): LogTime | null {
  const [, whole = '', fraction = '', zone = ''] = /^([^.Z+]+)(?:\.(\d+))?(.+)$/.exec(text) ?? [];
  const ms = parseTime(`${whole}${zone}`);
  return ms === null
    ? null
    : { seconds: ms / 1000, nanoseconds: Number(fraction.padEnd(9, '0').slice(0, 9)) };
}

// As in a query: `key=value,key=value`, both escaped.
const attributesOf = (text: string): LogEntry['attributes'] =>
  text === ''
    ? []
    : text.split(',').map((pair) => {
        const at = pair.indexOf('=');
        return at < 0
          ? ([unescape(pair), ''] as const)
          : ([unescape(pair.slice(0, at)), unescape(pair.slice(at + 1))] as const);
      });

function unescape(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (caught) {
    if (caught instanceof URIError) return text;
    throw caught;
  }
}
