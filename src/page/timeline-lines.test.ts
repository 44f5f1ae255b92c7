import { describe, expect, test } from '@jest/globals';
import type { TimelineData } from '../model/page-data.ts';
import { moved } from './timeline-cursor.ts';
import { axisSvg, barText, linesSvg, ticksOf } from './timeline-lines.ts';

const data: TimelineData = {
  subjects: ['swarm', 'twin'],
  from: 0,
  to: 600,
  lines: [
    { label: 'leader', kind: 'leader', of: 0, bars: [[0, 600, 2, 0, 'n1 · 1', 'n1 leads']] },
    { label: 'n2', kind: 'node', of: 0, bars: [] },
    {
      ...{ label: 'web.1', kind: 'slot', of: 0 },
      bars: [
        [0, 300, 2, 0, 'n2 <running>', ''],
        [300, 310, 5, 1, 'failed', 'task a failed'],
      ],
    },
  ],
  moments: [
    [
      [100, 200, 1, 'cut: partition', ['n2']],
      [110, 120, 1, 'second', []],
      [50, 60, 0, 'create web', []],
    ],
    [],
  ],
};
const scale = { from: 0, to: 600, width: 600 };

describe('a window of lines', () => {
  test('has the bars of its lines and of no others', () => {
    expect(linesSvg(data, scale, 0, 2).match(/data-bar="/g)).toHaveLength(1);
    expect(linesSvg(data, scale, 2, 3).match(/data-bar="2\.\d"/g)).toHaveLength(2);
  });
  test('marks the node that a fault is on, and what clients ask for beside the leader', () => {
    expect(linesSvg(data, scale, 1, 2)).toContain('class="hit" x="100"');
    expect(linesSvg(data, scale, 2, 3)).not.toContain('class="hit"');
    expect(linesSvg(data, scale, 0, 1)).toContain('class="asked" x="50"');
  });
  test('lets no text become markup', () => {
    expect(linesSvg(data, scale, 2, 3)).toContain('n2 &lt;running>');
  });
});

test('names of faults are cut where the next one begins', () => {
  const axis = axisSvg(data, scale);
  expect(axis).toContain('<title>cut: partition</title>');
  expect(axis).not.toContain('>cut: partition</text>');
});

test('ticks are round seconds, about ninety pixels apart', () => {
  expect(ticksOf(scale)).toEqual([0, 100, 200, 300, 400, 500, 600]);
});

test('a bar without a longer text says its own, with its times', () => {
  expect(barText([0, 300, 2, 0, 'n2 running', ''])).toBe('n2 running, 0.0 s to 30.0 s');
});

describe('arrow keys', () => {
  test('begin at the first bar and stay inside', () => {
    expect(moved(data, undefined, 'ArrowDown')).toEqual({ line: 0, bar: 0 });
    expect(moved(data, { line: 2, bar: 1 }, 'ArrowRight')).toEqual({ line: 2, bar: 1 });
    expect(moved(data, { line: 2, bar: 0 }, 'ArrowLeft')).toEqual({ line: 2, bar: 0 });
  });
  test('keep the time as they go down', () => {
    const late = { ...data, lines: [data.lines[2]!, data.lines[2]!] };
    expect(moved(late, { line: 0, bar: 1 }, 'ArrowDown')).toEqual({ line: 1, bar: 1 });
  });
});
