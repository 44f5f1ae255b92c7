/** JUnit XML, as test runners and CI read it: a suite per scenario, a case per claim and subject, and one for the comparison. */
import type { ScenarioVerdict, SettledSameness, SettledVerdict } from '../model/verdict.ts';
import { isOwn, nameOf, notPlayedOn } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { commandOf } from './reproduce.ts';
import { wordOf } from './verdict-mark.ts';

/** Of a run: when it began, and what it ran on. */
export interface JunitRun {
  readonly begun: string;
  readonly seconds: number;
  readonly facts: Readonly<Record<string, string>>;
}

export function renderJunit(scenarios: readonly ScenarioVerdict[], run: JunitRun): string {
  const suites = scenarios.map((verdict) => suiteXml(verdict, run));
  const cases = scenarios.flatMap(casesOf);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="swarmtwin" tests="${cases.length}" failures="${countOf(cases, 'failed')}" errors="0" time="${run.seconds}">\n${suites.join('\n')}\n</testsuites>\n`;
}

const countOf = (cases: readonly Case[], wanted: Case['verdict']): number =>
  cases.filter(({ verdict }) => verdict === wanted).length;

interface Case {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

function suiteXml(verdict: ScenarioVerdict, { begun, facts }: JunitRun): string {
  const cases = casesOf(verdict);
  const properties = Object.entries({ again: commandOf(verdict), ...facts }).map(
    ([fact, value]) => `<property name="${escape(fact)}" value="${escape(value)}"/>`,
  );
  const name = nameOf(verdict);
  const lines = cases.map((each) => caseXml(name, each));
  return `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${countOf(cases, 'failed')}" errors="0" skipped="${countOf(cases, 'skipped')}" time="${verdict.seconds}" timestamp="${escape(begun)}">\n    <properties>${properties.join('')}</properties>\n${lines.join('\n')}\n  </testsuite>`;
}

const CASES: Readonly<Record<SettledVerdict | SettledSameness, Case['verdict']>> = {
  ...{ holds: 'passed', same: 'passed', inconclusive: 'skipped' },
  ...{ known: 'skipped', 'not-compared': 'skipped' },
  ...{ fails: 'failed', different: 'failed', unstable: 'failed' },
};

function casesOf(verdict: ScenarioVerdict): readonly Case[] {
  const { comparison } = verdict;
  const claims = verdict.claims.map((claim): Case => ({
    name: `${claim.id} on ${claim.subject}`,
    verdict: CASES[claim.verdict],
    text: claim.verdict === 'known' ? `${wordOf(claim.verdict)}: ${claim.reason}` : claim.reason,
  }));
  const notPlayed = notPlayedOn(verdict).flatMap(([subject, reason]) =>
    (verdict.named ?? []).map((id): Case => ({
      ...{ name: `${id} on ${subject}`, verdict: 'skipped' },
      text: `not played on ${subject}: ${reason}`,
    })),
  );
  const sameness: Case = {
    name: 'sameness',
    verdict: CASES[verdict.sameness],
    text: comparison.reason,
  };
  const steps = [...new Set(verdict.claims.map(({ subject }) => subject))].map((subject): Case => {
    const broken = verdict.steps.filter((step) => step.subject === subject);
    const text = broken.map((step) => step.text).join('; ');
    const isBad = broken.some((step) => !isOwn(step));
    return { name: `legal steps on ${subject}`, verdict: isBad ? 'failed' : 'passed', text };
  });
  const healed = comparison.healed.map((text): Case => ({
    name: 'known divergence that was not seen',
    verdict: 'failed',
    text,
  }));
  return [...claims, ...notPlayed, ...steps, sameness, ...healed];
}

function caseXml(suite: string, { name, verdict, text }: Case): string {
  const open = `    <testcase classname="${escape(suite)}" name="${escape(name)}"`;
  if (verdict === 'passed') return `${open}/>`;
  const tag = verdict === 'failed' ? 'failure type="verdict"' : 'skipped';
  return `${open}><${tag} message="${escape(text)}"/></testcase>`;
}
