import { describe, expect, test } from '@jest/globals';
import type { ScenarioVerdict, Spread, TimeRange } from '../model/verdict.ts';
import { renderLines } from './lines.ts';
import { renderMarkdown } from './markdown.ts';
import { quantile, testText, timeLines, timesSection } from './timing-plot.ts';

const range: TimeRange = {
  lowMs: 8000,
  highMs: 17_750,
  formula: '8 to 17.75 s: three <heartbeats>',
};
const spread: Spread = {
  ...{ name: 'to down', fault: 'lost', range },
  sides: [
    { subject: 'swarm', ms: [9000, 10_000, 11_000, 12_000, 13_000] },
    {
      ...{ subject: 'twin', ms: [14_000, 15_000, 16_000, 17_000, 20_000] },
      test: { says: 'differ', p: 0.0079, effect: 1 },
    },
  ],
};
const verdict: ScenarioVerdict = {
  ...{ suite: 'drain', scenario: 'made', title: '', engine: '26.1.5', seconds: 1 },
  ...{ sameness: 'same', claims: [], steps: [] },
  comparison: { sameness: 'same', reason: '', differences: [], healed: [] },
  timings: [
    { name: 'to down', subject: 'swarm', fault: 'lost', ms: 12_000, range },
    { name: 'to down', subject: 'twin', fault: 'lost', ms: 20_000, range },
    { name: 'slot updated', subject: 'twin', fault: 'force', slot: 'web.1', ms: 1000 },
    { name: 'slot updated', subject: 'twin', fault: 'force', slot: 'web.2', ms: 2000 },
  ],
};

describe('the times of a scenario', () => {
  const html = timesSection(verdict);
  test('stand beside what the settings allow, and one outside is marked', () => {
    expect(html).toContain('8 to 17.75 s: three &lt;heartbeats&gt;');
    expect(html).toContain('<span>12.0 s</span>');
    expect(html).toContain('<span class="outside">20.0 s, outside</span>');
    expect(html).toContain('no setting says');
  });

  test('of the slots of an update are in one cell', () => {
    expect(html).toContain('<span title="web.1">1.0 s</span><br><span title="web.2">2.0 s</span>');
    expect(html.match(/<tr><td>force/g)).toHaveLength(1);
  });

  test('are plotted only where there are several plays', () => {
    expect(html).not.toContain('<svg');
    expect(timesSection({ ...verdict, spreads: [spread] })).toContain('<svg');
  });
});

describe('the plot', () => {
  const svg = timesSection({ ...verdict, timings: [], spreads: [spread] });
  test('has a dot for each time, a shape for each subject, quantiles and the range', () => {
    expect(svg.match(/<circle[^>]*class="mark s0"/g)).toHaveLength(5);
    expect(svg.match(/<rect[^>]*class="mark s1"/g)).toHaveLength(5);
    expect(svg.match(/class="median"/g)).toHaveLength(2);
    expect(svg).toContain('<rect class="allowed"');
    expect(svg).toContain('swarm: median 11.0 s, 10.0 s to 12.0 s in the middle half');
  });

  test('asks nothing of the network and says what the rank test says', () => {
    expect(svg).not.toMatch(/url\(|https?:|@import/);
    expect(svg).toContain("twin took longer (p 0.008, Cliff's delta 1.00)");
  });
});

test('few times are said to be too few', () => {
  const few: Spread = {
    ...spread,
    sides: [
      { subject: 'swarm', ms: [1] },
      { subject: 'twin', ms: [2], test: { says: 'too few', p: 1, effect: 1 } },
    ],
  };
  expect(testText(few)).toBe('twin: too few times to tell');
  expect(timeLines({ ...verdict, timings: [], spreads: [few] })).toEqual([]);
});

test('terminal and summary name what is outside and what differs', () => {
  const both = { ...verdict, spreads: [spread] };
  const text = 'to down of lost took 20.0 s on twin, outside 8 to 17.75 s: three <heartbeats>';
  expect(renderLines([both])).toContain(`  ${text}`);
  expect(renderMarkdown([both])).toContain(`- drain/made ${text}`);
  expect(renderMarkdown([both])).toContain('to down of lost: twin took longer (p 0.008');
});

test('quantiles lie between the nearest times', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([7], 0.25)).toBe(7);
  expect(quantile([1, 3], 1)).toBe(3);
});
