import { describe, expect, test } from '@jest/globals';
import { ZERO_MARK, type Outage } from '../model/outage.ts';
import { MadeHistory, REFUSED } from './made-history.ts';
import { outageOf } from './outage.ts';

/** Two slots of web, on n2 and n3, all up at 10 s. */
function begun(replicas = 2): MadeHistory {
  const made = new MadeHistory({ managers: 1, workers: 2 }, [], 'sim').at(1);
  made.control('n1', 'ok').service('web', { replicas }).at(2);
  made.task('web.1.a', { node: 'n2' }).container('n2', 'web.1.a', 'running');
  made.task('web.2.a', { node: 'n3' }).container('n3', 'web.2.a', 'running');
  return made.at(10).mark(ZERO_MARK);
}

function told(made: MadeHistory): Outage {
  const outage = outageOf(made.end());
  if (outage === null) throw new Error('no outage');
  return outage;
}

const lines = (made: MadeHistory): readonly string[] =>
  told(made).events.map(({ atMs, text }) => `${atMs / 1000} ${text}`);

/** n2 is killed at 20 s, given up at 32 s; its slot runs on n3 at 38 s. */
function lostWorker(): MadeHistory {
  const made = begun().at(20).fault('fault-1', { kind: 'kill', node: 'n2' });
  made.at(32).node('n2', { state: 'down' }).task('web.1.a', { desired: 'shutdown' });
  return made.replace('web.1.b', 'n3', 6).container('n3', 'web.1.b', 'running');
}

describe('a node that dies', () => {
  test('is told with what it takes along, when it is given up, and where its tasks run then', () => {
    expect(lines(lostWorker().at(60))).toEqual([
      '10 kill n2; web.1 with it',
      '22 n2 is down for the swarm: its tasks are replaced',
      '28 web.1 runs on n3 (was on n2)',
    ]);
  });

  test('costs its service the time without a container, and moves a task', () => {
    expect(told(lostWorker().at(60)).services).toMatchObject([
      {
        ...{ service: 'web', declared: 2, lowest: 1, belowMs: 18_000, longestBelowMs: 18_000 },
        ...{ doubledMs: 0, moved: 1, restarted: 0, placement: [{ node: 'n3', tasks: 2 }] },
      },
    ]);
  });

  test('that comes back is told so, with what stays where it is', () => {
    const made = lostWorker().at(60).heal('fault-1').at(64).node('n2', { state: 'ready' });
    expect(lines(made.at(70)).slice(-2)).toEqual([
      '50 heal kill n2',
      '54 n2 is ready again; what has moved stays where it is',
    ]);
  });
});

test('a node that is cut off keeps its containers, so that a slot runs twice', () => {
  const made = begun().at(20);
  made.fault('fault-1', { kind: 'partition', groups: [['n1', 'n3'], ['n2']], plane: 'control' });
  made.at(32).node('n2', { state: 'down' }).task('web.1.a', { desired: 'shutdown' });
  made.replace('web.1.b', 'n3', 6).container('n3', 'web.1.b', 'running').at(60);
  const outage = told(made);
  expect(outage.events.map(({ text }) => text)).toContain(
    'web.1 runs twice: the old container on n2 goes on',
  );
  expect(outage.services[0]).toMatchObject({ belowMs: 0, doubledMs: 22_000 });
});

describe('control', () => {
  test('is lost while no manager answers, and back with whoever leads', () => {
    const made = begun().at(20).control('n1', 'no-leader').at(35).control('n1', 'ok');
    const outage = told(made.node('n1', { leader: true }).at(50));
    expect(outage.control).toEqual([{ fromMs: 10_000, toMs: 25_000 }]);
    expect(outage.events.map(({ text }) => text)).toContain(
      'control is back after 15.0 s, n1 leads',
    );
    expect(outage.leader).toBe('n1');
  });

  test('that does not come back has no end, and nobody leads', () => {
    const outage = told(begun().at(20).control('n1', 'no-leader').at(50));
    expect(outage.control).toEqual([{ fromMs: 10_000, toMs: null }]);
    expect(outage.leader).toBe('');
  });

  test('is lost with the manager that a fault is on, whatever it said last', () => {
    const made = begun().at(20).fault('fault-1', { kind: 'pause', node: 'n1' }).at(30);
    expect(told(made.heal('fault-1').at(50)).control).toEqual([{ fromMs: 10_000, toMs: 20_000 }]);
  });
});

describe('what a reader would otherwise miss', () => {
  test('a service that never came up, with the reason of a task', () => {
    const made = begun(3).at(9).task('web.3.a', { node: '', state: 'pending', err: 'no room' });
    expect(lines(made.at(10.1))[0]).toMatch(/^-?\d.* web does not come up: 2 of 3 run: no room$/);
  });

  test('a service that the API refused before all was up', () => {
    const made = new MadeHistory({ managers: 1, workers: 0 }, [], 'sim').at(1);
    made.call('n1', 'POST', '/services/create', REFUSED, {}, 'create web').at(10).mark(ZERO_MARK);
    expect(lines(made.at(20))[0]).toMatch(
      /^-9 create web: refused: The swarm does not have a leader\.$/,
    );
  });

  test('a request of before that went well is nothing to tell', () => {
    const made = new MadeHistory({ managers: 1, workers: 0 }, [], 'sim').at(1);
    made.create('n1', 'web', { replicas: 0 }).at(10).mark(ZERO_MARK).at(20);
    expect(lines(made)).toEqual([]);
  });

  test('tasks that cannot be placed, and that fail where no fault is', () => {
    const made = begun().at(20).task('web.2.a', { state: 'failed', err: 'exit 1' });
    made.task('web.2.b', { node: '', state: 'pending', err: 'no suitable node' }).at(30);
    expect(lines(made)).toEqual([
      '10 web.2 failed: exit 1',
      '10 web.2 cannot be placed: no suitable node',
    ]);
  });

  test('a step that cannot be done, and one that was waited for in vain', () => {
    const made = begun().at(20).step(0, 'drain leader').ended(0, 'broken', 'nobody leads');
    made.at(25).step(1, 'wait until web is running').ended(1, 'late', 'web runs 1 of 2').at(30);
    expect(lines(made)).toEqual([
      '10 drain leader: cannot be done: nobody leads',
      '15 wait until web is running: in vain: web runs 1 of 2',
    ]);
  });

  test('a history that ends too soon', () => {
    const records = begun().at(20).end('aborted', 'step 3: no such task');
    const texts = outageOf(records)?.events.map(({ text }) => text);
    expect(texts).toEqual(['it ends here: step 3: no such task']);
  });
});

test('tasks that go the same way in one breath are one line', () => {
  const made = new MadeHistory({ managers: 1, workers: 2 }, [], 'sim').at(1);
  made.control('n1', 'ok').service('web', { replicas: 8 }).at(2);
  const slots = [1, 2, 3, 4, 5, 6, 7, 8].map((slot) => `web.${slot}`);
  for (const task of slots)
    made.task(`${task}.a`, { node: 'n2' }).container('n2', `${task}.a`, 'running');
  made.at(10).mark(ZERO_MARK).at(20).fault('fault-1', { kind: 'kill', node: 'n2' });
  made.at(32).node('n2', { state: 'down' });
  for (const task of slots) made.task(`${task}.a`, { desired: 'shutdown' });
  for (const task of slots) made.at(32).replace(`${task}.b`, 'n3', 6);
  for (const task of slots) made.container('n3', `${task}.b`, 'running');
  expect(lines(made.at(60))).toEqual([
    '10 kill n2; 8 tasks with it',
    '22 n2 is down for the swarm: its tasks are replaced',
    '28 8 tasks of web run on n3 (8)',
  ]);
});

test('a history without a header is no outage', () => {
  expect(outageOf([])).toBeNull();
});
