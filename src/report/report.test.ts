import { describe, expect, test } from '@jest/globals';
import type { RunReport } from '../model/timeline.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderLines } from './lines.ts';
import { renderMarkdown } from './markdown.ts';
import { renderVerdicts } from './verdicts-json.ts';

const verdict: ScenarioVerdict = {
  suite: 'slot-refill',
  scenario: 'made',
  title: 'A <worker> dies & returns',
  engine: '26.1.5',
  seconds: 61.5,
  sameness: 'different',
  comparison: {
    sameness: 'different',
    reason: 'end.leaders: 1 | 0',
    differences: [{ field: 'end.leaders', left: '1', right: '"0" | none' }],
    healed: ['end.nodes.n1: gone'],
  },
  claims: [
    { id: 'R1', subject: 'swarm', verdict: 'holds', reason: 'ran', evidence: [3, 4] },
    { id: 'R1', subject: 'twin', verdict: 'fails', reason: 'web.1 < 2\u0007', evidence: [] },
    { id: 'R2', subject: 'twin', verdict: 'inconclusive', reason: 'not seen', evidence: [] },
  ],
  steps: [
    { rule: 'state-back', subject: 'twin', text: 'running, then <ready>', evidence: [7, 9] },
    { rule: 'desired-back', subject: 'swarm', text: 'remove, then shutdown', evidence: [8] },
  ],
  timings: [
    { name: 'to down', subject: 'swarm', fault: 'lost', ms: 12_340 },
    { name: 'to down', subject: 'twin', fault: 'lost', ms: null },
  ],
};
const bars = [
  { fromMs: 0, toMs: 9000, tone: 'running', text: 'n1 running', title: 'task "a" on n1' },
] as const;
const report: RunReport = {
  begun: '21 November 2026',
  seconds: 70,
  facts: { kernel: '6.18' },
  exclusions: [{ field: 'all', rule: 'ids', reason: 'drawn anew' }],
  scenarios: [
    {
      verdict,
      seed: 's/1',
      ...{ evidence: {}, differences: [], faults: [] },
      timelines: (['swarm', 'twin'] as const).map((subject) => ({
        ...{ subject, fromMs: -5000, toMs: 60_000 },
        rows: [{ kind: 'slot', label: 'web.1', bars }],
        moments: [{ kind: 'fault', fromMs: 0, toMs: 30_000, text: 'lost: kill' }],
      })),
    },
  ],
};

describe('the page', () => {
  const page = renderHtml(report);
  test('asks nothing of the network', () => {
    expect(page).not.toMatch(/(src|href)="(?!#)|url\(|@import|https?:/);
  });
  test('shows verdicts, the first difference, times and exclusions', () => {
    for (const text of ['R1', 'end.leaders', '12.3 s', '–', 'drawn anew', 'end.nodes.n1: gone'])
      expect(page).toContain(text);
  });
  test('has a timeline of each subject in the same scale', () => {
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(
      page.match(/<g class="fault"><title>lost: kill<\/title><rect x="([\d.]+)"/g),
    ).toHaveLength(2);
  });
  test("shows illegal steps, the twin's as failures and real Swarm's as its own", () => {
    expect(page).toContain('never goes back</td><td>twin</td><td class="fails">');
    expect(page).toContain('never goes back</td><td>swarm</td><td class="inconclusive">');
    expect(page).toContain('running, then &lt;ready&gt; <span class="dim">records 7, 9');
  });
  test('lets no text become markup', () => {
    expect(page).toContain('A &lt;worker&gt; dies &amp; returns');
    expect(page).not.toContain('<worker>');
  });
  test('opens what needs a look', () => {
    expect(page).toContain('<details id="slot-refill--made" open>');
  });
});

describe('a run with mixed swarms', () => {
  const mixed: ScenarioVerdict = {
    ...verdict,
    claims: [
      ...verdict.claims,
      { id: 'R1', subject: 'twin-managers', verdict: 'fails', reason: 'web.1', evidence: [] },
    ],
    pins: [{ what: 'end.leaders', follows: 'manager', reason: 'seen with twin managers' }],
    collapsed: { 'twin-agents': 'swarm' },
  };
  const agents: ScenarioVerdict = {
    ...verdict,
    scenario: 'other',
    claims: [{ id: 'R2', subject: 'twin-agents', verdict: 'holds', reason: 'ran', evidence: [] }],
  };
  const reported = [mixed, agents].map((each) => ({
    ...{ verdict: each, seed: 's/1', timelines: [] },
    ...{ evidence: {}, differences: [], faults: [] },
  }));

  test('has a column for each subject, and says of one that was not played as whom it counts', () => {
    const page = renderHtml({ ...report, scenarios: reported });
    expect(page).toContain(
      '<th>scenario</th><th>swarm</th><th>twin</th><th>twin-managers</th><th>twin-agents</th>',
    );
    expect(page).toContain('<td><span class="dim" title="all nodes are managers">as swarm</span>');
  });

  test('says which half of the twin a difference follows, wherever it is read', () => {
    const text = 'end.leaders follows the manager: seen with twin managers';
    expect(renderHtml({ ...report, scenarios: reported })).toContain(text);
    expect(renderLines([mixed])).toContain(`  ${text}`);
    expect(renderMarkdown([mixed])).toContain(`- slot-refill/made ${text}`);
  });
});

test('JUnit XML has a case per claim and subject, and one for the comparison', () => {
  const xml = renderJunit([verdict]);
  expect(xml).toContain('tests="7" failures="4" skipped="1"');
  expect(xml).toContain('name="legal steps on swarm"/>');
  expect(xml).toContain(
    'name="legal steps on twin"><failure message="running, then &lt;ready&gt;"/>',
  );
  expect(xml).toContain('name="R1 on twin"><failure message="web.1 &lt; 2"/>');
  expect(xml).not.toContain('\u0007');
});

test('verdicts.json has the counts and the scenarios', () => {
  expect(JSON.parse(renderVerdicts([verdict]))).toMatchObject({
    summary: { holds: 1, fails: 1, inconclusive: 1, same: 0, different: 1, illegal: 1, own: 1 },
    scenarios: [{ suite: 'slot-refill', scenario: 'made', engine: '26.1.5', seconds: 61.5 }],
  });
});

test('the summary for people names what does not hold, table cells stay whole', () => {
  const text = renderMarkdown([verdict]);
  expect(text).toContain('| slot-refill/made | 1 | 1 | 1 | different | 62 s |');
  expect(text).toContain('**R1** on twin fails');
  expect(text).toContain('end.leaders: 1 \\| 0');
  expect(text).toContain('**illegal step** on twin: running, then <ready>');
  expect(text).toContain("real Swarm's own illegal step: remove");
});

test('plain lines end with the sum', () => {
  const lines = renderLines([verdict]);
  expect(lines.at(-1)).toBe(
    "1 hold, 1 fail, 1 inconclusive; 0 same, 1 different; 1 illegal steps of tasks, and 1 of real Swarm's own",
  );
  expect(lines).toContain('  first difference: end.leaders');
});
