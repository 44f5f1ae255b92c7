import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import { MadeHistory } from './made-history.ts';

/** Three managers; web.1 on n2, web.2 on n3, agent everywhere. n2 is drained at 10 s. */
function drained(claim: ClaimId): MadeHistory {
  return new MadeHistory({ managers: 3, workers: 0 }, [claim])
    .at(1)
    .service('web', { replicas: 2 })
    .task('web.1.a', { node: 'n2' })
    .task('web.2.a', { node: 'n3' })
    .service('agent', { global: true })
    .task('agent.0.b', { node: 'n2' })
    .at(10)
    .setNode('n2', 'drain');
}
const moved = (history: MadeHistory, node = 'n1'): MadeHistory =>
  history
    .at(10.1)
    .task('web.1.a', { desired: 'shutdown' })
    .task('agent.0.b', { desired: 'shutdown' })
    .at(11.4)
    .task('web.1.a', { state: 'shutdown' })
    .task('agent.0.b', { state: 'shutdown' })
    .at(10.1)
    .replace('web.1.b', node, 1.8)
    .at(20);

describe('D1 drain', () => {
  test('holds when every task leaves and its slot is filled elsewhere', () => {
    expect(moved(drained('D1')).verdict().verdict).toBe('holds');
  });
  test('fails when a task stays', () => {
    expect(drained('D1').at(30).verdict().verdict).toBe('fails');
  });
  test('fails when the slot is filled on the drained node', () => {
    expect(moved(drained('D1'), 'n2').verdict().verdict).toBe('fails');
  });
  test('fails when the node does not stay Ready', () => {
    expect(moved(drained('D1').at(10.1).node('n2', { state: 'down' })).verdict().verdict).toBe(
      'fails',
    );
  });
});

describe('D2 a drained node', () => {
  const worked = (node: string): MadeHistory =>
    moved(drained('D2'))
      .create('n1', 'fresh')
      .service('fresh', {})
      .at(21)
      .task('fresh.1.a', { node })
      .update('n1', 'web', { replicas: 3 })
      .at(22)
      .service('web', { replicas: 3 })
      .task('web.3.a', { node: 'n1' })
      .at(23)
      .update('n1', 'web', { replicas: 3, image: 'v2' })
      .at(25);
  test('holds when a new service, a scale-up and an update avoid it', () => {
    expect(worked('n3').verdict().verdict).toBe('holds');
  });
  test('fails when a task is put on it', () => {
    expect(worked('n2').verdict().verdict).toBe('fails');
  });
  test('is open when not all three were asked for', () => {
    expect(moved(drained('D2')).verdict().verdict).toBe('inconclusive');
  });
});

describe('D3 pause', () => {
  const paused = (): MadeHistory =>
    new MadeHistory({ managers: 2, workers: 0 }, ['D3'])
      .at(1)
      .service('web', { replicas: 1 })
      .task('web.1.a', { node: 'n2' })
      .at(5)
      .setNode('n2', 'pause')
      .at(6);
  test('holds when what runs stays and new tasks go elsewhere', () => {
    expect(paused().task('web.2.a', { node: 'n1' }).at(9).verdict().verdict).toBe('holds');
  });
  test('fails when a running task is moved away', () => {
    const history = paused().task('web.1.a', { desired: 'shutdown', state: 'shutdown' });
    expect(history.task('web.1.b', { node: 'n1' }).at(9).verdict().verdict).toBe('fails');
  });
  test('fails when a new task is put on it', () => {
    expect(paused().task('web.2.a', { node: 'n2' }).at(9).verdict().verdict).toBe('fails');
  });
});

describe('D4 drained managers', () => {
  const both = (): MadeHistory => drained('D4').at(20).setNode('n1', 'drain').at(30);
  test('holds when the follower stays Reachable and the leader Leader', () => {
    expect(both().mark('end').verdict().verdict).toBe('holds');
  });
  test('fails when the drained leader loses the lead', () => {
    const history = drained('D4').at(20).setNode('n1', 'drain').at(25);
    history.node('n1', { leader: false }).node('n3', { leader: true });
    expect(history.at(30).mark('end').verdict().verdict).toBe('fails');
  });
  test('fails when a drained manager is no manager any more', () => {
    expect(both().node('n2', { role: 'worker' }).verdict().verdict).toBe('fails');
  });
  test('is open when only one kind was drained', () => {
    expect(drained('D4').at(20).verdict().verdict).toBe('inconclusive');
  });
});

describe('D5 global services', () => {
  test('holds when the task goes with the drain and a new one comes with active', () => {
    const history = moved(drained('D5')).setNode('n2', 'active').at(20.5);
    expect(history.task('agent.0.c', { node: 'n2' }).at(30).verdict().verdict).toBe('holds');
  });
  test('fails when the task stays', () => {
    expect(drained('D5').at(20).setNode('n2', 'active').verdict().verdict).toBe('fails');
  });
  test('fails when no new one comes', () => {
    const history = moved(drained('D5')).setNode('n2', 'active').at(40).mark('end');
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('D6 the only eligible node', () => {
  const WHY = 'no suitable node (1 node not available for new tasks)';
  const pending = (err: string): MadeHistory =>
    new MadeHistory({ managers: 1, workers: 0 }, ['D6'])
      .at(1)
      .service('pinned', {})
      .task('pinned.1.a', { node: 'n1' })
      .at(5)
      .setNode('n1', 'drain')
      .at(5.2)
      .task('pinned.1.a', { desired: 'shutdown', state: 'shutdown' })
      .task('pinned.1.b', { node: '', state: 'pending', err })
      .at(10)
      .setNode('n1', 'active')
      .at(11);
  test('holds when tasks are Pending with the explanation and run afterwards', () => {
    const history = pending(WHY).task('pinned.1.b', { node: 'n1', state: 'running', err: '' });
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when there is no explanation', () => {
    const history = pending('').task('pinned.1.b', { node: 'n1', state: 'running' });
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when they do not run afterwards', () => {
    expect(pending(WHY).at(40).mark('end').verdict().verdict).toBe('fails');
  });
});
