/**
 * Swarms of two kinds of nodes: a real dockerd as a worker of twin managers, and a twin as a worker of real managers, on each line of engines. A line takes about two
 * minutes, so `npm test` plays the default one; all of them are played where the suite is asked for by name: npm test -- live suites/interop
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { labBasics, setUp } from '../../src/command/set-up.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { claimsOf, DIRECTIONS, playDirection } from './play-direction.ts';
import type { Outcomes } from './play-direction.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';

const LONG_MS = 15 * 60_000;
const asked = process.env['SWARMTWIN_INTEROP'] === 'all';
const engines = asked ? ENGINE_LINES : [DEFAULT_ENGINE];

const say = (line: string): void => {
  process.stderr.write(`swarmtwin: interop ${line}\n`);
};

if (!asked)
  say(
    `is played on engine ${DEFAULT_ENGINE} only, since each line takes about two minutes; on all of them with: npm test -- live suites/interop`,
  );

describe.each(engines)('engine %s', (engine) => {
  const outcomes = new Map<string, Outcomes>();

  beforeAll(async () => {
    const basics = labBasics(await setUp([engine]), engine);
    const all = DIRECTIONS.map(async (direction) => {
      outcomes.set(direction, await playDirection(direction, basics, say));
    });
    for (const each of await Promise.allSettled(all))
      if (each.status === 'rejected') throw each.reason;
  }, LONG_MS);

  describe.each([
    ['a real dockerd as a worker of twin managers', 'twin-managers'],
    ['a twin as a worker of real managers', 'twin-agents'],
  ] as const)('%s', (_, direction) => {
    test.each(claimsOf(direction).map(({ title }) => [title] as const))('%s', (title) => {
      expect(outcomes.get(direction)?.get(title)).toBe('');
    });
  });
});
