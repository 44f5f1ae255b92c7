/** `GET /events`: what the node's dockerd tells and what the swarm's store tells, as one stream. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { type ApiRequest, parseTarget, queryValue } from '../../engine-api/api-message.ts';
import { wantsEvent } from '../../engine-api/event-filter.ts';
import { readFilters, type FilterArgs } from '../../engine-api/filters.ts';
import { eventLine, type SwarmEvent, type SwarmEventLog } from '../../engine-api/swarm-events.ts';
import {
  nanosecondsOf,
  parseTimestamp,
  timestampOf,
  type Timestamp,
} from '../../engine-api/timestamp.ts';
import { isSwarmError } from '../../model/errors.ts';
import { passThrough, type EngineAddress } from './pass-through.ts';
import type { EngineLine } from '../../model/engines.ts';

export interface EventSources {
  readonly engine: EngineAddress;
  readonly swarm: SwarmEventLog;
  readonly behaveLike: EngineLine;
}

/** What a client asks for. */
interface Wanted {
  readonly target: Pick<ApiRequest, 'path' | 'query'>;
  readonly filters: FilterArgs;
  /** In nanoseconds since 1970; null where there is no bound. */
  readonly since: bigint | null;
  readonly until: bigint | null;
}

/** Later than any event. */
const FOREVER = 2n ** 62n;
/** moby: how many events are kept for clients that ask for past ones, those of the swarm and all others together. */
const KEPT = 256;
/** For a client that does not read; moby too drops the events that a full subscriber has no room for (pubsub.Publisher). */
const UNREAD_BYTES = 1 << 20;

/** Serves the request; one that dockerd would refuse is dockerd's to refuse. */
export function serveEvents(
  sources: EventSources,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const wanted = read(incoming, sources.behaveLike);
  if (wanted === null) {
    passThrough(sources.engine, incoming, outgoing);
    return;
  }
  incoming.resume();
  new EventStream(sources, wanted, outgoing).begin();
}

function read(incoming: IncomingMessage, behaveLike: EngineLine): Wanted | null {
  const target = parseTarget(incoming.url ?? '/');
  const request: ApiRequest = { method: 'GET', ...target, headers: {}, body: new Uint8Array() };
  const since = parseTimestamp(queryValue(request, 'since'));
  const until = parseTimestamp(queryValue(request, 'until'));
  if (typeof since === 'string' || typeof until === 'string') return null;
  try {
    const filters = readFilters(request, behaveLike);
    return { target, filters, since: boundOf(since), until: boundOf(until) };
  } catch (caught) {
    if (isSwarmError(caught)) return null;
    throw caught;
  }
}

const boundOf = (time: Timestamp | null): bigint | null =>
  time === null ? null : nanosecondsOf(time);

/** What to ask dockerd for, and what to do with what it tells. */
interface Question {
  readonly since: bigint | null;
  readonly until: bigint | null;
  readonly isFiltered: boolean;
  /** dockerd has agreed to tell. */
  begun?(): void;
  line(text: string): void;
  end(): void;
}

class EventStream {
  readonly #sources: EventSources;
  readonly #wanted: Wanted;
  readonly #outgoing: ServerResponse;
  /** Events of the swarm that wait until past ones are told; null once they are. */
  #held: SwarmEvent[] | null = [];

  constructor(sources: EventSources, wanted: Wanted, outgoing: ServerResponse) {
    this.#sources = sources;
    this.#wanted = wanted;
    this.#outgoing = outgoing;
    const unfollow = sources.swarm.follow((event) => {
      if (this.#held === null) this.#tell(event);
      else this.#held.push(event);
    });
    outgoing.on('close', unfollow);
  }

  begin(): void {
    const { since, until } = this.#wanted;
    const now = nanosecondsOf(timestampOf(Date.now()));
    if (since === null && (until === null || until >= now)) {
      this.#live(null);
      return;
    }
    const isOver = until !== null && until < now;
    this.#oldest(now, (oldest) => {
      const from = since === null || since < oldest ? oldest : since;
      if (isOver)
        this.#past(from, until, until, () => {
          this.#outgoing.end();
        });
      // dockerd keeps its last events, so that none is lost between the two questions.
      else
        this.#past(from, now, FOREVER, () => {
          this.#live(now + 1n);
        });
    });
  }

  /** The time of the oldest event that one dockerd would still have of both kinds together. */
  #oldest(now: bigint, then: (at: bigint) => void): void {
    const times = this.#sources.swarm.past(0n, FOREVER).map(({ time }) => nanosecondsOf(time));
    this.#ask({
      since: 0n,
      until: now,
      isFiltered: false,
      line: (text) => {
        times.push(timeOf(text));
      },
      end: () => {
        times.sort((a, b) => Number(b - a));
        then(times[KEPT - 1] ?? 0n);
      },
    });
  }

  /** Past events of both in the order of their times. */
  #past(since: bigint, until: bigint, ownUntil: bigint, then: () => void): void {
    const { filters } = this.#wanted;
    const lines = this.#sources.swarm
      .past(since, ownUntil)
      .filter((event) => wantsEvent(filters, event))
      .map((event) => ({ at: nanosecondsOf(event.time), text: eventLine(event) }));
    this.#ask({
      since,
      until,
      isFiltered: true,
      line: (text) => {
        lines.push({ at: timeOf(text), text });
      },
      end: () => {
        lines.sort((a, b) => Number(a.at - b.at));
        for (const { text } of lines) this.#write(text);
        then();
      },
    });
  }

  /** Events to come; where past ones were told, from `since` on. */
  #live(since: bigint | null): void {
    this.#ask({
      since,
      until: this.#wanted.until,
      isFiltered: true,
      begun: () => {
        this.#release();
      },
      line: (text) => {
        this.#write(text);
      },
      end: () => {
        this.#outgoing.end();
      },
    });
  }

  #ask(question: Question): void {
    const outgoing = this.#outgoing;
    const onward = httpRequest({
      socketPath: this.#sources.engine.socketPath,
      path: pathOf(this.#wanted.target, question),
      headers: { Host: 'docker' },
    });
    onward.on('response', (answer) => {
      this.#begun(answer);
      if (answer.statusCode !== 200) {
        answer.pipe(outgoing);
        return;
      }
      const lines = createInterface({ input: answer, crlfDelay: Infinity });
      lines.on('line', (text) => {
        question.line(`${text}\n`);
      });
      lines.on('close', () => {
        question.end();
      });
      // An engine that dies ends the stream for its client too.
      lines.on('error', () => outgoing.destroy());
      question.begun?.();
    });
    onward.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(503, { 'Content-Type': 'application/json' });
      outgoing.end();
    });
    outgoing.on('close', () => onward.destroy());
    onward.end();
  }

  #begun(answer: IncomingMessage): void {
    if (this.#outgoing.headersSent) return;
    this.#outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
    this.#outgoing.flushHeaders();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const event of held) this.#tell(event);
  }

  #tell(event: SwarmEvent): void {
    if (wantsEvent(this.#wanted.filters, event)) this.#write(eventLine(event));
  }

  #write(text: string): void {
    const { writable, writableLength } = this.#outgoing;
    if (writable && writableLength < UNREAD_BYTES) this.#outgoing.write(text);
  }
}

function pathOf({ path, query }: Wanted['target'], question: Question): string {
  const { since, until, isFiltered } = question;
  const filters = isFiltered ? query.get('filters')?.[0] : undefined;
  const parameters = new URLSearchParams({
    ...(filters === undefined ? {} : { filters }),
    ...(since === null ? {} : { since: timeText(since) }),
    ...(until === null ? {} : { until: timeText(until) }),
  });
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function timeText(at: bigint): string {
  const nanoseconds = ((at % SECOND) + SECOND) % SECOND;
  return `${(at - nanoseconds) / SECOND}.${String(nanoseconds).padStart(9, '0')}`;
}

const SECOND = 1_000_000_000n;

/** A number that JSON's own numbers cannot hold. */
const timeOf = (line: string): bigint => BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? '0');
