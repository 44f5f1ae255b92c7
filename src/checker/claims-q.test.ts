import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import { judgeClaims } from './judge.ts';
import { MadeHistory, NO_CONNECTION, REFUSED } from './made-history.ts';

/** Two managers; n1 leads and is killed at 10 s, n2 says so from 32 s, n1 is back at 60 s. */
function twoManagers(claim: ClaimId, lost = 'n1'): MadeHistory {
  const survivor = lost === 'n1' ? 'n2' : 'n1';
  return new MadeHistory({ managers: 2, workers: 0 }, [claim])
    .at(1)
    .service('web', { replicas: 2 })
    .task('web.1.a', { node: 'n1' })
    .task('web.2.a', { node: 'n2' })
    .container('n1', 'web.1.a', 'running')
    .container('n2', 'web.2.a', 'running')
    .at(10)
    .fault('lost', { kind: 'kill', node: lost })
    .eye(survivor)
    .at(32)
    .control(survivor, 'no-leader');
}

const asked = (history: MadeHistory, node: string): MadeHistory =>
  history
    .read(node, REFUSED)
    .create(node, 'extra', {}, REFUSED)
    .update(node, 'web', { replicas: 4 }, REFUSED)
    .call(node, 'DELETE', '/services/web', REFUSED);

/** The leader back, its task failed and replaced in its slot. */
const returned = (history: MadeHistory): MadeHistory =>
  history
    .at(60)
    .heal('lost')
    .at(75)
    .control('n2', 'ok')
    .node('n2', { leader: true, reachability: 'reachable' })
    .node('n1', { leader: false, reachability: 'reachable' })
    .task('web.1.a', { state: 'failed', err: 'task: non-zero exit (255)', desired: 'shutdown' })
    .task('web.2.a', {})
    .replace('web.1.b', 'n1');

describe('Q1 the leader of two stops', () => {
  test('holds when every read and write on the survivor is refused with the text', () => {
    expect(asked(twoManagers('Q1'), 'n2').at(60).heal('lost').verdict()).toMatchObject({
      verdict: 'holds',
    });
  });
  test('fails when a read is answered', () => {
    const history = asked(twoManagers('Q1'), 'n2').read('n2').at(60).heal('lost');
    expect(history.verdict()).toMatchObject({ verdict: 'fails' });
  });
  test('fails when the text is another', () => {
    const other = { ...REFUSED, text: 'rpc error: code = Unknown desc = no leader' };
    const history = twoManagers('Q1').create('n2', 'extra', {}, other).at(60).heal('lost');
    expect(history.verdict()).toMatchObject({ verdict: 'fails' });
  });
  test('fails when the survivor does not fall silent within the bound', () => {
    const history = twoManagers('Q1');
    history.records.splice(-1);
    expect(history.at(90).heal('lost').verdict()).toMatchObject({ verdict: 'fails' });
  });
  test('is open when nothing was tried', () => {
    expect(twoManagers('Q1').at(60).heal('lost').verdict().verdict).toBe('inconclusive');
  });
});

describe('Q2 the follower of two stops', () => {
  test('holds when the former leader refuses everything', () => {
    expect(asked(twoManagers('Q2', 'n2'), 'n1').at(60).heal('lost').verdict().verdict).toBe(
      'holds',
    );
  });
  test('fails when the former leader goes on', () => {
    const history = twoManagers('Q2', 'n2').create('n1', 'extra').at(60).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('Q3 containers keep running without quorum', () => {
  const list = { value: [{ id: 'c-web.2.a', name: 'web', state: 'running' }] };
  test('holds when they run and are listed', () => {
    const history = twoManagers('Q3')
      .call('n2', 'GET', '/containers/json', list)
      .at(60)
      .heal('lost');
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when one ends', () => {
    const history = twoManagers('Q3')
      .call('n2', 'GET', '/containers/json', list)
      .at(40)
      .container('n2', 'web.2.a', 'exited')
      .at(60)
      .heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when the plain container API does not show it', () => {
    const history = twoManagers('Q3')
      .call('n2', 'GET', '/containers/json', { value: [] })
      .at(60)
      .heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('Q4 nothing changes without quorum', () => {
  const emptied = (): MadeHistory =>
    asked(twoManagers('Q4'), 'n2')
      .at(33)
      .fault('dead', { kind: 'kill-container', node: 'n2', container: 'c-web.2.a' })
      .container('n2', 'web.2.a', 'exited');
  test('holds when the slot stays empty and every write fails', () => {
    expect(emptied().at(60).heal('lost').verdict().verdict).toBe('holds');
  });
  test('fails when a container is made', () => {
    const history = emptied().at(40).container('n2', 'web.2.b', 'running').at(60).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when a write succeeds', () => {
    const history = emptied().update('n2', 'web', { replicas: 5 }).at(60).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('is open when the slot was not empty for long enough', () => {
    expect(emptied().at(36).heal('lost').verdict().verdict).toBe('inconclusive');
  });
});

describe('Q5 the stopped manager returns', () => {
  test('holds when a leader answers, the service is there and the returned one is Reachable', () => {
    expect(returned(twoManagers('Q5')).verdict().verdict).toBe('holds');
  });
  test('fails when no leader comes back', () => {
    const history = twoManagers('Q5').at(60).heal('lost').at(160).mark('late');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when the service is another afterwards', () => {
    const history = returned(twoManagers('Q5')).at(90).service('web', { replicas: 1 });
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when a refused create took place after all', () => {
    const history = returned(twoManagers('Q5').create('n2', 'extra', {}, REFUSED));
    expect(history.service('extra', {}).verdict().verdict).toBe('fails');
  });
  test('fails when the returned manager stays unreachable', () => {
    const history = returned(twoManagers('Q5')).node('n1', { reachability: 'unreachable' });
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('Q6 dead slots are filled after the return', () => {
  test('holds when the killed task reads Failed and its slot runs', () => {
    expect(returned(twoManagers('Q6')).verdict().verdict).toBe('holds');
  });
  test('fails when the slot is not filled', () => {
    const history = twoManagers('Q6').at(60).heal('lost').at(75).control('n2', 'ok');
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when the killed task reads Complete', () => {
    const history = twoManagers('Q6')
      .at(60)
      .heal('lost')
      .at(75)
      .task('web.1.a', { state: 'complete', desired: 'shutdown' })
      .replace('web.1.b', 'n1');
    expect(history.verdict().verdict).toBe('fails');
  });
});

/** Three managers, n1 leads and stops at 10 s. */
const threeManagers = (claim: ClaimId): MadeHistory =>
  new MadeHistory({ managers: 3, workers: 0 }, [claim])
    .at(10)
    .fault('lost', { kind: 'stop', node: 'n1' })
    .eye('n2');

const elected = (history: MadeHistory): MadeHistory =>
  history
    .at(22)
    .node('n1', { state: 'unknown', leader: false })
    .node('n2', { leader: true, reachability: 'reachable' })
    .at(23)
    .node('n1', { reachability: 'unreachable' })
    .read('n3');

describe('Q7 another leads', () => {
  test('holds when the lost one is Unknown, then Down, and Unreachable', () => {
    const history = elected(threeManagers('Q7')).at(53).node('n1', { state: 'down' });
    expect(history.at(60).heal('lost').verdict().verdict).toBe('holds');
  });
  test('fails when nobody is elected', () => {
    expect(threeManagers('Q7').at(100).heal('lost').verdict().verdict).toBe('fails');
  });
  test('fails when the API does not answer after the election', () => {
    const history = elected(threeManagers('Q7')).read('n3', REFUSED).at(53);
    expect(history.node('n1', { state: 'down' }).at(60).heal('lost').verdict().verdict).toBe(
      'fails',
    );
  });
  test('fails when the lost one is Down without having been Unknown', () => {
    const history = threeManagers('Q7').at(22).node('n2', { leader: true }).read('n2').at(50);
    expect(history.node('n1', { state: 'down' }).at(60).heal('lost').verdict().verdict).toBe(
      'fails',
    );
  });
  test('fails when it is never Down', () => {
    expect(elected(threeManagers('Q7')).at(80).heal('lost').verdict().verdict).toBe('fails');
  });
});

/** n1 leads and is cut off at 10 s, healed at 60 s. */
const cutOff = (during = true): MadeHistory => {
  const history = new MadeHistory({ managers: 3, workers: 0 }, ['Q8'])
    .at(10)
    .fault('cut', { kind: 'partition', groups: [['n2', 'n3'], ['n1']], plane: 'control' })
    .eye('n2')
    .at(20)
    .node('n2', { leader: true })
    .node('n1', { leader: false, reachability: 'unreachable', state: 'unknown' })
    .at(25)
    .control('n1', 'hangs');
  return during ? history.create('n2', 'during').service('during', {}).task('during.1.a') : history;
};
const healed = (history: MadeHistory): MadeHistory =>
  history
    .at(38)
    .control('n1', 'no-leader')
    .read('n1', REFUSED)
    .create('n1', 'lonely', {}, REFUSED)
    .at(60)
    .heal('cut')
    .at(70)
    .node('n1', { reachability: 'reachable', state: 'ready' });

describe('Q8 the leader is cut off', () => {
  test('holds when the majority goes on and the cut-off one falls silent and returns', () => {
    expect(healed(cutOff()).verdict().verdict).toBe('holds');
  });
  test('fails when the cut-off leader goes on answering', () => {
    const history = new MadeHistory({ managers: 3, workers: 0 }, ['Q8'])
      .at(10)
      .fault('cut', { kind: 'partition', groups: [['n2', 'n3'], ['n1']], plane: 'control' })
      .eye('n2')
      .at(20)
      .node('n2', { leader: true });
    expect(history.at(60).heal('cut').verdict().verdict).toBe('fails');
  });
  test('fails when a committed service is lost', () => {
    expect(healed(cutOff()).gone('during.1.a').verdict().verdict).toBe('fails');
  });
  test('fails when the refused service exists afterwards', () => {
    expect(healed(cutOff()).service('lonely', {}).task('lonely.1.a').verdict().verdict).toBe(
      'fails',
    );
  });
  test('fails when the cut-off one does not return', () => {
    const history = cutOff().at(38).control('n1', 'no-leader').read('n1', REFUSED);
    history.create('n1', 'lonely', {}, REFUSED).at(60).heal('cut').at(160).mark('late');
    expect(history.verdict().verdict).toBe('fails');
  });
});

/** Five managers; n2 and n3 are killed at 10 s, n4 at 40 s. */
const five = (): MadeHistory =>
  new MadeHistory({ managers: 5, workers: 0 }, ['Q9'])
    .at(10)
    .fault('first', { kind: 'kill', node: 'n2' })
    .fault('second', { kind: 'kill', node: 'n3' });
const third = (history: MadeHistory): MadeHistory =>
  history.at(40).fault('third', { kind: 'kill', node: 'n4' }).at(65).control('n1', 'no-leader');

describe('Q9 two and three of five', () => {
  const refused = (history: MadeHistory): MadeHistory =>
    history.read('n1', REFUSED).create('n1', 'never', {}, REFUSED).at(90).heal('third');
  test('holds when two cost nothing and the third costs control', () => {
    const history = refused(third(five().read('n1').create('n1', 'still')));
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when two of five already cost control', () => {
    const history = refused(third(five().read('n1', REFUSED).create('n1', 'still')));
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when control survives the third', () => {
    const history = third(five().read('n1').create('n1', 'still'));
    expect(history.create('n1', 'never').at(90).heal('third').verdict().verdict).toBe('fails');
  });
});

describe('Q11 a stopped node', () => {
  const stopped = (): MadeHistory => threeManagers('Q11').at(12);
  test('holds when it gives no connection and another manager answers the same', () => {
    const history = stopped().read('n1', NO_CONNECTION).read('n2').at(60).heal('lost');
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when the stopped node answers', () => {
    expect(stopped().read('n1').read('n2').at(60).heal('lost').verdict().verdict).toBe('fails');
  });
  test('fails when the others do not answer', () => {
    const history = stopped().read('n1', NO_CONNECTION).read('n2', REFUSED).at(60).heal('lost');
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('what was not seen does not hold', () => {
  const history = (): MadeHistory => asked(twoManagers('Q1'), 'n2').at(60).heal('lost');
  test('an aborted or cut-off run is inconclusive', () => {
    expect(history().verdict().verdict).toBe('holds');
    const [aborted] = judgeClaims(history().end('aborted', 'the heal did not take'));
    expect(aborted).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the heal did not take'),
    });
    expect(judgeClaims(history().records)[0]?.verdict).toBe('inconclusive');
  });
  test('an engine that could not be watched without a fault on it is inconclusive', () => {
    const blind = history().at(80).engine('n2', false).at(95).engine('n2', true);
    expect(blind.verdict()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('engine of n2 could not be watched'),
    });
  });
  test('an engine that is silent under its fault is as it should be', () => {
    const killed = asked(twoManagers('Q1').engine('n1', false), 'n2').at(60).heal('lost');
    expect(killed.at(62).engine('n1', true).verdict().verdict).toBe('holds');
  });
});
