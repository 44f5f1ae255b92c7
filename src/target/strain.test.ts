import { expect, test } from '@jest/globals';
import { parsePressure, strainBetween } from './strain.ts';

test('reads how long something waited for a core', () => {
  const text =
    'some avg10=81.68 avg60=34.08 avg300=35.93 total=6365906647\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
  expect(parsePressure(text)).toBe(6_365_906.647);
  expect(parsePressure('')).toBeNull();
});

test('a machine that keeps up is no news', () => {
  expect(strainBetween({ atMs: 0, stalled: 0 }, { atMs: 1000, stalled: 800 })).toBeNull();
  expect(strainBetween({ atMs: 0, stalled: null }, { atMs: 1100, stalled: null })).toBeNull();
});

test('a second in which nothing ran at once is strain', () => {
  const strain = strainBetween({ atMs: 0, stalled: 0 }, { atMs: 1000, stalled: 990 });
  expect(strain).toEqual({ what: 'strain', pressure: 0.99, lagMs: 0 });
});

test("the recorder's own lag is strain, whatever the kernel counts", () => {
  const strain = strainBetween({ atMs: 0, stalled: null }, { atMs: 1700, stalled: null });
  expect(strain).toEqual({ what: 'strain', pressure: 0, lagMs: 700 });
});
