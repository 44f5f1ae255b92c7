import { describe, expect, test } from '@jest/globals';
import type { RunReport } from '../model/timeline.ts';
import { exitCodeOf, summarize, type ScenarioVerdict } from '../model/verdict.ts';
import type { Subject } from '../model/history.ts';
import type { TimelineData } from '../model/page-data.ts';
import type { Since, VerdictChange } from '../model/since.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderLines } from './lines.ts';
import { madeReport } from './made-report.ts';
import { commandOf } from './reproduce.ts';
import { sinceText } from './since.ts';
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
  const page = renderHtml(report, 'said("</script>")');
  test('asks nothing of the network', () => {
    expect(page).not.toMatch(/(src|href)="(?!#)|url\((?!#)|@import|https?:/);
  });
  test('shows verdicts, the first difference, times and exclusions', () => {
    for (const text of ['R1', 'end.leaders', '12.3 s', '–', 'drawn anew', 'end.nodes.n1: gone'])
      expect(page).toContain(text);
  });
  test('carries the timelines of all subjects, row by row', () => {
    const json = /<script type="application\/json">(.*?)<\/script>/.exec(page)?.[1] ?? '';
    const data = JSON.parse(json) as TimelineData;
    expect(data.subjects).toEqual(['swarm', 'twin']);
    expect(data.lines.map(({ label, of }) => [label, of])).toEqual([
      ['web.1', 0],
      ['web.1', 1],
    ]);
    expect(data.moments[1]).toEqual([[0, 300, 1, 'lost: kill', []]]);
  });
  test("shows illegal steps, the twin's as failures and real Swarm's as its own", () => {
    expect(page).toMatch(/never goes back<\/td><td>twin<\/td><td><span class="fails">/);
    expect(page).toMatch(/never goes back<\/td><td>swarm<\/td><td><span class="inconclusive">/);
    expect(page).toContain('running, then &lt;ready&gt;');
  });
  test('lets no text become markup, and no script end early', () => {
    expect(page).toContain('A &lt;worker&gt; dies &amp; returns');
    expect(page).not.toContain('<worker>');
    expect(page).toContain('said("<\\/script>")');
  });
  test('opens what needs a look, and nothing else', () => {
    expect(page).toMatch(/<details class="scenario" id="slot-refill--made" [^>]* open>/);
    const calm = renderHtml(madeReport({ scenarios: 2, slots: 1, tasks: 1 }), '');
    expect(calm).toMatch(/id="slot-refill--made-1" [^>]* open>/);
    expect(calm).not.toMatch(/id="slot-refill--made-2" [^>]* open>/);
  });
  test('has a row for each claim with its sentence, and a way to the worst that it came to', () => {
    const made = renderHtml(madeReport({ scenarios: 3, slots: 1, tasks: 1 }), '');
    expect(made).toContain('A node is lost: each of its replicated tasks is replaced');
    expect(made).toContain(
      'href="#slot-refill--made-1--R1--twin" title="fails; holds in 2 of 3 scenarios"',
    );
  });
  test('has an address for each claim, difference, comparison and timeline', () => {
    const made = renderHtml(madeReport({ scenarios: 1, slots: 1, tasks: 1 }), '');
    for (const part of ['R1--swarm', 'd1', 'compared', 'timeline', 'faults'])
      expect(made).toContain(`id="slot-refill--made-1--${part}"`);
    const ids = [...made.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
  test('has the excerpts of both sides, the first cause in time, and each link with its bytes', () => {
    const made = renderHtml(madeReport({ scenarios: 1, slots: 1, tasks: 1 }), '');
    expect(made).toContain('First in time, at 12.3 s: <code>services.web.slots</code>');
    expect(made.match(/<li class="differs">/g)).toHaveLength(2);
    expect(made).toContain('<b>silent 404 ms</b><br>0 B up, 0 B down<br>');
  });
  test('names the command that plays a scenario again', () => {
    expect(page).toContain('npx swarmtwin run slot-refill/made --engine 26.1<');
  });
});

describe('what plays a scenario again', () => {
  test('names the file of one that is in no suite', () => {
    expect(commandOf({ ...verdict, file: 'mine/worker-killed.yaml' })).toBe(
      'npx swarmtwin run mine/worker-killed.yaml --engine 26.1',
    );
  });
  const on = (...subjects: Subject[]): string =>
    commandOf({
      ...verdict,
      claims: subjects.map((subject) => ({ ...verdict.claims[0]!, subject })),
    });
  test('names the subjects where they are not the usual two', () => {
    expect(on('swarm')).toBe('npx swarmtwin run slot-refill/made --engine 26.1 --subject swarm');
    expect(on('swarm', 'sim')).toBe(
      'npx swarmtwin run slot-refill/made --engine 26.1 --subject swarm,sim',
    );
  });
  const again = (options: readonly string[], more: Partial<ScenarioVerdict> = {}): string => {
    const [claim] = verdict.claims as [ScenarioVerdict['claims'][number]];
    const claims = (['swarm', 'sim'] as const).map((subject) => ({ ...claim, subject }));
    return commandOf({ ...verdict, claims, options, ...more });
  };
  test('names the options of the run, and not the side that was recorded', () => {
    expect(again(['--reference recorded', '--behave-like 20.10'])).toBe(
      'npx swarmtwin run slot-refill/made --engine 26.1 --subject sim --reference recorded --behave-like 20.10',
    );
    expect(again(['--repeat 5'])).toMatch(/--subject swarm,sim --repeat 5$/);
  });
  test('names a subject that it could not be played on, and the engine where nothing was', () => {
    const claims = verdict.claims.slice(0, 1);
    expect(again(['--reference recorded'], { claims, notPlayed: { sim: 'no ports' } })).toMatch(
      /--subject sim --reference recorded$/,
    );
    expect(again([], { engine: '', line: '28.5' })).toContain('--engine 28.5');
  });
});

describe('what changed since the run before', () => {
  const change = (now: string, what = 'R1 on twin'): VerdictChange => ({
    ...{ scenario: 'drain/worker', what, before: 'inconclusive', now },
  });
  test('is counted by what it became', () => {
    expect(
      sinceText({
        run: 'before',
        compared: 9,
        changes: [
          ...[change('holds'), change('holds'), change('fails')],
          ...[change('different', 'compared'), change('inconclusive')],
        ],
      }),
    ).toBe(
      '2 claims newly hold, 1 claim newly fails, 1 scenario newly differs, 1 claim is newly inconclusive',
    );
  });
  test('may be nothing', () => {
    expect(sinceText({ run: 'before', compared: 9, changes: [] })).toBe(
      'nothing changed in 9 verdicts',
    );
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
    const page = renderHtml({ ...report, scenarios: reported }, '');
    expect(page).toContain(
      ['scenario', 'swarm', 'twin', 'twin-managers', 'twin-agents']
        .map((head) => `<th scope="col">${head}</th>`)
        .join(''),
    );
    expect(page).toContain('<td><span class="dim" title="all nodes are managers">as swarm</span>');
  });

  test('says which half of the twin a difference follows, wherever it is read', () => {
    const text = 'end.leaders follows the manager: seen with twin managers';
    expect(renderHtml({ ...report, scenarios: reported }, '')).toContain(text);
    expect(renderLines([mixed])).toContain(`  ${text}`);
    expect(renderMarkdown([mixed])).toContain(`- slot-refill/made ${text}`);
  });
});

describe('a run in which something cannot be played, or is known to differ', () => {
  const reason = "'make n3 a manager': a twin cannot be a manager beside real ones";
  const leftOut: ScenarioVerdict = {
    ...verdict,
    ...{ scenario: 'left-out', sameness: 'not-compared', steps: [] },
    comparison: { sameness: 'not-compared', reason: 'one', differences: [], healed: [] },
    claims: [
      { id: 'M3', subject: 'swarm', verdict: 'holds', reason: 'ran', evidence: [] },
      { id: 'M8', subject: 'twin', verdict: 'known', reason: 'no <gossip>', evidence: [] },
    ],
    notPlayed: { 'twin-agents': reason },
    named: ['M3', 'M8'],
  };
  const said = `not played on twin-agents: ${reason}`;

  test('counts neither as holding nor as failing', () => {
    expect(summarize([leftOut])).toEqual({
      ...{ holds: 1, fails: 0, inconclusive: 0, unstable: 0, known: 1, notPlayed: 1 },
      ...{ same: 0, different: 0, illegal: 0, own: 0 },
    });
    expect(exitCodeOf([leftOut])).toBe(0);
  });

  test('says so on a terminal and in the summary, with the reasons', () => {
    const lines = renderLines([leftOut]);
    expect(lines).toContain(`  ${said}`);
    expect(lines).toContain('  M8 on twin known difference: no <gossip>');
    expect(lines.at(-1)).toContain('1 known to differ; 0 same, 0 different; 1 not played;');
    const text = renderMarkdown([leftOut]);
    expect(text).toContain(`- slot-refill/left-out ${said}`);
    expect(text).toContain('**M8** on twin known difference: no <gossip>');
    expect(text).not.toContain('again:');
  });

  test('says so in JUnit, where both are skipped', () => {
    const xml = renderJunit([leftOut], report);
    expect(xml).toContain('failures="0" errors="0" skipped="4"');
    for (const id of ['M3', 'M8'])
      expect(xml).toContain(`name="${id} on twin-agents"><skipped message="not played on`);
    expect(xml).toContain('<skipped message="known difference: no &lt;gossip&gt;"/>');
  });

  test('says so in verdicts.json', () => {
    expect(JSON.parse(renderVerdicts([leftOut]))).toMatchObject({
      summary: { known: 1, notPlayed: 1 },
      scenarios: [{ notPlayed: { 'twin-agents': reason }, claims: [{}, { verdict: 'known' }] }],
    });
  });

  test('says so on the page: in both tables, in the section and in the sum', () => {
    const part = { seed: 's', timelines: [], evidence: {}, differences: [], faults: [] };
    const page = renderHtml({ ...report, scenarios: [{ ...part, verdict: leftOut }] }, '');
    expect(page.match(/>not played<\/(span|td)>/g)).toHaveLength(3);
    expect(page).toContain(`Not played on twin-agents: ${reason}`);
    expect(page).toContain('</span> known difference</span>');
    expect(page).toMatch(/<b>.* 1<\/b> known to differ/);
    expect(page).toMatch(/<b>.* 1<\/b> not played/);
  });

  test('is not green when nothing at all could be played', () => {
    const nothing = { ...leftOut, engine: '', claims: [] };
    expect(exitCodeOf([nothing])).toBe(2);
    expect(exitCodeOf([nothing, leftOut])).toBe(0);
  });
});

test('JUnit XML has a case per claim and subject, and one for the comparison', () => {
  const xml = renderJunit([verdict], report);
  expect(xml).toContain('tests="7" failures="4" errors="0" skipped="1"');
  expect(xml).toContain('name="legal steps on swarm"/>');
  expect(xml).toContain(
    'name="legal steps on twin"><failure type="verdict" message="running, then &lt;ready&gt;"/>',
  );
  expect(xml).toContain('name="R1 on twin"><failure type="verdict" message="web.1 &lt; 2"/>');
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

describe('the summary of a run with very much to tell', () => {
  const bad = { ...verdict.claims[1]!, reason: 'ä'.repeat(5000) };
  const many = Array.from({ length: 400 }, (_, at) => ({
    ...{ ...verdict, scenario: `made-${at}`, claims: [bad, bad, bad] },
  }));
  const text = renderMarkdown(many);
  test('stays under 200 kB and says how much is left out', () => {
    expect(new TextEncoder().encode(text).length).toBeLessThan(200_000);
    expect(text).toMatch(/and \d+ more lines: see report.html\n$/);
  });
  test('keeps the sum and the table', () => {
    expect(text.startsWith('**0 hold, 1200 fail')).toBe(true);
    expect(text).toContain('| slot-refill/made-399 |');
  });
});

test('every form says what changed since the run before', () => {
  const since: Since = {
    ...{ run: 'run-before', compared: 4 },
    changes: [{ scenario: 'slot-refill/made', what: 'R1 on twin', before: 'holds', now: 'fails' }],
  };
  expect(renderLines([verdict], { since }).at(-1)).toBe('since run-before: 1 claim newly fails');
  const text = renderMarkdown([verdict], { since });
  expect(text).toContain('Since run-before: 1 claim newly fails.');
  expect(text).toContain('- slot-refill/made: R1 on twin: fails, was holds');
  expect(renderHtml({ ...report, since }, '')).toContain('1 claim newly fails');
  expect(JSON.parse(renderVerdicts([verdict], { since }))).toMatchObject({ since });
});

test('every form says how to play again what is not as it should be', () => {
  const command = 'npx swarmtwin run slot-refill/made --engine 26.1';
  expect(renderLines([verdict])).toContain(`  again: ${command}`);
  expect(renderMarkdown([verdict])).toContain(`again: \`${command}\``);
  expect(renderJunit([verdict], report)).toContain(`<property name="again" value="${command}"/>`);
});

test('plain lines end with the sum', () => {
  const lines = renderLines([verdict]);
  expect(lines.at(-1)).toBe(
    "1 hold, 1 fail, 1 inconclusive; 0 same, 1 different; 1 illegal steps, and 1 of real Swarm's own",
  );
  expect(lines).toContain('  first difference: end.leaders');
});
