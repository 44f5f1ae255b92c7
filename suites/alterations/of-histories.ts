/** What is wrong with the record, and not with the swarm. */
import type { HistoryRecord } from '../../src/model/history.ts';
import { inTime, withOne, withRecord } from './altering.ts';
import type { Alter } from './altering.ts';

export const cutOff: Alter = ({ records, random }) =>
  records.slice(0, 1 + random.below(records.length - 1));

export const aborted: Alter = ({ records }) =>
  records.map((each): HistoryRecord =>
    each.type === 'end' ? { ...each, outcome: 'aborted', text: 'a step broke' } : each,
  );

export const engineUnwatched: Alter = (told) =>
  told.story.faults.length > 0
    ? null
    : withOne(told, told.story.all, (node) => {
        const atMs = Math.round(told.story.endMs / 2);
        const seen = { what: 'engine', node, text: 'odd' };
        return withRecord(
          told.records,
          { ...seen, atMs, answers: false },
          { ...seen, atMs: atMs + 5000, answers: true },
        );
      });

/** It was never proved that a fault was in force. */
export const neverBit: Alter = (told) =>
  withOne(
    told,
    told.records.filter((each) => each.type === 'fault' && each.phase === 'bitten'),
    ({ n }) => inTime(told.records.filter((each) => each.n !== n)),
  );

export const secretOnDisk: Alter = ({ records }) => {
  const isHeld = (each: HistoryRecord): boolean =>
    each.type === 'observe' && each.what === 'held' && each.places.length > 0;
  if (!records.some(isHeld)) return null;
  return records.map((each) =>
    each.type === 'observe' && each.what === 'held' && isHeld(each)
      ? { ...each, places: each.places.map((place) => ({ ...place, inMemory: false })) }
      : each,
  );
};

export const portNotListenedOn: Alter = ({ records }) => {
  if (!records.some((each) => each.type === 'observe' && each.what === 'ports')) return null;
  return records.map((each) =>
    each.type === 'observe' && each.what === 'ports'
      ? { ...each, listens: each.listens.filter((port) => port !== '7946/tcp') }
      : each,
  );
};
