import { describe, expect, test } from '@jest/globals';
import type { EngineLine } from '../model/engines.ts';
import type { RunReport } from '../model/timeline.ts';
import type { EngineMatrix, ScenarioVerdict } from '../model/verdict.ts';
import { anchorOf, nameOf } from '../model/verdict.ts';
import { renderJunit } from './junit.ts';
import { renderLines } from './lines.ts';
import { renderMarkdown } from './markdown.ts';
import { matrixSection } from './matrix.ts';
import { playLines, playsSection } from './plays.ts';
import { renderVerdicts } from './verdicts-json.ts';

const on = (line: EngineLine, holds = true): ScenarioVerdict => ({
  ...{ suite: 'slot-refill', scenario: 'made', title: '', engine: `${line}.1`, line, seconds: 1 },
  ...{ sameness: 'same', steps: [], timings: [] },
  comparison: { sameness: 'same', reason: 'no difference', differences: [], healed: [] },
  claims: [
    { id: 'R1', subject: 'swarm', verdict: 'holds', reason: 'ran', evidence: [3] },
    {
      id: 'R1',
      subject: 'twin',
      verdict: holds ? 'holds' : 'fails',
      reason: '<late>',
      evidence: [],
    },
  ],
});
const verdicts = [on('20.10', false), on('28.5')];
const matrix: EngineMatrix = {
  ...{ lines: ['20.10', '26.1', '28.5'], compared: 2 },
  changes: [
    {
      ...{ scenario: 'slot-refill/made', kind: 'answer', what: 'operations.x' },
      ...{ from: '20.10', to: '26.1', before: '500 | "a" <b>', after: '500 c' },
    },
  ],
  unclear: ['slot-refill/made, 26.1 and 28.5: cut off'],
};
const report: RunReport = {
  ...{ begun: '', seconds: 1, facts: {}, exclusions: [], matrix },
  scenarios: verdicts.map((verdict) => ({
    ...{ verdict, seed: '', timelines: [], evidence: {}, differences: [], faults: [] },
  })),
};

describe('a run with several engines', () => {
  test('has one name and one anchor for each verdict', () => {
    expect(verdicts.map(nameOf)).toEqual(['slot-refill/made on 20.10', 'slot-refill/made on 28.5']);
    expect(anchorOf(on('20.10'))).toBe('slot-refill--made--20.10');
  });

  test('has a column for each on the page, and a table of what changed', () => {
    const html = matrixSection(report);
    expect(html).toContain('<th scope="col">20.10</th><th scope="col">26.1</th>');
    expect(html).toContain('<a href="#slot-refill--made--20.10">1/2 hold</a>');
    expect(html).toContain('title="&lt;late&gt;">R1 on twin fails</span>');
    expect(html).toContain('<td class="dim">not played</td>');
    expect(html).toContain('1 thing, in 2 comparisons');
    expect(html).toContain('a client was told something else');
    expect(html).toContain('&lt;b&gt;</code>');
    expect(html).toContain('26.1 and 28.5: cut off');
    expect(matrixSection({ ...report, matrix: undefined as never })).toBe('');
  });

  test('tells in every form which times of real Swarm differ, with chance and effect', () => {
    const [beforeMs, afterMs] = [
      [1000, 1100, 1200],
      [2000, 2100, 2200],
    ];
    const of = { scenario: 'slot-refill/made', name: 'to Down', fault: 'lost', beforeMs, afterMs };
    const between = { ...of, from: '20.10', to: '26.1' } as const;
    const timed: EngineMatrix = {
      ...matrix,
      times: [
        { ...between, test: { says: 'differ', p: 0.008, effect: 1 } },
        { ...between, name: 'to a leader', test: { says: 'alike', p: 0.4, effect: 0.1 } },
        { ...between, name: 'to rest', test: { says: 'too few', p: 1, effect: 1 } },
      ],
    };
    const sum =
      '1 of 3 times of real Swarm differ between engines, 1 were measured too few times to tell';
    const told = "26.1 took longer (p 0.008, Cliff's delta 1.00)";
    const forms = [
      matrixSection({ ...report, matrix: timed }),
      renderMarkdown(verdicts, { matrix: timed }),
      renderLines(verdicts, { matrix: timed }).join('\n'),
    ];
    for (const text of forms) {
      expect(text).toContain(sum);
      expect(text).toContain(told);
      expect(text).toContain('1.1 s (3 times)');
      expect(text).not.toContain('to a leader');
    }
    expect(JSON.parse(renderVerdicts(verdicts, { matrix: timed }))).toMatchObject({
      matrix: { times: timed.times },
    });
  });

  test('says the same in the summary, on the terminal and to machines', () => {
    const text = renderMarkdown(verdicts, { matrix });
    expect(text).toContain('| scenario | 20.10 | 26.1 | 28.5 |');
    expect(text).toContain(
      '| slot-refill/made | 1/2 hold, same, R1 on twin fails | not played | 2/2 hold, same |',
    );
    expect(text).toContain('500 \\| "a"');
    const lines = renderLines(verdicts, { matrix }).join('\n');
    expect(lines).toContain('slot-refill/made, 20.10 to 26.1: a client was told something else');
    expect(JSON.parse(renderVerdicts(verdicts, { matrix }))).toMatchObject({ matrix });
    expect(renderJunit(verdicts, report)).toContain('testsuite name="slot-refill/made on 28.5"');
  });

  test('is only there where it is', () => {
    expect(renderMarkdown(verdicts)).not.toContain('between engines');
    expect(JSON.parse(renderVerdicts(verdicts))).not.toHaveProperty('matrix');
  });
});

describe('a scenario that was played twice', () => {
  const unstable: ScenarioVerdict = {
    ...on('26.1'),
    claims: [
      {
        ...{
          id: 'R1',
          subject: 'twin',
          verdict: 'unstable',
          reason: 'both',
          evidence: [],
          play: 2,
        },
        tries: [
          { play: 1, verdict: 'holds', reason: 'ran' },
          { play: 2, verdict: 'fails', reason: 'late' },
        ],
      },
    ],
    plays: [1, 2].map((play) => ({
      ...{ play, sameness: 'same' },
      histories: [
        { subject: 'swarm', path: `histories/s.${play}.jsonl` },
        { subject: 'twin', path: `histories/t.${play}.jsonl` },
      ],
    })),
  };

  test('shows an unstable claim with the histories of both plays', () => {
    const html = playsSection(unstable);
    expect(html).toContain('<span class="unstable">R1 on twin is unstable</span>');
    for (const play of [1, 2])
      expect(html).toContain(`<a href="histories/t.${play}.jsonl">history`);
    expect(playLines(unstable)).toEqual([
      'R1 on twin is unstable: play 1 holds (histories/t.1.jsonl); play 2 fails (histories/t.2.jsonl)',
    ]);
    expect(playsSection(on('26.1'))).toBe('');
  });

  test('is a failure of JUnit, and counted by itself', () => {
    expect(renderJunit([unstable], report)).toContain('name="R1 on twin"><failure');
    expect(renderLines([unstable]).at(-1)).toContain('0 inconclusive, 1 unstable;');
    expect(renderMarkdown([unstable])).toContain('1 unstable; 1 same');
  });
});
