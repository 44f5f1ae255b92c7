import { expect, test } from '@jest/globals';
import { ownRow, type Row } from './readings.ts';
import { overLines, tableLines } from './table.ts';

const row = (name: string, value: number | null, more: Partial<Row> = {}): Row => ({
  name,
  value,
  unit: 's',
  samples: value === null ? [] : [value],
  loads: value === null ? [] : [1.5],
  ...more,
});

const ROWS = [
  row('lab.up.swarm', 5, { aim: 6, met: true }),
  row('lab.up.twin', 8),
  row('lab.up.ratio', 1.6, { aim: 1.2, met: false, samples: [], loads: [] }),
  row('run.all.both', null, { aim: 600, reason: 'there is no run' }),
];

test('a line shows both subjects, their ratio and which side is over its aim', () => {
  const line = tableLines(ROWS)[1] ?? '';
  expect(line.split(/\s{2,}/)).toEqual([
    'lab.up',
    's',
    '5.00',
    '8.00',
    '1.60',
    '1',
    '1.5–1.5',
    'swarm ≤ 6, ratio ≤ 1.2',
    'OVER (ratio)',
  ]);
});

test('what was not measured shows a dash and the reason, never a figure', () => {
  const line = tableLines(ROWS)[2] ?? '';
  expect(line).toMatch(/run\.all .* – .*both ≤ 600 +stopped: there is no run$/);
});

test('what is over its aim is said in words, and nothing else is', () => {
  expect(overLines(ROWS)).toEqual(['lab.up.ratio is 1.60 s, over its aim of 1.2']);
});

test('a figure that should be large is under its aim, not over it', () => {
  const slow = ownRow(
    { name: 'simulation.runs', unit: 'runs/s', aim: 200, atLeast: true },
    [90],
    [1],
  );
  expect(slow.met).toBe(false);
  expect(tableLines([slow])[1]).toMatch(/both ≥ 200 +UNDER \(both\)$/);
  expect(overLines([slow])).toEqual(['simulation.runs.both is 90.00 runs/s, under its aim of 200']);
  const quick = ownRow(
    { name: 'simulation.runs', unit: 'runs/s', aim: 200, atLeast: true },
    [300],
    [1],
  );
  expect(overLines([quick])).toEqual([]);
});
