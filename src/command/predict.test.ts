/** `swarmtwin predict` as its user meets it: what is printed, and with which exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SCENARIOS } from '../../suites/scenarios.ts';
import type { Outage } from '../model/outage.ts';
import { PROJECT_ROOT } from './project.ts';
import { predict } from './predict.ts';
import { unplayableOn } from '../scenario/unplayable.ts';

// A prediction takes a second, and many where other tests have the cores.
jest.setTimeout(60_000);

const SHOP = join(PROJECT_ROOT, 'fixtures', 'stacks', 'shop.yaml');
const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-predict-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let out = '';
let err = '';
beforeEach(() => {
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function outage(...args: readonly string[]): Promise<Outage> {
  expect(await predict([...args, '--json'])).toBe(0);
  return JSON.parse(out) as Outage;
}

const SCENARIO = `name: mine
suite: slot-refill
title: mine
shape: { managers: 1, workers: 2 }
claims: []
steps:
  - { do: create, service: web, image: v1, replicas: 2 }
  - { do: wait, until: running, service: web, withinS: 30 }
  - { do: inject, as: lost, fault: { kind: kill, node: worker } }
  - { do: hold, seconds: 30, why: to see }
`;

describe('a stack of one’s own', () => {
  test('is told with what happens to it, and what was left out', async () => {
    expect(await predict([SHOP, '--fault', 'at 30s kill leader', '--fault', 'at 90s heal'])).toBe(
      0,
    );
    expect(out).toMatch(
      /^sim: 3 managers, 2 workers; agent on every node, api x 3, db x 1, web x 6;/,
    );
    expect(out).toMatch(/ 30\.0 s {2}! kill n1 \(leader\); /);
    expect(out).toMatch(/n1 is down for the swarm/);
    expect(out).toMatch(/control: lost for \d+\.\d s/);
    expect(err).toMatch(/networks are not simulated/);
  });

  test('is the same again with its seed, and another with another', async () => {
    const args = [SHOP, '--fault', 'at 5s kill leader', '--for', '70s'];
    const first = await outage(...args);
    out = '';
    expect(await outage(...args)).toEqual(first);
    out = '';
    expect((await outage(...args, '--seed', 'x')).events).not.toEqual(first.events);
  });

  test('goes where its constraints and labels send it', async () => {
    const stack =
      'services: { db: { image: x, deploy: { placement: { constraints: [node.labels.disk == ssd] } } } }';
    const path = file('labels.yaml', stack);
    const { services } = await outage(path, '--label', 'n5:disk=ssd');
    expect(services[0]?.placement).toEqual([{ node: 'n5', tasks: 1 }]);
    out = '';
    expect((await outage(path)).services[0]?.placement).toEqual([]);
    expect(err).toMatch(
      /no node has the label disk that a constraint asks for: give it with --label/,
    );
  });

  test('has the swarm that was asked for', async () => {
    const path = file('one.yaml', 'services: { a: { image: x, deploy: { mode: global } } }');
    const found = await outage(path, '--managers', '1', '--workers', '3', '--for', '5s');
    expect(found).toMatchObject({ managers: 1, workers: 3, services: [{ declared: 4 }] });
  });

  test('with an action that cannot be done at its moment is played on, and the action told', async () => {
    const schedule = ['at 5s kill leader', 'at 7s kill-container a.3', 'at 8s heal'];
    const path = file('two.yaml', 'services: { a: { image: x } }');
    const { events } = await outage(
      ...[path, '--managers', '1', '--workers', '0'],
      ...schedule.flatMap((text) => ['--fault', text]),
    );
    expect(events.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/cannot be done: no task of a in slot 3 runs now/),
      ]),
    );
    expect(events.at(-1)?.atMs).toBeGreaterThan(8000);
  });
});

const SIMULATED = SCENARIOS.filter((scenario) => unplayableOn(scenario, 'sim') === null);

describe('a scenario', () => {
  test('that asks for what simulated nodes do not have is refused, with the reason', async () => {
    await expect(predict(['membership/ports-of-nodes'])).rejects.toMatchObject({
      code: 'bad-scenario',
      message: expect.stringContaining('a simulated node has no ports'),
    });
  });

  test('is played as it stands, and compared with what real Swarm was recorded to do', async () => {
    expect(await predict(['slot-refill/leader-killed', '--against', 'recorded'])).toBe(0);
    expect(out).toMatch(/slot-refill\/leader-killed +\d+\/\d+ hold, same/);
    expect(out).toMatch(/real, once +simulated/);
  });

  test.each(SIMULATED.map((scenario) => [`${scenario.suite}/${scenario.name}`, scenario] as const))(
    '%s can be predicted to its end',
    async (name, { steps }) => {
      const { events, services } = await outage(name);
      expect(services.length > 0).toBe(steps.some((step) => step.do === 'create'));
      expect(events.length).toBeGreaterThan(0);
      const odd = events.filter(({ text }) => /in vain|cannot be done|it ends here/.test(text));
      expect(odd).toEqual([]);
    },
  );

  test('with a schedule lends its services and nodes', async () => {
    const path = file('mine.yaml', SCENARIO);
    const { events } = await outage(path, '--fault', 'at 5s drain worker-2', '--for', '20s');
    expect(events[0]?.text).toBe('set n3 to drain');
    expect(events[0]?.atMs).toBeCloseTo(5000, -2);
  });

  test('that cannot be simulated is refused with its line, what cannot and why', async () => {
    const path = file(
      'starved.yaml',
      SCENARIO.replace('kind: kill', 'kind: starve-cpu, share: 0.1'),
    );
    await expect(predict([path])).rejects.toMatchObject({
      code: 'bad-scenario',
      message: expect.stringMatching(
        /starved\.yaml:9:5: 'inject lost: starve-cpu worker' cannot be simulated: a starved processor on worker: a simulated machine computes in no time/,
      ) as unknown,
    });
  });
});

describe('a mistake is answered with what it is', () => {
  test.each([
    [[], 3],
    [['--help'], 0],
  ])('%j prints the usage', async (args, code) => {
    expect(await predict(args)).toBe(code);
    expect(out).toMatch(/^swarmtwin predict /);
  });

  test.each([
    [['nosuch.yaml'], /there is no file nosuch\.yaml/],
    [['nosuch'], /there is no suite or scenario nosuch/],
    [['rollback'], /rollback is 3 scenarios: rollback\/rolling-updates/],
    [[SHOP, '--for', 'long'], /--for long is no time/],
    [[SHOP, '--fault', 'at 60s heal', '--for', '60s'], /'at 60s heal' comes after the end at 60 s/],
    [[SHOP, '--managers', '0'], /--managers 0 is no number of nodes/],
    [[SHOP, '--workers', 'x'], /--workers x is no number of nodes/],
    [[SHOP, '--label', 'n9:a=b'], /--label n9:a=b names no node/],
    [[SHOP, '--against', 'recorded'], /--against takes recorded, and a scenario of the suites/],
    [['slot-refill/leader-killed', '--workers', '2'], /brings its own nodes/],
    [[SHOP, '--fault', 'at 1s kill n9'], /there is no n9 among 3 managers and 2 workers/],
  ])('%j', async (args, message) => {
    await expect(predict(args)).rejects.toMatchObject({
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('in a file with its line, and a file of neither kind with what it may be', async () => {
    const wrong = file('wrong.yaml', 'services:\n  web:\n    imag: x\n');
    await expect(predict([wrong])).rejects.toMatchObject({
      code: 'bad-scenario',
      message: expect.stringMatching(/wrong\.yaml:3:5: services\.web.*: /) as unknown,
    });
    await expect(predict([file('text.yaml', 'hello')])).rejects.toMatchObject({
      message: expect.stringMatching(/text\.yaml:1:1: expected a compose file/) as unknown,
    });
  });
});
