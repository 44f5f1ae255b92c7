/** Asks a service again and again while things break, as a load balancer in front of the nodes would. */
import { messageOf } from '../model/errors.ts';

export interface WatchOptions {
  /** From the end of one question to the beginning of the next; 200 ms unless given. */
  readonly everyMs?: number;
  /** How long one address may take to answer; 1 s unless given. */
  readonly patienceMs?: number;
}

/** A question that no address answered. Milliseconds since the watch began. */
export interface Unanswered {
  readonly atMs: number;
  /** What each address said, in the order in which they were asked. */
  readonly why: readonly string[];
}

export interface Seen {
  readonly asked: number;
  readonly unanswered: readonly Unanswered[];
  /** The longest time from one answer to the next. */
  readonly longestSilenceMs: number;
}

export interface Watch {
  /** Resolves once the service has answered for the first time. Rejects after `deadlineMs`. */
  answering(deadlineMs?: number): Promise<void>;
  /** What was seen until now; the watch ends. */
  stop(): Promise<Seen>;
}

/** Whether one address answers; rejects where it does not. Ports: tests ask without a network. */
export type Ask = (url: string, patienceMs: number) => Promise<void>;

/** Any answer below 500 counts: whether it is the right one is the service's own business. */
export const askHttp: Ask = async (url, patienceMs) => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
  await answer.arrayBuffer();
  if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
};

const DEADLINE_MS = 60_000;

/** Each question goes to one address after another until one answers; the next one begins where the last one ended. */
export function watchUrls(
  urls: readonly string[],
  { everyMs = 200, patienceMs = 1000 }: WatchOptions = {},
  ask: Ask = askHttp,
): Watch {
  const began = performance.now();
  const now = (): number => Math.round(performance.now() - began);
  const unanswered: Unanswered[] = [];
  let asked = 0;
  const ending = new AbortController();
  let lastMs: number | undefined;
  let longestSilenceMs = 0;
  let first = 0;
  const question = async (): Promise<void> => {
    const atMs = now();
    const why: string[] = [];
    asked += 1;
    for (let tried = 0; tried < urls.length; tried += 1) {
      const url = urls[first] ?? '';
      try {
        await ask(url, patienceMs);
        if (lastMs !== undefined) longestSilenceMs = Math.max(longestSilenceMs, now() - lastMs);
        lastMs = now();
        return;
      } catch (caught) {
        why.push(`${url}: ${messageOf(caught)}`);
        first = (first + 1) % urls.length;
      }
    }
    unanswered.push({ atMs, why });
  };
  const loop = (async () => {
    while (!ending.signal.aborted) {
      await question();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    answering: async (deadlineMs = DEADLINE_MS) => {
      while (lastMs === undefined) {
        if (now() > deadlineMs)
          throw new Error(
            `nothing answered within ${deadlineMs} ms: ${unanswered.at(-1)?.why.join('; ') ?? 'no question was asked'}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      // What was not answered before the service was there is no outage.
      unanswered.length = 0;
      asked = 0;
    },
    stop: async () => {
      ending.abort();
      await loop;
      const open = lastMs === undefined ? now() : now() - lastMs;
      return { asked, unanswered, longestSilenceMs: Math.max(longestSilenceMs, open) };
    },
  };
}
