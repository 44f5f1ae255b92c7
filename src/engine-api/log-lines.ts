/** The output of tasks as clients read it (moby: httputils.WriteLogStream, stdcopy). */
import { formatTime } from '../model/time.ts';
import type { LogMessage, LogTime, OutputStream } from '../swarm/logs/log-api.ts';
import { encodeUtf8 } from '../model/utf8.ts';

export interface LogShape {
  /** Whether each line is in a frame that names its stream; it is not where the task has a terminal. */
  readonly multiplexed: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly streams: readonly OutputStream[];
}

/** stdcopy's numbers; 3 carries what the daemon itself has to say. */
const FRAME = { stdout: 1, stderr: 2, system: 3 } as const;
const HEADER_BYTES = 8;

/** What the daemon adds to each line's details, whatever a log driver has put there under the same keys. */
const OWN_DETAILS = [
  ['com.docker.swarm.node.id', 'nodeId'],
  ['com.docker.swarm.service.id', 'serviceId'],
  ['com.docker.swarm.task.id', 'taskId'],
] as const;

/** The bytes of some messages; empty where none of them is wanted. */
export function logBytes(messages: readonly LogMessage[], shape: LogShape): Uint8Array {
  const wanted = messages.filter(({ stream }) => shape.streams.includes(stream));
  return joined(
    wanted.flatMap((message) => {
      const head = encodeUtf8(headOf(message, shape));
      const { data } = message;
      const frame = shape.multiplexed
        ? [frameHeader(FRAME[message.stream], head.length + data.length)]
        : [];
      return [...frame, Uint8Array.from(head), data];
    }),
  );
}

/** What a client reads where the logs end badly. */
export function logFailure(text: string, multiplexed: boolean): Uint8Array {
  const line = Uint8Array.from(encodeUtf8(`Error grabbing logs: ${text}\n`));
  return joined(multiplexed ? [frameHeader(FRAME.system, line.length), line] : [line]);
}

function headOf(message: LogMessage, { timestamps, details }: LogShape): string {
  const time = timestamps ? `${fixedTime(message.time)} ` : '';
  return details ? `${time}${detailsOf(message)} ` : time;
}

function detailsOf({ attributes, context }: LogMessage): string {
  const isOwn = (key: string): boolean => OWN_DETAILS.some(([own]) => own === key);
  const pairs = [
    ...attributes.filter(([key]) => !isOwn(key)),
    ...OWN_DETAILS.map(([key, member]) => [key, context[member]] as const),
  ];
  return pairs
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${queryEscape(key)}=${queryEscape(value)}`)
    .join(',');
}

/** RFC 3339 with nine digits, as dockerd prints times of lines. */
const fixedTime = ({ seconds, nanoseconds }: LogTime): string =>
  formatTime(seconds * 1000).replace('Z', `.${String(nanoseconds).padStart(9, '0')}Z`);

/** Go's url.QueryEscape. */
const queryEscape = (text: string): string =>
  encodeUtf8(text)
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9_.~-]/.test(character)) return character;
      return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

function frameHeader(stream: number, length: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = stream;
  new DataView(header.buffer).setUint32(4, length);
  return header;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
