/** JUnit XML, as test runners and CI read it: a suite per scenario, a case per claim and subject, and one for the comparison. */
import type { ScenarioVerdict, SettledSameness, SettledVerdict } from '../model/verdict.ts';
import { isOwn, nameOf, notPlayedOn } from '../model/verdict.ts';
import { escape } from './escape.ts';
import { commandOf } from './reproduce.ts';
import { wordOf } from './verdict-mark.ts';

export function renderJunit(scenarios: readonly ScenarioVerdict[]): string {
  const suites = scenarios.map(suiteXml);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="swarmtwin">\n${suites.join('\n')}\n</testsuites>\n`;
}

interface Case {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

function suiteXml(verdict: ScenarioVerdict): string {
  const cases = casesOf(verdict);
  const count = (wanted: Case['verdict']): number =>
    cases.filter((each) => each.verdict === wanted).length;
  const name = nameOf(verdict);
  const lines = cases.map((each) => caseXml(name, each));
  return `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${verdict.seconds}">\n    <properties><property name="again" value="${escape(commandOf(verdict))}"/></properties>\n${lines.join('\n')}\n  </testsuite>`;
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
  const tag = verdict === 'failed' ? 'failure' : 'skipped';
  return `${open}><${tag} message="${escape(text)}"/></testcase>`;
}
