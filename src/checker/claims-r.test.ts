import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../model/fault.ts';
import type { TaskSeen } from '../model/history.ts';
import type { ClaimId } from '../model/scenario.ts';
import { MadeHistory } from './made-history.ts';

const KILL: Fault = { kind: 'kill', node: 'n2' };
const CUT: Fault = { kind: 'partition', groups: [['n1', 'n3'], ['n2']], plane: 'control' };

/** One manager, two workers; web.1 runs on n2, which is lost at 10 s and Down at 23 s. */
const lostWorker = (claim: ClaimId, fault: Fault = KILL): MadeHistory =>
  new MadeHistory({ managers: 1, workers: 2 }, [claim])
    .at(1)
    .service('web', { replicas: 1 })
    .task('web.1.a', { node: 'n2' })
    .container('n2', 'web.1.a', 'running')
    .at(10)
    .fault('lost', fault)
    .at(23)
    .node('n2', { state: 'down' });

/** Its slot filled on a node, then healed at 40 s and its task ended at 43 s. */
const refilled = (
  history: MadeHistory,
  node = 'n3',
  afterS = 5.3,
  old: Partial<TaskSeen> = { state: 'failed', err: 'task: non-zero exit (255)' },
): MadeHistory =>
  history
    .task('web.1.a', { desired: 'shutdown' })
    .replace('web.1.b', node, afterS)
    .container(node, 'web.1.b', 'running')
    .at(40)
    .heal('lost')
    .at(43)
    .node('n2', { state: 'ready' })
    .task('web.1.a', old)
    .container('n2', 'web.1.a', 'exited');

describe('R1 a lost node', () => {
  test('holds when its slot runs on a live node', () => {
    expect(refilled(lostWorker('R1')).verdict().verdict).toBe('holds');
  });
  test('fails when the slot stays empty', () => {
    expect(lostWorker('R1').at(60).heal('lost').verdict().verdict).toBe('fails');
  });
  test('fails when it is filled on the lost node', () => {
    expect(refilled(lostWorker('R1'), 'n2').verdict().verdict).toBe('fails');
  });
  test('fails when it takes longer than the heartbeats and the delay allow', () => {
    const history = lostWorker('R1').task('web.1.a', { desired: 'shutdown' });
    history.replace('web.1.b', 'n3', 40).at(70).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('is open when the node was healed before it could be Down', () => {
    expect(lostWorker('R1').at(24).heal('lost').verdict().verdict).toBe('inconclusive');
  });
});

describe('R2 the replaced task', () => {
  test('holds when it is desired Shutdown at once and reads Running until its node is heard', () => {
    expect(refilled(lostWorker('R2')).verdict().verdict).toBe('holds');
  });
  test('fails when it stays desired Running beside its replacement', () => {
    const history = lostWorker('R2').replace('web.1.b', 'n3').at(40).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when it reads Shutdown although nobody has heard of its node', () => {
    const history = lostWorker('R2')
      .task('web.1.a', { desired: 'shutdown' })
      .replace('web.1.b', 'n3')
      .task('web.1.a', { state: 'shutdown' });
    expect(history.at(40).heal('lost').verdict().verdict).toBe('fails');
  });
});

describe('R3 the lost node returns', () => {
  test('holds when the stale task reads Failed with its exit', () => {
    expect(refilled(lostWorker('R3')).verdict().verdict).toBe('holds');
  });
  test('fails when the killed task reads Shutdown', () => {
    const history = refilled(lostWorker('R3'), 'n3', 5.3, { state: 'shutdown' });
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when it goes on reading Running', () => {
    const history = refilled(lostWorker('R3'), 'n3', 5.3, {});
    expect(history.at(90).verdict().verdict).toBe('fails');
  });
  test('a task that was cut off may read Shutdown', () => {
    const history = refilled(lostWorker('R3', CUT), 'n3', 5.3, { state: 'shutdown' });
    expect(history.verdict().verdict).toBe('holds');
  });
});

describe('R4 a container dies', () => {
  const dead = (state: TaskSeen['state'] = 'failed'): MadeHistory =>
    new MadeHistory({ managers: 1, workers: 1 }, ['R4'])
      .at(1)
      .service('web', { replicas: 1 })
      .task('web.1.a', { node: 'n2' })
      .at(10)
      .fault('dead', { kind: 'remove-container', node: 'n2', container: 'c-web.1.a' })
      .at(10.3)
      .task('web.1.a', { state, err: 'task: non-zero exit (137)', desired: 'shutdown' });
  test('holds when the old task reads Failed and the slot runs again', () => {
    expect(dead().replace('web.1.b', 'n2').verdict().verdict).toBe('holds');
  });
  test('fails when the old task reads Complete', () => {
    expect(dead('complete').replace('web.1.b', 'n2').verdict().verdict).toBe('fails');
  });
  test('fails when the slot is not filled', () => {
    expect(dead().at(60).verdict().verdict).toBe('fails');
  });
  test('fails when it is filled on a drained node', () => {
    const history = dead().node('n1', { availability: 'drain' }).replace('web.1.b', 'n1');
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('R5 a partition', () => {
  test('holds when both run until the heal and then one', () => {
    const history = refilled(lostWorker('R5', CUT), 'n3', 5.3, { state: 'shutdown' });
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when the cut-off container does not run on', () => {
    const history = lostWorker('R5', CUT).container('n2', 'web.1.a', 'exited');
    expect(refilled(history).verdict().verdict).toBe('fails');
  });
  test('fails when two run after convergence', () => {
    const history = refilled(lostWorker('R5', CUT)).container('n2', 'web.1.a', 'running');
    expect(history.at(90).verdict().verdict).toBe('fails');
  });
  test('fails when the slot is not filled during the cut', () => {
    expect(lostWorker('R5', CUT).at(60).heal('lost').verdict().verdict).toBe('fails');
  });
});

describe('R7 the restart delay', () => {
  test('holds when the replacement waits in Ready for it', () => {
    expect(refilled(lostWorker('R7')).verdict().verdict).toBe('holds');
  });
  test('fails when it runs earlier', () => {
    expect(refilled(lostWorker('R7'), 'n3', 3).verdict().verdict).toBe('fails');
  });
  test('fails when it was never seen waiting in Ready', () => {
    const history = lostWorker('R7').task('web.1.b', {
      node: 'n3',
      desired: 'running',
      state: 'assigned',
    });
    expect(history.at(29).task('web.1.b', { state: 'running' }).verdict().verdict).toBe('fails');
  });
});
