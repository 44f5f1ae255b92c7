import { expect, test } from '@jest/globals';
import { knownDivergences, parseDivergences, recordedDisagreements } from './known-divergences.ts';

const entry = (scenario: string, field: string, reason = 'why'): string =>
  JSON.stringify([{ scenario, field, reason }]);

test('an entry excuses one field of one scenario, with its reason', () => {
  const text = entry('drain/drain-pause-active', 'end.leaders');
  expect(parseDivergences(text, 'a.yaml')).toEqual([
    { scenario: 'drain/drain-pause-active', field: 'end.leaders', reason: 'why' },
  ]);
});

test.each([
  ['[{ scenario: drain/drain-pause-active, field: end.leaders }]', 'entry 1 is not complete'],
  [entry('drain/nosuch', 'end.leaders'), 'entry 1 is about drain/nosuch, which is no scenario'],
  [
    entry('drain/drain-pause-active', 'services.*'),
    'entry 1 excuses more than one field: services.*',
  ],
])('%s is refused', (text, message) => {
  expect(() => parseDivergences(text, 'a.yaml')).toThrow(
    expect.objectContaining({ code: 'bad-usage', message: `a.yaml: ${message}` }),
  );
});

test('an entry may be about a claim that its scenario names', () => {
  const ports = 'membership/ports-of-nodes';
  expect(parseDivergences(entry(ports, 'claims.M8'), 'a.yaml')).toHaveLength(1);
  expect(() => parseDivergences(entry(ports, 'claims.M7'), 'a.yaml')).toThrow(
    expect.objectContaining({
      message: `a.yaml: entry 1 is about the claim M7, which ${ports} does not name`,
    }),
  );
});

test('an entry may be about one engine, which has to be one of those that are played', () => {
  const of = (engine: string): string =>
    `[{ scenario: drain/drain-pause-active, field: end.leaders, reason: why, engine: '${engine}' }]`;
  expect(parseDivergences(of('20.10'), 'a.yaml')).toMatchObject([{ engine: '20.10' }]);
  expect(() => parseDivergences(of('19.03'), 'a.yaml')).toThrow(
    expect.objectContaining({ message: expect.stringContaining('is about engine 19.03') }),
  );
});

test('the lists that the project keeps can be read', () => {
  expect([...knownDivergences(), ...recordedDisagreements()]).toEqual(expect.any(Array));
});
