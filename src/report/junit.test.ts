/** junit.xml is what those who read JUnit's form expect: the elements and attributes are those of the schema of Jenkins' xUnit plug-in (junit-10.xsd). */
import { describe, expect, test } from '@jest/globals';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { renderJunit } from './junit.ts';
import { madeReport } from './made-report.ts';

interface Rule {
  readonly children: readonly string[];
  readonly needed: readonly string[];
  readonly optional: readonly string[];
}

const LEAF = { children: [], needed: [], optional: ['type', 'message'] };
const RULES: Readonly<Record<string, Rule>> = {
  testsuites: {
    ...{ children: ['testsuite'], needed: [] },
    optional: ['name', 'time', 'tests', 'failures', 'errors'],
  },
  testsuite: {
    children: ['properties', 'testcase', 'system-out', 'system-err'],
    needed: ['name', 'tests', 'failures', 'errors'],
    optional: ['time', 'skipped', 'timestamp', 'hostname', 'id', 'package'],
  },
  properties: { children: ['property'], needed: [], optional: [] },
  property: { children: [], needed: ['name', 'value'], optional: [] },
  testcase: {
    ...{ children: ['skipped', 'error', 'failure'], needed: ['name'] },
    optional: ['time', 'classname', 'group'],
  },
  ...{ failure: LEAF, error: LEAF, skipped: LEAF },
};

/** What is wrong with a document; it is read as strictly as XML has to be. */
function faultsOf(xml: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  let at = 0;
  const token =
    /<\?xml version="1\.0" encoding="UTF-8"\?>|<(\/?)([a-z-]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>|[^<]+/y;
  while (at < xml.length) {
    token.lastIndex = at;
    const found = token.exec(xml);
    if (found === null) return [...faults, `not well-formed at ${xml.slice(at, at + 40)}`];
    at = token.lastIndex;
    const [whole, close, name, attributes = '', leaf] = found;
    if (name === undefined) {
      if (!whole.startsWith('<?') && whole.trim() !== '') faults.push(`text: ${whole}`);
    } else if (close === '/') {
      if (open.pop() !== name) faults.push(`</${name}> closes another`);
    } else {
      faults.push(...faultsOfElement(name, attributes, open.at(-1)));
      if (leaf === '') open.push(name);
    }
  }
  return [...faults, ...open.map((name) => `<${name}> stays open`)];
}

function faultsOfElement(name: string, attributes: string, parent: string | undefined): string[] {
  const rule = RULES[name];
  if (rule === undefined) return [`no element ${name}`];
  const isPlaced = parent === undefined ? name === 'testsuites' : RULES[parent]?.children;
  const pairs = [...attributes.matchAll(/([a-z]+)="([^"]*)"/g)];
  const names = pairs.map(([, attribute = '']) => attribute);
  const times = pairs.filter(([, attribute]) => attribute === 'time');
  return [
    ...(isPlaced === true || (Array.isArray(isPlaced) && isPlaced.includes(name))
      ? []
      : [`${name} in ${parent ?? 'nothing'}`]),
    ...rule.needed.filter((each) => !names.includes(each)).map((each) => `${name} lacks ${each}`),
    ...names
      .filter((each) => ![...rule.needed, ...rule.optional].includes(each))
      .map((each) => `${name} has ${each}`),
    ...pairs.filter(([, , value = '']) => /&(?!(amp|lt|gt|quot);)/.test(value)).map(String),
    ...times.filter(([, , value = '']) => !/^\d*(\.\d*)?$/.test(value)).map(String),
  ];
}

const report = madeReport({ scenarios: 3, slots: 1, tasks: 1 });
const verdicts = report.scenarios.map(({ verdict }): ScenarioVerdict => ({
  ...verdict,
  title: 'a "title" & more',
  claims: verdict.claims.map((claim) => ({ ...claim, reason: 'a <b> & "c"\u0000\uffff\n' })),
}));

describe('junit.xml', () => {
  const xml = renderJunit(verdicts, report);

  test('keeps to the schema', () => {
    expect(faultsOf(xml)).toEqual([]);
    expect(xml.match(/<testcase /g)?.length).toBeGreaterThan(10);
  });

  test('is refused where it does not', () => {
    expect(faultsOf(xml.replace('errors="0" skipped', 'skipped'))).toEqual([
      'testsuite lacks errors',
    ]);
    expect(faultsOf(xml.replace('</testsuites>', ''))).toEqual(['<testsuites> stays open']);
    expect(faultsOf(xml.replace('&amp;', '&'))).toHaveLength(1);
  });

  test('counts over all suites, and says when and on what it was played', () => {
    const sum = (name: string): number =>
      [...xml.matchAll(new RegExp(`<testsuite [^>]*${name}="(\\d+)"`, 'g'))]
        .map(([, count]) => Number(count))
        .reduce((all, count) => all + count, 0);
    expect(xml).toContain(
      `<testsuites name="swarmtwin" tests="${sum('tests')}" failures="${sum('failures')}" errors="0" time="300">`,
    );
    expect(sum('failures')).toBeGreaterThan(0);
    expect(xml).toContain('timestamp="2026-11-21T12:00:00Z"');
    expect(xml).toContain('<property name="IPVS" value="no"/>');
  });
});
