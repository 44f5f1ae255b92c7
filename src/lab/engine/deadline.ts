/** A bound on one question to an engine. */

import { SwarmtwinError } from '../../model/errors.ts';

/** Gives what `work` gives, or throws SwarmtwinError `deadline` after `ms`. The work itself is not stopped. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new SwarmtwinError(
          'deadline',
          `${what}: no answer for ${ms / 1000} s`,
          'Look whether the Docker engine still answers: docker version',
        ),
      );
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
