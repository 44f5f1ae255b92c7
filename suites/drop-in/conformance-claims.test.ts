import { expect, test } from '@jest/globals';
import { TOLD_CLAIMS } from '../../src/model/claim-texts.ts';
import type { ClaimVerdict, ScenarioVerdict } from '../../src/model/verdict.ts';
import type { Subject } from '../../src/model/history.ts';
import { SCENARIOS } from '../scenarios.ts';
import { claimsSection, lastPlays } from './conformance-claims.ts';

const drain = SCENARIOS.filter(({ suite }) => suite === 'drain');

const claim = (subject: Subject, verdict: ClaimVerdict['verdict']): ClaimVerdict => ({
  ...{ id: 'D1', subject, verdict, reason: 'because', evidence: [] },
});

const played = (engine: string, ...claims: readonly ClaimVerdict[]): ScenarioVerdict => ({
  ...{ suite: 'drain', scenario: drain[0]?.name ?? '', title: 'a', engine, seconds: 1 },
  ...{ sameness: 'same', claims, steps: [], timings: [] },
  comparison: { sameness: 'same', reason: '', differences: [], healed: [] },
});
const both = (engine: string, ofTwin: ClaimVerdict['verdict']): ScenarioVerdict =>
  played(engine, claim('swarm', 'holds'), claim('twin', ofTwin));

const row = (runs: Parameters<typeof claimsSection>[0], id: string): string =>
  claimsSection(runs, drain, '26.1').find((line) => line.startsWith(`| ${id} |`)) ?? '';

test('the newest run that played it to both says how a claim stands', () => {
  const runs = [
    { begun: '2026-11-21T23:00:00Z', scenarios: [played('26.1.5', claim('twin', 'holds'))] },
    { begun: '2026-11-21T22:00:00Z', scenarios: [both('28.5.2', 'holds')] },
    { begun: '2026-11-21T21:00:00Z', scenarios: [both('26.1.5', 'fails')] },
    { begun: '2026-11-21T20:00:00Z', scenarios: [both('26.1.5', 'holds')] },
  ];
  expect(row(runs, 'D1')).toMatch(/\| holds \| fails \| {2}\| {2}\| drain\/[\w-]+ \|$/);
  expect([...lastPlays(runs, '26.1').values()].map(({ begun }) => begun)).toEqual([
    '2026-11-21T21:00:00Z',
  ]);
});

test('a claim that no scenario names, and one that was never played, say so', () => {
  expect(row([], 'Q1')).toMatch(/\| {2}\| {2}\| {2}\| {2}\| no scenario yet \|$/);
  expect(row([], 'D1')).toMatch(/\| {2}\| {2}\| {2}\| {2}\| drain\/[\w-]+ \(no run is kept\) \|$/);
});

test('what a subject cannot be played is told, whatever an older run made of it', () => {
  const roles = SCENARIOS.filter(({ name }) => name === 'promoting-demoting');
  const told = (id: ClaimVerdict['id']): ScenarioVerdict => ({
    ...both('26.1.5', 'holds'),
    ...{ suite: 'membership', scenario: 'promoting-demoting' },
    claims: (['swarm', 'twin', 'twin-agents'] as const).map((subject) => ({
      ...{ ...claim(subject, subject === 'twin-agents' ? 'fails' : 'holds'), id },
    })),
  });
  const lines = claimsSection(
    [{ begun: '2026-11-21T23:00:00Z', scenarios: [told('M3')] }],
    roles,
    '26.1',
  );
  expect(lines.find((line) => line.startsWith('| M3 |'))).toMatch(
    /\| {2}\| {2}\| not played \| not played \|/,
  );
});

test('every claim has a row', () => {
  const lines = claimsSection([], SCENARIOS, '26.1');
  for (const id of TOLD_CLAIMS)
    expect(lines.filter((line) => line.startsWith(`| ${id} |`))).toHaveLength(1);
});
