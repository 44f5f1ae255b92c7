/** A report made by hand, of any size, for the tests of the page and for the bench. */
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Bar, ReportedScenario, RunReport, Timeline } from '../model/timeline.ts';
import type { ClaimVerdict, ScenarioVerdict } from '../model/verdict.ts';

const SUBJECTS = ['swarm', 'twin'] as const satisfies readonly Subject[];
const RECORD: HistoryRecord['n'] = 41;

export interface Size {
  readonly scenarios: number;
  readonly slots: number;
  /** One after the other in each slot. */
  readonly tasks: number;
}

/** The first scenario differs and has a claim that fails; the others are as they should be. */
export function madeReport({ scenarios, slots, tasks }: Size): RunReport {
  return {
    begun: '2026-11-21T12:00:00Z',
    seconds: 300,
    facts: { engine: '26.1', kernel: '6.18', cores: '2', IPVS: 'no' },
    exclusions: [{ field: 'all', rule: 'ids are left out', reason: 'they are drawn anew' }],
    scenarios: Array.from({ length: scenarios }, (_, at) => madeScenario(at, slots, tasks)),
    since: {
      run: 'run-before',
      compared: 6 * scenarios,
      changes: [
        { scenario: nameOf(0), what: 'R1 on twin', before: 'holds', now: 'fails' },
        { scenario: nameOf(0), what: 'compared', before: 'same', now: 'different' },
      ],
    },
  };
}

const scenarioOf = (at: number): string => `made-${at + 1}`;
const nameOf = (at: number): string => `slot-refill/${scenarioOf(at)}`;

function madeScenario(at: number, slots: number, tasks: number): ReportedScenario {
  const isBad = at === 0;
  const line = { n: RECORD, atMs: 12_300, text: 'n1 sees web.1 (task abc) on n2: running' };
  const other = { ...line, text: 'n1 sees web.1 (task def) on n3: failed', differs: true };
  const difference = { field: 'services.web.slots', left: 'running', right: 'failed' };
  const link = { underFault: 'silent DEADLINE after 404 ms', bytes: '0 B up, 0 B down' };
  return {
    verdict: madeVerdict(at, isBad),
    seed: `made/${at}`,
    timelines: SUBJECTS.map((subject) => madeTimeline(subject, slots, tasks)),
    evidence: { swarm: [line], twin: [{ ...line, atMs: 14_000 }] },
    differences: isBad
      ? [
          {
            ...{ ...difference, subject: 'twin', weight: 'text', partsAtMs: 12_300 },
            ...{ firstInTime: true, excerpts: [[{ ...line, differs: true }], [other]] },
          },
        ]
      : [],
    faults: SUBJECTS.map((subject) => ({
      ...{ subject, name: 'cut', kind: 'partition (control)', beganMs: 0, healedMs: 30_000 },
      ...{ looked: 'n1→n2 n2→n1', before: 'answered', after: 'silent', healProof: 'answered' },
      nodes: ['n1', 'n2'],
      links: [
        { from: 'n1', to: 'n2', ...link, healed: 'answered after 9 ms' },
        { from: 'n2', to: 'n1', ...link, healed: 'answered after 8 ms' },
      ],
    })),
  };
}

function madeVerdict(at: number, isBad: boolean): ScenarioVerdict {
  const claim = (id: ClaimVerdict['id'], subject: Subject): ClaimVerdict => ({
    ...{ id, subject, evidence: [RECORD] },
    verdict: isBad && subject === 'twin' && id === 'R1' ? 'fails' : 'holds',
    reason: `${id} of slot web.1 on ${subject}: 12.3 s, at most 17.0 s (three heartbeats and 2 s)`,
  });
  const sameness = isBad ? 'different' : 'same';
  return {
    ...{ suite: 'slot-refill', scenario: scenarioOf(at), title: 'A worker is cut off' },
    ...{ engine: '26.1.5', seconds: 60, sameness },
    comparison: {
      ...{ sameness, reason: isBad ? 'services.web.slots' : 'no difference', healed: [] },
      differences: isBad
        ? [{ field: 'services.web.slots', left: 'running', right: 'failed', subject: 'twin' }]
        : [],
    },
    claims: SUBJECTS.flatMap((subject) =>
      (['R1', 'R2', 'N1'] as const).map((id) => claim(id, subject)),
    ),
    steps: [],
    timings: SUBJECTS.map((subject) => ({ name: 'to down', subject, fault: 'cut', ms: 12_300 })),
  };
}

function madeTimeline(subject: Subject, slots: number, tasks: number): Timeline {
  const lastsMs = 60_000 / tasks;
  const task = (slot: number, index: number): readonly Bar[] => {
    const begin = index * lastsMs;
    const name = `task t${slot}x${index} on n${(slot % 3) + 1}`;
    const bar = (from: number, to: number, tone: Bar['tone'], text: string): Bar => ({
      ...{ fromMs: begin + from * lastsMs, toMs: begin + to * lastsMs, tone, text },
      title: `${name}: ${text} (record ${slot * tasks + index})`,
    });
    return [
      bar(0, 0.2, 'calm', 'starting'),
      bar(0.2, 1, 'running', `n${(slot % 3) + 1} running`),
      { ...bar(1, 1.1, 'failed', 'failed'), thin: true },
    ];
  };
  const row = (slot: number): Timeline['rows'][number] => ({
    kind: 'slot',
    label: `web.${slot + 1}`,
    bars: Array.from({ length: tasks }, (_, index) => task(slot, index)).flat(),
  });
  const leads: Bar = {
    fromMs: 0,
    toMs: 60_000,
    tone: 'running',
    text: 'n1 · 1',
    title: 'n1 leads',
  };
  return {
    ...{ subject, fromMs: -5000, toMs: 66_000 },
    rows: [
      { kind: 'leader', label: 'leader', bars: [leads] },
      { kind: 'node', label: 'n2', bars: [{ ...leads, text: 'ready', title: 'ready' }] },
      ...Array.from({ length: slots }, (_, slot) => row(slot)),
    ],
    moments: [
      { kind: 'fault', fromMs: 0, toMs: 30_000, text: 'cut: partition', nodes: ['n2'] },
      { kind: 'request', fromMs: 1000, toMs: 1200, text: 'create web: ok 201' },
    ],
  };
}
