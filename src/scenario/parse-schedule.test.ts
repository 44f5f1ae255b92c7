import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseSchedule, type Stage } from './parse-schedule.ts';

const STAGE: Stage = { shape: { managers: 3, workers: 2 }, services: ['web', 'db'] };

const one = (text: string): unknown => parseSchedule([text], STAGE)[0]?.action;
const injected = (fault: object): object => ({
  do: 'step',
  step: { do: 'inject', as: 'fault-1', fault },
});

function mistakes(...texts: readonly string[]): readonly string[] {
  try {
    parseSchedule(texts, STAGE);
  } catch (caught) {
    expect(caught).toMatchObject({ code: 'bad-usage' });
    return (caught as Error).message.split('\n');
  }
  return [];
}

describe('an action of a schedule becomes a step', () => {
  test.each([
    ['at 30s kill leader', injected({ kind: 'kill', node: 'leader' })],
    ['AT 1m PAUSE n4', injected({ kind: 'pause', node: 'n4' })],
    [
      'at 5s isolate follower-2',
      injected({ kind: 'partition', groups: [['rest'], ['follower-2']], plane: 'control' }),
    ],
    [
      'at 5s partition n1, n2 | rest',
      injected({ kind: 'partition', groups: [['n1', 'n2'], ['rest']], plane: 'control' }),
    ],
    ['at 5s kill-container web.2', injected({ kind: 'kill-container', service: 'web', slot: 2 })],
    ['at 5s skew-clock n1 -30s', injected({ kind: 'skew-clock', node: 'n1', offsetMs: -30_000 })],
    [
      'at 5s drain worker',
      { do: 'step', step: { do: 'set-node', node: 'worker', availability: 'drain' } },
    ],
    ['at 5s scale web=9', { do: 'step', step: { do: 'update', service: 'web', replicas: 9 } }],
    ['at 5s update db', { do: 'step', step: { do: 'update', service: 'db', force: true } }],
    ['at 5s heal', { do: 'heal' }],
    ['at 5s heal n2', { do: 'heal', node: 'n2' }],
  ])('%s', (text, action) => {
    expect(one(text)).toEqual(action);
  });
});

test('a schedule is put in the order of time', () => {
  const schedule = parseSchedule(['at 1m30s heal', 'at 500ms kill n1', 'at 60 drain n5'], STAGE);
  expect(schedule.map(({ atS, text }) => [atS, text])).toEqual([
    [0.5, 'kill n1'],
    [60, 'drain n5'],
    [90, 'heal'],
  ]);
});

describe('what cannot be played is refused with the text and the reason', () => {
  test.each([
    ['kill leader', "it does not begin with 'at TIME'"],
    ['at 30s', 'it names no action'],
    ['at soon kill n1', "'soon' is no time"],
    ['at -5s kill n1', "'-5s' is no time"],
    ['at 5s explode n1', "there is no action 'explode'"],
    ['at 5s kill', 'it names no node'],
    [
      'at 5s kill @lost',
      "'@lost' is no node, expected n1, leader, follower, follower-2, worker or worker-2",
    ],
    ['at 5s kill n9', 'there is no n9 among 3 managers and 2 workers (n1, n2, n3, n4, n5)'],
    [
      'at 5s stop worker-3',
      'there is no worker-3 among 3 managers and 2 workers (n1, n2, n3, n4, n5)',
    ],
    [
      'at 5s stop follower-3',
      'there is no follower-3 among 3 managers and 2 workers (n1, n2, n3, n4, n5)',
    ],
    ['at 5s heal n6', 'there is no n6 among 3 managers and 2 workers (n1, n2, n3, n4, n5)'],
    ['at 5s partition n1', 'a partition needs two groups, as in n1,n2 | rest'],
    ['at 5s partition n1|n7', 'there is no n7 among 3 managers and 2 workers (n1, n2, n3, n4, n5)'],
    ['at 5s scale web', "'web' is not SERVICE=N"],
    ['at 5s scale cache=3', 'there is no service cache, there is web, db'],
    ['at 5s update', 'it names no service'],
    ['at 5s update cache', 'there is no service cache, there is web, db'],
    ['at 5s kill-container cache.1', 'there is no service cache, there is web, db'],
    ['at 5s skew-clock n1', "'' is no time to be off by, as in -30s"],
  ])('%s', (text, why) => {
    expect(mistakes(text)).toEqual([`'${text}' cannot be played: ${why}`]);
  });

  test('all of them at once, and what can be written', () => {
    expect(mistakes('at 5s kill n9', 'at 6s heal', 'kill n1')).toHaveLength(2);
    expect(() => parseSchedule(['x'], STAGE)).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/kill NODE, stop NODE/) as unknown }),
    );
  });
});

test.each([
  ['90', 90],
  ['90s', 90],
  ['1m30s', 90],
  ['500ms', 0.5],
  ['1h', 3600],
  ['', null],
  ['1d', null],
  ['s', null],
  ['5s x', null],
])('a time %j is %p seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});
