/** Managers whose machines come back at other addresses, of real Swarm and of the twin: three nodes each, about three minutes. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { labBasics, setUp } from '../../src/command/set-up.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { CLAIMS } from './claims.ts';
import { playMove, SUBJECTS, type Seen } from './play.ts';

const LONG_MS = 15 * 60_000;
const played = new Map<string, Seen>();

beforeAll(async () => {
  const basics = labBasics(await setUp([DEFAULT_ENGINE]), DEFAULT_ENGINE);
  const all = SUBJECTS.map(async (subject) => {
    const say = (line: string): void => {
      process.stderr.write(`swarmtwin: moved-manager ${line}\n`);
    };
    played.set(subject, await playMove(subject, basics, say));
  });
  for (const each of await Promise.allSettled(all))
    if (each.status === 'rejected') throw each.reason;
}, LONG_MS);

describe.each(SUBJECTS)('a manager of %s whose machine gets another address', (subject) => {
  test.each(CLAIMS.map(({ title, seen }) => [title, seen] as const))('%s', (title, seen) => {
    expect(played.get(subject)?.get(title)).toMatch(seen);
  });
});
