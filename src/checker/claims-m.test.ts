/** Each claim of M on histories made by hand: one on which it holds, one on which it fails, one that says nothing. */
import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import { madeId, MadeHistory, madeSpec } from './made-history.ts';

const SHAPE = { managers: 1, workers: 1, spares: 1 };
const history = (claim: ClaimId): MadeHistory => new MadeHistory(SHAPE, [claim]).at(1);

const refused = (status: number, text: string) => ({ outcome: 'fail', status, text }) as const;
const mark = (name: string): string =>
  `SWMTKN-1-${'0'.repeat(50)}-(25 characters, digest ${name.padStart(16, '0')})`;
const tokens = (worker: string, manager: string) => ({
  value: { ...CLUSTER, JoinTokens: { Worker: worker, Manager: manager } },
});

const CLUSTER = {
  DefaultAddrPool: ['10.0.0.0/8'],
  SubnetSize: 24,
  DataPathPort: 4789,
  RootRotationInProgress: false,
  Spec: {
    Orchestration: { TaskHistoryRetentionLimit: 5 },
    Raft: { SnapshotInterval: 10_000, KeepOldSnapshots: 0, HeartbeatTick: 1, ElectionTick: 10 },
    Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
    CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
    EncryptionConfig: { AutoLockManagers: false },
  },
};

const info = (name: string, address: string, more: object = {}) => ({
  value: {
    ...{ NodeID: madeId(name), NodeAddr: address, LocalNodeState: 'active' },
    ...{
      ControlAvailable: false,
      RemoteManagers: [{ NodeID: madeId('n1'), Addr: '10.0.0.1:2377' }],
    },
    ...more,
  },
});

describe('M1', () => {
  const found = (answered: string, more: object = {}): MadeHistory =>
    history('M1')
      .call('n3', 'POST', '/swarm/init', { value: answered })
      .call(
        ...(['n3', 'GET', '/info'] as const),
        info('n3', '10.0.0.3', {
          ...{ ControlAvailable: true, Nodes: 1, Managers: 1 },
          RemoteManagers: [{ NodeID: madeId('n3'), Addr: '10.0.0.3:2377' }],
          ...more,
        }),
      )
      .call('n3', 'GET', `/nodes/${madeId('n3')}`, {
        value: {
          ...{ ID: madeId('n3'), Spec: { Role: 'manager' } },
          ManagerStatus: { Leader: true, Reachability: 'reachable' },
        },
      });

  test('holds where the founder is told its id, leads alone, and has tokens to show', () => {
    const made = found(madeId('n3')).call('n3', 'GET', '/swarm', tokens(mark('1'), mark('2')));
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['is answered another id', madeId('n9'), {}, mark('2')],
    ['is answered no id', '', {}, mark('2')],
    ['is not alone', madeId('n3'), { Nodes: 2 }, mark('2')],
    ['names nobody to join at', madeId('n3'), { RemoteManagers: null }, mark('2')],
    ['has a token of another form', madeId('n3'), {}, 'no join token, 9 characters'],
    ['has one token for both roles', madeId('n3'), {}, mark('1')],
  ])('fails where the founder %s', (_, id, more, manager) => {
    const made = found(id, more).call('n3', 'GET', '/swarm', tokens(mark('1'), manager));
    expect(made.verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where nobody founds, or is not asked', () => {
    expect(history('M1').verdict()).toMatchObject({ verdict: 'inconclusive' });
    expect(found(madeId('n3')).verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M2', () => {
  const REFUSED = refused(
    400,
    'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
  );
  const join = (made: MadeHistory, token: string, ending: object = {}): MadeHistory =>
    made.call('n3', 'POST', '/swarm/join', ending, { JoinToken: token });
  const rotate = (worker = mark('3'), manager = mark('2')): MadeHistory =>
    history('M2')
      .call('n1', 'GET', '/swarm', tokens(mark('1'), mark('2')))
      .call('n1', 'POST', '/swarm/update?rotateWorkerToken=true&version=9')
      .call('n1', 'GET', '/swarm', tokens(worker, manager));
  const asWorker = (made: MadeHistory): MadeHistory =>
    join(made, mark('3')).at(2).node('n3', { role: 'worker' });
  const asManager = (made: MadeHistory): MadeHistory =>
    join(made.at(3), mark('2')).at(4).node('n3', { role: 'manager', reachability: 'reachable' });

  test('holds where each token gives its role and the rotated one is refused', () => {
    const made = asManager(asWorker(join(rotate(), mark('1'), REFUSED)));
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['the old token is taken', () => join(rotate(), mark('1'))],
    ['it is refused in other words', () => join(rotate(), mark('1'), refused(500, 'no'))],
    ['the rotated token stays', () => rotate(mark('1'))],
    ['the other token changes too', () => rotate(mark('3'), mark('4'))],
    ['a good token is refused', () => join(rotate(), mark('3'), REFUSED)],
    [
      "the worker's token makes a manager",
      () => join(rotate(), mark('3')).at(2).node('n3', { role: 'manager' }),
    ],
    ['a token has another form', () => rotate('no join token, 9 characters')],
  ])('fails where %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where not every token was tried', () => {
    expect(asWorker(rotate()).verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M3', () => {
  const setRole = (made: MadeHistory, name: string, role: 'manager' | 'worker'): MadeHistory =>
    made.call('n1', 'POST', `/nodes/${madeId(name)}/update?version=1`, {}, { Role: role });
  const promote = (): MadeHistory =>
    setRole(history('M3').task('web.1.a', { node: 'n2' }), 'n2', 'manager').at(2);
  const promoted = (): MadeHistory =>
    promote().node('n2', { role: 'manager', reachability: 'reachable' });
  const demote = (): MadeHistory => setRole(promoted().at(20), 'n2', 'worker').at(22);

  test('holds where the role changes with its manager status and the tasks run on', () => {
    const made = demote().node('n2', { role: 'worker', reachability: '' }).at(200);
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['a promoted node is never reachable', () => promote().node('n2', { role: 'manager' }).at(200)],
    ['a demoted one keeps its status', () => demote().node('n2', { role: 'worker' }).at(200)],
    ['its tasks end', () => promoted().at(3).task('web.1.a', { state: 'shutdown' }).at(200)],
  ])('fails where %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says how long a node had not its role, or when it had it too late', () => {
    const reasonOf = (made: MadeHistory): string => made.verdict().reason;
    const never = reasonOf(promote().node('n2', { role: 'manager' }).at(200));
    expect(never).toMatch(/^n2 was still no manager \d+\.\d s later, bound [\d.]+ s = /);
    const late = promote().at(190).node('n2', { role: 'manager', reachability: 'reachable' });
    expect(reasonOf(late.at(200))).toMatch(/^n2 was manager only after \d+\.\d s, bound /);
  });

  test('says nothing of one direction only', () => {
    expect(promoted().at(200).verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M4', () => {
  const LAST =
    'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm';
  const demote = (made: MadeHistory, name: string, ending: object = {}): MadeHistory =>
    made.call('n2', 'POST', `/nodes/${madeId(name)}/update?version=1`, ending, { Role: 'worker' });
  const handedOver = (): MadeHistory =>
    demote(new MadeHistory({ managers: 2, workers: 0 }, ['M4']).at(1), 'n1')
      .at(3)
      .eye('n2')
      .node('n2', { leader: true })
      .node('n1', { role: 'worker', reachability: '', leader: false })
      .at(5);

  test('holds where another leads and the last one is refused', () => {
    const made = demote(handedOver(), 'n2', refused(400, LAST));
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['the last one is demoted', () => demote(handedOver(), 'n2')],
    ['it is refused in other words', () => demote(handedOver(), 'n2', refused(400, 'no'))],
    [
      'nobody else leads',
      () => demote(new MadeHistory({ managers: 2, workers: 0 }, ['M4']).at(1), 'n1').at(200),
    ],
  ])('fails where %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where no last manager was tried', () => {
    expect(handedOver().verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M5', () => {
  const TWO =
    'You are attempting to leave the swarm on a node that is participating as a manager. Removing this node leaves 0 managers out of 1. Without a Raft quorum your swarm will be inaccessible. The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.';
  const NOT_DOWN = `rpc error: code = FailedPrecondition desc = node ${madeId('n2')} is not down and can't be removed`;
  const remove = (made: MadeHistory, ending: object = {}): MadeHistory =>
    made.call('n1', 'DELETE', `/nodes/${madeId('n2')}`, ending);
  const managerLeaves = (ending: object = refused(503, TWO)): MadeHistory =>
    history('M5').call('n1', 'POST', '/swarm/leave', ending);
  const workerLeaves = (ending: object = refused(400, NOT_DOWN)): MadeHistory =>
    remove(managerLeaves(), ending).call('n2', 'POST', '/swarm/leave').at(17);
  const down = (): MadeHistory => workerLeaves().node('n2', { state: 'down' }).at(20);

  test('holds where both are refused what needs force, and the node is down, listed, removed', () => {
    expect(remove(down()).unlisted('n2').verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['a manager leaves', () => managerLeaves({})],
    ['it is refused in other words', () => managerLeaves(refused(503, 'no'))],
    ['a node that is up is removed', () => workerLeaves({})],
    ['a node that left is never down', () => workerLeaves().at(200)],
    ['it leaves the list by itself', () => remove(down().unlisted('n2').at(22))],
    ['a removed node stays listed', () => remove(down()).at(60)],
    ['a node that is down is not removed', () => remove(down(), refused(400, NOT_DOWN))],
  ])('fails where %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where nobody was removed', () => {
    expect(managerLeaves().verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M6', () => {
  const managers = (more: object = {}) =>
    info('n1', '10.0.0.1', {
      ...{ ControlAvailable: true, Nodes: 2, Managers: 1, Cluster: CLUSTER, ...more },
    });
  const told = (manager: object, worker: object, cluster: object = CLUSTER): MadeHistory =>
    history('M6')
      .call('n1', 'GET', '/info', manager)
      .call('n2', 'GET', '/info', worker)
      .call('n1', 'GET', '/swarm', { value: cluster });

  test('holds where a manager tells all and a worker only where the managers are', () => {
    expect(told(managers(), info('n2', '10.0.0.2')).verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['counts wrongly', managers({ Nodes: 3 }), {}, CLUSTER],
    ['has no control', managers({ ControlAvailable: false }), {}, CLUSTER],
    ['tells other settings', managers({ Cluster: { ...CLUSTER, SubnetSize: 16 } }), {}, CLUSTER],
    ['names no managers', managers({ RemoteManagers: [] }), {}, CLUSTER],
    ['shows the cluster to a worker', managers(), { Cluster: CLUSTER }, CLUSTER],
    ['gives a worker control', managers(), { ControlAvailable: true }, CLUSTER],
    ['has another port', managers(), {}, { ...CLUSTER, DataPathPort: 4790 }],
  ])('fails where the swarm %s', (_, manager, worker, cluster) => {
    const made = told(manager, info('n2', '10.0.0.2', worker), cluster);
    expect(made.verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where no worker was asked', () => {
    const made = history('M6').call('n1', 'GET', '/info', managers());
    expect(made.verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M7', () => {
  const WORKER = refused(
    503,
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
  );

  test('holds where a worker refuses a read and a write in these words', () => {
    const made = history('M7').read('n2', WORKER).create('n2', 'web', {}, WORKER);
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['answers', {}],
    ['refuses in other words', refused(503, 'no')],
  ])('fails where a worker %s', (_, ending) => {
    const made = history('M7').read('n2', WORKER).create('n2', 'web', {}, ending);
    expect(made.verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing of managers, nor of reads alone', () => {
    const made = history('M7').read('n1', WORKER).read('n2', WORKER);
    expect(made.verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('M9', () => {
  const NO_NODE = 'no suitable node (scheduling constraints not satisfied on 2 nodes)';
  const create = (made: MadeHistory, name: string, constraint: string): MadeHistory => {
    const spec = madeSpec(name);
    const TaskTemplate = { ...spec.TaskTemplate, Placement: { Constraints: [constraint] } };
    return made.call('n1', 'POST', '/services/create', {}, { ...spec, TaskTemplate });
  };
  const waiting = (): MadeHistory =>
    create(history('M9'), 'east', 'node.labels.zone==east').task('east.1.a', {
      ...{ node: '', state: 'pending', err: NO_NODE },
    });
  const labelled = (): MadeHistory => {
    const path = `/nodes/${madeId('n2')}/update?version=1`;
    return waiting()
      .at(3)
      .call('n1', 'POST', path, {}, { Labels: { zone: 'east' } })
      .at(4);
  };
  const ran = (node: string): MadeHistory =>
    labelled().task('east.1.a', { node, state: 'running', err: '' }).at(5);
  const kept = (made: MadeHistory, node: string): MadeHistory =>
    create(made, 'other', 'node.labels.zone!=east').task('other.1.a', { node });

  test('holds where one waits for the label and runs on it, and one keeps off it', () => {
    expect(kept(ran('n2'), 'n1').verdict()).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['runs on a node without the label', () => kept(ran('n1'), 'n1')],
    ['runs before the label', () => waiting().task('east.1.a', { node: 'n2', state: 'running' })],
    ['does not keep off', () => kept(ran('n2'), 'n2')],
    ['never runs', () => labelled().task('east.1.a', { node: 'n2', state: 'assigned', err: '' })],
  ])('fails where a task %s', (_, made) => {
    expect(made().verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where no task waited', () => {
    expect(waiting().verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});
