import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import type { TaskSeen } from '../model/history.ts';
import { MadeHistory, madeId, madeSpec } from './made-history.ts';
import type { SpecDraft } from './made-history.ts';

const NODES = ['n1', 'n2', 'n3'] as const;

/** One manager, two workers; nothing was asked yet. */
const swarm = (claim: ClaimId): MadeHistory =>
  new MadeHistory({ managers: 1, workers: 2 }, [claim]).at(1);

/** A service is created, and its tasks run on these nodes, slot after slot. */
function created(
  history: MadeHistory,
  name: string,
  nodes: readonly string[],
  draft: SpecDraft = {},
): MadeHistory {
  const wanted = { replicas: nodes.length, ...draft };
  history.create('n1', name, wanted, { status: 201, value: { ID: madeId(name) } });
  history.later().service(name, wanted);
  nodes.forEach((node, index) => {
    const slot = draft.global === true ? 0 : index + 1;
    started(history, name, slot, node, draft.global === true ? node : 'a');
  });
  return history;
}

function started(history: MadeHistory, name: string, slot: number, node: string, id = 'a'): void {
  const task = `${name}.${slot}.${id}`;
  history.task(task, { node });
  history.container(node, task, 'running', nameOf(name, slot, node, task));
}

const nameOf = (name: string, slot: number, node: string, task: string): string =>
  `${name}.${slot === 0 ? madeId(node) : slot}.${task}`;

/** At the end of the scenario, long after everything else. */
const verdictOf = (history: MadeHistory, atS = 60): string => history.at(atS).verdict().verdict;

describe('S1 slots and names', () => {
  test('holds with slots from 1 and containers named by service, slot and task', () => {
    expect(verdictOf(created(swarm('S1'), 'web', NODES))).toBe('holds');
  });
  test('holds with the node in the name of a global task', () => {
    const history = created(swarm('S1'), 'web', NODES);
    expect(verdictOf(created(history, 'agent', NODES, { global: true }))).toBe('holds');
  });
  test('fails when a slot is left out', () => {
    const history = swarm('S1')
      .create('n1', 'web', { replicas: 2 })
      .service('web', { replicas: 2 });
    started(history, 'web', 1, 'n1');
    started(history, 'web', 3, 'n2');
    expect(verdictOf(history)).toBe('fails');
  });
  test('fails when a container is named otherwise', () => {
    const history = created(swarm('S1'), 'web', NODES).task('web.4.a', { desired: 'shutdown' });
    expect(verdictOf(history.container('n1', 'web.4.a', 'running', 'web.web.4.a'))).toBe('fails');
  });
  test('is open without a service of several replicas', () => {
    expect(verdictOf(created(swarm('S1'), 'web', ['n1']))).toBe('inconclusive');
  });
});

describe('S2 scale', () => {
  const scaled = (name: string, replicas: number, history: MadeHistory): MadeHistory =>
    history.update('n1', name, { replicas }).later().service(name, { replicas });
  /** web, six slots on three nodes in turn. */
  const six = (): MadeHistory => created(swarm('S2'), 'web', [...NODES, ...NODES]).at(5);
  const gone = (history: MadeHistory, ...slots: readonly number[]): MadeHistory => {
    for (const slot of slots) history.task(`web.${slot}.a`, { desired: 'remove' });
    return history.at(10);
  };
  test('holds when the lowest slot of each node is kept and free slots are filled', () => {
    const history = gone(scaled('web', 3, six()), 4, 5, 6);
    scaled('web', 4, history);
    started(history, 'web', 4, 'n1', 'b');
    expect(verdictOf(history)).toBe('holds');
  });
  test('fails when a node keeps a higher slot', () => {
    const history = gone(scaled('web', 3, six()), 1, 5, 6);
    scaled('web', 4, history);
    started(history, 'web', 1, 'n1', 'b');
    expect(verdictOf(history)).toBe('fails');
  });
  test('fails when one node keeps what others lost', () => {
    const history = gone(scaled('web', 2, six()), 2, 3, 5, 6);
    scaled('web', 3, history);
    started(history, 'web', 2, 'n2', 'b');
    expect(verdictOf(history)).toBe('fails');
  });
  test('fails when more than declared is left', () => {
    const history = gone(scaled('web', 3, six()), 5, 6);
    scaled('web', 5, history);
    started(history, 'web', 5, 'n2', 'b');
    expect(verdictOf(history)).toBe('fails');
  });
  test('fails when new slots are not the lowest free ones', () => {
    const history = gone(scaled('web', 3, six()), 4, 5, 6);
    scaled('web', 4, history);
    started(history, 'web', 7, 'n1', 'b');
    expect(verdictOf(history)).toBe('fails');
  });
});

describe('S4 spread', () => {
  const WEB = ['n2', 'n3', 'n1'];
  /** n1 has four tasks of another service; web is spread all the same, and few goes round n1. */
  const spread = (web: readonly string[], few: readonly string[]): MadeHistory => {
    const history = created(swarm('S4'), 'other', ['n1', 'n1', 'n1', 'n1'], {
      constraints: ['node.hostname==n1'],
    }).at(5);
    created(history, 'web', web).at(10);
    return created(history, 'few', few).at(15);
  };
  test('holds when the tasks of the service decide, then those in all', () => {
    expect(verdictOf(spread([...WEB, ...WEB], ['n2', 'n3']))).toBe('holds');
  });
  test('fails when a node with fewer tasks in all is passed over', () => {
    expect(verdictOf(spread([...WEB, ...WEB], ['n1', 'n3']))).toBe('fails');
  });
  test('fails when a node with fewer of the service is passed over', () => {
    expect(verdictOf(spread(['n2', 'n3', 'n2', 'n3', 'n2', 'n3'], ['n2', 'n3']))).toBe('fails');
  });
  test('is open where nothing tells the two rules apart', () => {
    expect(verdictOf(created(swarm('S4'), 'web', NODES).at(9))).toBe('inconclusive');
  });
});

describe('S5 global services', () => {
  test('holds with one task on every eligible node', () => {
    const draft = { global: true, constraints: ['node.role==worker'] };
    expect(verdictOf(created(swarm('S5'), 'agent', ['n2', 'n3'], draft))).toBe('holds');
  });
  test('fails when an eligible node has none', () => {
    expect(verdictOf(created(swarm('S5'), 'agent', ['n1', 'n2'], { global: true }))).toBe('fails');
  });
  test('fails when a node has one that must not', () => {
    const draft = { global: true, constraints: ['node.role==worker'] };
    expect(verdictOf(created(swarm('S5'), 'agent', NODES, draft))).toBe('fails');
  });
});

describe('S6 constraints', () => {
  const constrained = (wrong: Readonly<Record<string, readonly string[]>> = {}): MadeHistory => {
    const history = swarm('S6');
    for (const node of NODES)
      history.node(node, { labels: { zone: node }, engineLabels: { disk: `of-${node}` } });
    const services: readonly (readonly [string, string, readonly string[]])[] = [
      ['by-id', `node.id==${madeId('n2')}`, ['n2']],
      ['by-host', 'node.hostname!=n1', ['n2', 'n3']],
      ['by-role', 'node.role == manager', ['n1']],
      ['by-label', 'node.labels.zone==N3', ['n3']],
      ['by-engine', 'engine.labels.disk!=of-n3', ['n1', 'n2']],
    ];
    for (const [name, text, nodes] of services)
      created(history, name, wrong[name] ?? nodes, { constraints: [text] });
    return history;
  };
  test('holds when every task is where its constraints allow', () => {
    expect(verdictOf(constrained())).toBe('holds');
  });
  test.each(['by-id', 'by-host', 'by-role', 'by-label', 'by-engine'])(
    'fails when a task of %s is elsewhere',
    (name) => {
      expect(verdictOf(constrained({ [name]: NODES }))).toBe('fails');
    },
  );
  test('is open when a kind of constraint was not tried', () => {
    const draft = { constraints: ['node.role==manager'] };
    expect(verdictOf(created(swarm('S6'), 'web', ['n1'], draft))).toBe('inconclusive');
  });
});

describe('S9 removal', () => {
  const removed = (): MadeHistory =>
    created(swarm('S9'), 'web', NODES)
      .at(5)
      .call('n1', 'DELETE', `/services/${madeId('web')}`)
      .later();
  const ended = (history: MadeHistory, ...slots: readonly number[]): MadeHistory => {
    for (const slot of slots) {
      const task = `web.${slot}.a`;
      const node = NODES[slot - 1] ?? '';
      const state: Partial<TaskSeen> = { desired: 'remove', state: 'shutdown' };
      history.task(task, state).gone(task).container(node, task, 'gone');
    }
    return history.later();
  };
  test('holds when tasks and containers are gone everywhere', () => {
    expect(verdictOf(ended(removed(), 1, 2, 3))).toBe('holds');
  });
  test('fails when a task and its container stay', () => {
    expect(verdictOf(ended(removed(), 1, 2))).toBe('fails');
  });
  test('fails when a container stays', () => {
    const history = ended(removed(), 1, 2);
    expect(verdictOf(history.task('web.3.a', { desired: 'remove' }).gone('web.3.a'))).toBe('fails');
  });
  test('fails when the service can still be read', () => {
    const history = ended(removed(), 1, 2, 3);
    const path = `/services/${madeId('web')}?insertDefaults=true`;
    expect(verdictOf(history.call('n1', 'GET', path, { value: madeSpec('web') }))).toBe('fails');
  });
  test('is open when the end comes too soon', () => {
    expect(verdictOf(ended(removed(), 1, 2), 8)).toBe('inconclusive');
  });
});
