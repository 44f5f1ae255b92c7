/** Waiting for something to become true, with a bound. */
import pRetry from 'p-retry';
import { SwarmtwinError, isToolError, messageOf } from '../model/errors.ts';
import type { ToolErrorCode } from '../model/errors.ts';

export interface Waiting {
  /** What is waited for, as a sentence's subject: "the API of n2". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs?: number;
  /** The code of the error when time is up. */
  readonly code: ToolErrorCode;
  readonly next: string;
}

/**
 * Runs `look` until it gives something else than undefined. Errors thrown by `look` count as "not yet"; the last one is told
 * when time is up. `bad-usage` ends the wait at once.
 */
export async function eventually<T>(
  waiting: Waiting,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const everyMs = waiting.everyMs ?? 50;
  try {
    return await pRetry(
      async () => {
        const seen = await look();
        if (seen === undefined) throw new Error('not yet');
        return seen;
      },
      {
        retries: Infinity,
        factor: 1,
        minTimeout: everyMs,
        maxTimeout: everyMs,
        maxRetryTime: waiting.deadlineMs,
        shouldRetry: ({ error }) => !(isToolError(error) && error.code === 'bad-usage'),
      },
    );
  } catch (error) {
    if (isToolError(error) && error.code === 'bad-usage') throw error;
    throw new SwarmtwinError(
      waiting.code,
      `${waiting.what}: not within ${waiting.deadlineMs / 1000} s (${messageOf(error)})`,
      waiting.next,
      error,
    );
  }
}
