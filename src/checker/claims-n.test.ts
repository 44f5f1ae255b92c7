import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import { MadeHistory } from './made-history.ts';

/** Three nodes with a task of web and one of forced each; n2 is stopped at 10 s, its tasks move, it is ready again at 40 s. */
function returned(claim: ClaimId): MadeHistory {
  const history = new MadeHistory({ managers: 1, workers: 2 }, [claim])
    .at(1)
    .service('web', { replicas: 3 })
    .service('forced', { replicas: 3 });
  for (const [index, node] of ['n1', 'n2', 'n3'].entries())
    history.task(`web.${index + 1}.a`, { node }).task(`forced.${index + 1}.a`, { node });
  history.at(10).fault('lost', { kind: 'stop', node: 'n2' }).at(23).node('n2', { state: 'down' });
  history.task('web.2.a', { desired: 'shutdown' }).task('forced.2.a', { desired: 'shutdown' });
  history.replace('web.2.b', 'n3').at(24).replace('forced.2.b', 'n1');
  history.at(38).heal('lost').at(40).node('n2', { state: 'ready' });
  return history
    .task('web.2.a', { state: 'shutdown' })
    .task('forced.2.a', { state: 'shutdown' })
    .at(55);
}

describe('N1 a node that comes back', () => {
  test('holds when nothing comes to it', () => {
    expect(returned('N1').mark('end').verdict().verdict).toBe('holds');
  });
  test('fails when an old slot is moved back', () => {
    const history = returned('N1').task('web.2.b', { desired: 'shutdown' });
    expect(history.task('web.2.c', { node: 'n2' }).verdict().verdict).toBe('fails');
  });
  test('fails when a task elsewhere is shut down without cause', () => {
    const history = returned('N1').task('web.2.b', { desired: 'shutdown' });
    expect(history.at(60).mark('end').verdict().verdict).toBe('fails');
  });
  test('is open when it was not watched for long enough', () => {
    const history = returned('N1').at(42).create('n1', 'fresh');
    expect(history.verdict().verdict).toBe('inconclusive');
  });
});

describe('N2 a drained node made active', () => {
  const lifted = (): MadeHistory =>
    new MadeHistory({ managers: 1, workers: 1 }, ['N2'])
      .at(1)
      .service('web', { replicas: 1 })
      .task('web.1.a', { node: 'n2' })
      .at(5)
      .setNode('n2', 'drain')
      .at(6)
      .task('web.1.a', { desired: 'shutdown', state: 'shutdown' })
      .task('web.1.b', { node: 'n1' })
      .at(10)
      .setNode('n2', 'active');
  test('holds when nothing comes to it', () => {
    expect(lifted().at(25).verdict().verdict).toBe('holds');
  });
  test('fails when its task comes back', () => {
    expect(lifted().at(12).task('web.1.c', { node: 'n2' }).at(25).verdict().verdict).toBe('fails');
  });
});

describe('N3 what is new', () => {
  const scaled = (node: string): MadeHistory =>
    returned('N3')
      .update('n1', 'web', { replicas: 4 })
      .at(56)
      .service('web', { replicas: 4 })
      .task('web.4.a', { node })
      .at(60);
  const fresh = (history: MadeHistory, nodes: readonly string[]): MadeHistory => {
    history.create('n1', 'fresh', { replicas: 3 }).at(61).service('fresh', { replicas: 3 });
    for (const [index, node] of nodes.entries()) history.task(`fresh.${index + 1}.a`, { node });
    return history.at(65);
  };
  test('holds when a new service uses every node and the scale-up the emptiest', () => {
    expect(fresh(scaled('n2'), ['n1', 'n2', 'n3']).verdict().verdict).toBe('holds');
  });
  test('fails when the scale-up leaves the emptiest node empty', () => {
    expect(fresh(scaled('n3'), ['n1', 'n2', 'n3']).verdict().verdict).toBe('fails');
  });
  test('fails when a new service leaves a node out', () => {
    expect(fresh(scaled('n2'), ['n1', 'n1', 'n3']).verdict().verdict).toBe('fails');
  });
});

describe('N4 a forced update', () => {
  const forced = (nodes: readonly string[], eachS = 2): MadeHistory => {
    const history = returned('N4').update('n1', 'forced', { replicas: 3, force: 1 });
    for (const [index, node] of nodes.entries()) {
      const old = index === 1 ? 'forced.2.b' : `forced.${index + 1}.a`;
      history.at(56 + index * eachS).task(old, { desired: 'shutdown', state: 'shutdown' });
      history.replace(`forced.${index + 1}.f`, node, 1.5);
    }
    return history.at(70);
  };
  test('holds when every slot restarts, one at a time, and ends balanced', () => {
    expect(forced(['n1', 'n2', 'n3']).verdict().verdict).toBe('holds');
  });
  test('fails when two slots restart at once', () => {
    expect(forced(['n1', 'n2', 'n3'], 1).verdict().verdict).toBe('fails');
  });
  test('fails when it ends unbalanced', () => {
    expect(forced(['n1', 'n1', 'n3']).verdict().verdict).toBe('fails');
  });
  test('fails when a slot is left out', () => {
    expect(forced(['n1', 'n2']).verdict().verdict).toBe('fails');
  });
});

describe('N5 scaled to one and back', () => {
  const rescaled = (nodes: readonly string[]): MadeHistory => {
    const history = returned('N5').update('n1', 'web', { replicas: 1 }).at(56);
    history.service('web', { replicas: 1 });
    history.task('web.2.b', { desired: 'remove', state: 'shutdown' });
    history.task('web.3.a', { desired: 'remove', state: 'shutdown' }).at(60);
    history.update('n1', 'web', { replicas: 3 }).at(61).service('web', { replicas: 3 });
    for (const [index, node] of nodes.entries()) history.task(`web.${index + 2}.c`, { node });
    return history.at(65);
  };
  test('holds when the returned node is used', () => {
    expect(rescaled(['n2', 'n3']).verdict().verdict).toBe('holds');
  });
  test('fails when it is not', () => {
    expect(rescaled(['n3', 'n3']).verdict().verdict).toBe('fails');
  });
});

describe('N6 a new worker', () => {
  const joined = (): MadeHistory =>
    new MadeHistory({ managers: 1, workers: 0, spares: 1 }, ['N6'])
      .at(1)
      .service('web', { replicas: 2 })
      .task('web.1.a', { node: 'n1' })
      .task('web.2.a', { node: 'n1' })
      .service('agent', { global: true })
      .task('agent.0.a', { node: 'n1' })
      .at(10)
      .node('n2', { role: 'worker', reachability: '' });
  test('holds when it gets the global task and nothing else', () => {
    const history = joined().at(11).task('agent.0.b', { node: 'n2' });
    expect(history.at(25).mark('end').verdict().verdict).toBe('holds');
  });
  test('fails when it gets a replicated task', () => {
    const history = joined().at(11).task('agent.0.b', { node: 'n2' }).at(12);
    history.task('web.2.a', { desired: 'shutdown' }).task('web.2.b', { node: 'n2' });
    expect(history.at(25).verdict().verdict).toBe('fails');
  });
  test('fails when the global service stays away', () => {
    expect(joined().at(30).mark('end').verdict().verdict).toBe('fails');
  });
});
