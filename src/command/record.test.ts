import { expect, test } from '@jest/globals';
import { MadeHistory } from '../checker/made-history.ts';
import type { Subject } from '../model/history.ts';
import type { EngineLine } from '../model/engines.ts';
import { lastPlays } from './record.ts';
import type { StoredHistory } from './run-folder.ts';

const stored = (line: EngineLine | null, subject: Subject, play: number): StoredHistory => {
  const records = new MadeHistory({ managers: 1, workers: 0 }, []).at(play).end();
  return { scenario: 'drain/made', subject, play, line, path: '', records, cut: false };
};

test('of each engine what real Swarm did last is recorded, and nothing of the twin', () => {
  const first = stored('20.10', 'swarm', 1);
  const again = stored('20.10', 'swarm', 2);
  const other = stored('28.5', 'swarm', 1);
  const all = [first, stored('20.10', 'twin', 1), other, again, stored('28.5', 'twin', 3)];
  expect(lastPlays(all)).toEqual([again.records, other.records]);
});

test('what real Swarm did not play is said, by a history that has nothing', () => {
  expect(lastPlays([stored(null, 'twin', 1)])).toEqual([[]]);
});
