import { describe, expect, test } from '@jest/globals';
import type { Outage } from '../model/outage.ts';
import { renderOutage } from './outage-lines.ts';

const outage: Outage = {
  ...{ subject: 'sim', managers: 3, workers: 1, seed: 's', endMs: 150_000, leader: 'n2' },
  events: [
    { atMs: 30_000, tone: 'action', text: 'kill n1 (leader); web.1 with it' },
    { atMs: 31_000, tone: 'bad', text: 'control is lost: nothing answers, nothing is replaced' },
    { atMs: 80_600, tone: 'good', text: 'web.1 runs on n2 (was on n1)' },
  ],
  control: [{ fromMs: 31_000, toMs: 43_600 }],
  services: [
    {
      ...{ service: 'web', declared: 6, isGlobal: false, lowest: 5, belowMs: 50_600 },
      ...{ longestBelowMs: 50_600, doubledMs: 0, moved: 1, restarted: 0 },
      placement: [
        { node: 'n2', tasks: 2 },
        { node: 'n3', tasks: 4 },
      ],
    },
    {
      ...{ service: 'agent', declared: 4, isGlobal: true, lowest: 4, belowMs: 0 },
      ...{ longestBelowMs: 0, doubledMs: 1500, moved: 0, restarted: 0, placement: [] },
    },
  ],
};
const texts = (of: Outage, width?: number): readonly string[] =>
  renderOutage(of, width).map(({ text }) => text);

describe('an outage on a terminal', () => {
  test('begins with who played what, for how long and with which seed', () => {
    expect(texts(outage)[0]).toBe(
      'sim: 3 managers, 1 worker; web x 6, agent on every node; 150.0 s from when all was up; seed s',
    );
  });

  test('has a line an event, with its time, a mark of its tone, and that tone for whoever colours', () => {
    const [first, second, third] = renderOutage(outage).slice(2, 5);
    expect(first).toEqual({ tone: 'action', text: '   30.0 s  ! kill n1 (leader); web.1 with it' });
    expect(second?.text).toMatch(/^ {3}31\.0 s {2}- control is lost/);
    expect(third).toEqual({ tone: 'good', text: '   80.6 s  + web.1 runs on n2 (was on n1)' });
  });

  test('breaks what is too wide, set in under its text', () => {
    const [head, rest] = texts(outage, 50).slice(3, 5);
    expect(head).toBe('   31.0 s  - control is lost: nothing answers,');
    expect(rest).toBe('             nothing is replaced');
  });

  test('sums up each service in a table', () => {
    const table = texts(outage).slice(6, 9);
    expect(table[0]).toMatch(
      /^service +wants +lowest +below for +longest +twice for +moved +restarted +at the end$/,
    );
    expect(table[1]).toMatch(/^web +6 +5 +50\.6 s +50\.6 s +- +1 +0 +6 of 6 run: n2 2, n3 4$/);
    expect(table[2]).toMatch(/^agent +4 +4 +- +- +1\.5 s +0 +0 +0 of 4 run$/);
  });

  test('ends with control and leader, both ways', () => {
    expect(texts(outage).slice(-2)).toEqual([
      'control: lost for 12.6 s (from 31.0 s to 43.6 s)',
      'at the end n2 leads',
    ]);
    const lost = { ...outage, control: [{ fromMs: 100_000, toMs: null }], leader: '' };
    expect(texts(lost).slice(-2)).toEqual([
      'control: lost for 50.0 s (from 100.0 s on)',
      'at the end nobody leads',
    ]);
    expect(texts({ ...outage, control: [] }).slice(-2)[0]).toBe('control: never lost');
  });

  test('says that nothing happened where nothing did', () => {
    expect(texts({ ...outage, events: [] })).toContain('nothing happened');
  });
});
