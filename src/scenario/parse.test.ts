import { describe, expect, test } from '@jest/globals';
import { parseScenario } from './parse.ts';

const GOOD = `# a small outage
name: my-outage
suite: slot-refill
title: A worker dies
shape: { managers: 1, workers: 2 }
claims: [R1, R3]
steps:
  - { do: create, service: web, image: v1, replicas: 4, update: { parallelism: 2, order: start-first } }
  - { do: wait, until: running, service: web, withinS: 30 }
  - { do: name, as: chief, node: leader }
  - do: inject
    as: lost
    fault: { kind: kill, node: worker }
  - do: inject
    as: cut
    fault: { kind: partition, groups: [[rest], ['@chief']], plane: control }
  - { do: wait, until: node-state, node: '@lost', state: down, withinS: 22.5 }
  - { do: heal, fault: lost }
`;

/** The lines of the error for a text. */
function mistakes(text: string): readonly string[] {
  try {
    parseScenario(text, 'a.yaml');
  } catch (caught) {
    expect(caught).toMatchObject({ code: 'bad-scenario' });
    return (caught as Error).message.split('\n');
  }
  return [];
}

describe('a scenario file', () => {
  test('becomes the typed value with the same field names', () => {
    const { scenario, engine } = parseScenario(GOOD, 'a.yaml');
    expect(engine).toBeUndefined();
    expect(scenario).toMatchObject({
      name: 'my-outage',
      suite: 'slot-refill',
      shape: { managers: 1, workers: 2 },
      seed: 'slot-refill/my-outage',
      claims: ['R1', 'R3'],
    });
    expect(scenario.steps[0]).toEqual({
      do: 'create',
      service: 'web',
      image: 'v1',
      replicas: 4,
      update: { parallelism: 2, order: 'start-first' },
    });
    expect(scenario.steps[3]).toEqual({
      do: 'inject',
      as: 'lost',
      fault: { kind: 'kill', node: 'worker' },
    });
    expect(scenario.steps[5]).toMatchObject({ do: 'wait', until: 'node-state', withinS: 22.5 });
  });

  test.each([
    [
      'an unknown suite',
      'suite: slot-refill',
      'suite: slot-refil',
      /^a\.yaml:3:8: unknown suite 'slot-refil', expected one of quorum-loss, slot-refill/,
    ],
    [
      'an unknown step',
      'do: heal',
      'do: hael',
      /^a\.yaml:18:11: unknown step 'hael', expected one of create/,
    ],
    [
      'an unknown condition',
      'until: running',
      'until: runing',
      /^a\.yaml:9:24: unknown condition 'runing'/,
    ],
    ['an unknown fault', 'kind: kill', 'kind: kil', /^a\.yaml:13:20: unknown fault 'kil'/],
    [
      'a node that the cluster has not',
      'node: worker',
      'node: n7',
      /^a\.yaml:13:32: the cluster has no node 'n7', it has n1, n2, n3/,
    ],
    [
      'a word that is no node',
      'node: leader',
      'node: boss',
      /^a\.yaml:10:34: unknown node 'boss', expected a node \(n1\), leader/,
    ],
    [
      'a name that was never given',
      "'@lost'",
      "'@lots'",
      /nothing was named 'lots' before, known names: chief, lost, cut/,
    ],
    [
      'a service that was never created',
      'running, service: web',
      'running, service: wep',
      /unknown service 'wep', known services: web/,
    ],
    ['an unknown claim', 'R3]', 'R99]', /unknown claim 'R99'/],
    [
      'a field that is not there',
      'replicas: 4',
      'replica: 4',
      /unknown field 'replica', expected one of do, service, image/,
    ],
    ['a missing field', ', withinS: 30', '', /^a\.yaml:9:5: 'withinS' is missing/],
    ['a number that is none', 'withinS: 30', 'withinS: soon', /expected a number from 0/],
    [
      'a heal of what was not injected',
      'fault: lost }',
      'fault: found }',
      /unknown fault 'found', known faults: chief, lost, cut/,
    ],
  ])('answers %s with file, line and what was expected', (_, right, wrong, expected) => {
    expect(GOOD).toContain(right);
    const lines = mistakes(GOOD.replace(right, wrong));
    expect(lines.join('\n')).toMatch(new RegExp(expected.source, 'm'));
  });

  test('names an unknown engine', () => {
    expect(mistakes(`${GOOD}engine: '19.03'\n`).join()).toMatch(
      /^a\.yaml:19:9: unknown engine '19\.03', expected one of 20\.10, 26\.1, 28\.5/,
    );
    expect(parseScenario(`${GOOD}engine: '28.5'\n`, 'a.yaml').engine).toBe('28.5');
  });

  test('names every mistake at once, in the order of the lines', () => {
    const lines = mistakes(
      GOOD.replace('image: v1', 'image: v9').replace('suite: slot', 'suite: lost'),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^a\.yaml:3:/);
    expect(lines[1]).toMatch(/^a\.yaml:8:.*unknown image 'v9'/);
  });

  test('answers text that is no YAML with its place', () => {
    expect(mistakes('name: [a\n').join()).toMatch(/^a\.yaml:\d+:\d+: /);
    expect(mistakes('just words\n').join()).toMatch(/^a\.yaml:1:1: expected a scenario/);
    expect(mistakes('').join()).toMatch(/^a\.yaml:1:1: expected a scenario/);
  });
});
