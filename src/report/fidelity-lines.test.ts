import { describe, expect, test } from '@jest/globals';
import type { ASPECTS, AspectVerdict, FidelityReport, Rate } from '../model/fidelity.ts';
import { renderFidelity } from './fidelity-lines.ts';

const rate = (right: number, of: number): Rate => ({ right, of, low: 0.55, high: 0.998 });
const verdict = (aspect: (typeof ASPECTS)[number], text: string): AspectVerdict => ({
  ...{ aspect, text, right: text === '', possible: aspect === 'placement' },
});
const itself = { predicted: rate(10, 10), possible: rate(10, 10) };

const report: FidelityReport = {
  ...{ begun: '2026-11-21', seconds: 9, seed: 'abc', draws: 5, facts: { engine: '26.1' } },
  rates: [{ aspect: 'end', predicted: rate(9, 10), possible: rate(0, 0), itself }],
  ratesWithStrained: [{ aspect: 'end', predicted: rate(9, 12), possible: rate(9, 12), itself }],
  phases: [
    {
      name: 'leader to down',
      real: { leastMs: 28_000, medianMs: 30_500, mostMs: 33_000 },
      simulated: null,
      realInRange: rate(4, 4),
      simulatedInRange: rate(0, 0),
      formula: 'six heartbeats',
    },
  ],
  runs: [
    {
      ...{ scenario: 'drawn-1', title: 'kill leader', seed: 'abc-1', doubt: '', phases: [] },
      strain: '',
      aspects: [verdict('placement', 'one off'), verdict('order', 'another text')],
      itself: [],
    },
    {
      ...{ scenario: 'drawn-2', title: 'pause worker', seed: 'abc-2', doubt: 'no history' },
      strain: '',
      ...{ aspects: [], itself: [], phases: [] },
    },
  ],
};
const lines = renderFidelity(report);
const text = lines.join('\n');

describe('the report on predictions', () => {
  test('begins with what was played and how much of it counts', () => {
    expect(lines[0]).toBe(
      '2 outages of seed abc, predicted with 5 draws each and played to real Swarm; 1 of them could not be judged; engine 26.1',
    );
  });
  test('gives a rate with its interval, and none where nothing was judged', () => {
    expect(text).toContain('9/10 90 % (55 % to 100 %)');
    expect(text).toContain('none judged');
  });
  test('sums up a phase by its median and ends, and says where a side never had it', () => {
    expect(text).toMatch(
      /leader to down +30\.5 s \(28\.0 to 33\.0\) +- +4\/4 +0\/0 +six heartbeats/,
    );
  });
  test('tells each miss, and which of them another draw had', () => {
    expect(text).toContain('drawn-1: kill leader');
    expect(text).toContain('placement (as another draw had it): one off');
    expect(text).toContain('    order: another text');
  });
  test('names what was not judged, with the reason', () => {
    expect(text).toContain('drawn-2: no history');
  });
  test('counts runs of a machine that did not keep up apart', () => {
    expect(text).not.toContain('9/12');
    const runs = report.runs.map((run) => ({ ...run, strain: 'short of time' }));
    const strained = renderFidelity({ ...report, runs }).join('\n');
    expect(strained).toContain('with the 2 during which the machine did not keep up:');
    expect(strained).toContain('9/12 75 %');
    expect(strained).toContain('drawn-1: kill leader (short of time)');
  });
  test('puts columns under each other', () => {
    const [head = '', row = ''] = lines.slice(2, 4);
    expect(row.indexOf('9/10')).toBe(head.indexOf('as predicted'));
  });
});
