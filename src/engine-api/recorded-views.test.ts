/** Objects of a real swarm, taken from its answers, are shown again byte for byte. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SERVICES, SERVICE } from './service-schema.ts';
import { encodeGo } from './go-encode.ts';
import { handle } from './handler.ts';
import { mergeInfo, pingHeaders } from './info.ts';
import { LeaderNode } from './leader-node.ts';
import {
  clusterOf,
  nodesIn,
  recordsIn,
  requestOf,
  serviceOf,
  servicesIn,
  swarmIn,
  tasksIn,
  type Recorded,
  type ServiceJson,
  type SwarmJson,
} from './recording.ts';
import { renderListed, renderService } from './render-service.ts';

const read = (name: string): readonly Recorded[] =>
  recordsIn<Recorded>(
    readFileSync(new URL(`../../fixtures/api/26.1/${name}.json`, import.meta.url), 'utf8'),
  );
const views = read('views');
const later = read('spec-updates');
const answerTo = (path: string, records = views): string =>
  records.findLast((one) => one.path === path)!.answer;
const nodesOf = (records: readonly Recorded[]): readonly { readonly Spec: object }[] =>
  JSON.parse(answerTo('/nodes', records)) as { Spec: object }[];
const specOf = (body: string): object => (JSON.parse(body) as { Spec: object }).Spec;

/** A swarm that holds what the recorded one held. */
function swarmOf(records: readonly Recorded[]): LeaderNode {
  const node = new LeaderNode();
  for (const { node: member, manager } of nodesIn(answerTo('/nodes', records))) {
    node.ownId = member.id;
    node.put('node', member);
    node.managers.set(member.id, manager);
  }
  node.put('cluster', swarmIn(answerTo('/swarm', records)));
  return node;
}

function get(node: LeaderNode, path: string): string {
  let body = '';
  handle(node, requestOf({ path }), (response) => {
    body = response.body;
  });
  return body;
}

describe('of a recorded swarm', () => {
  const node = swarmOf(views);
  for (const one of servicesIn(answerTo('/services'))) node.put('service', one);
  for (const one of tasksIn(answerTo('/tasks'))) node.put('task', one);

  test.each([
    '/services',
    '/v1.40/services?status=true',
    '/services/web',
    '/services/job',
    '/services?filters={"mode":["global"]}',
    '/services?filters={"name":{"we":true}}',
    '/tasks',
    '/tasks?filters={"service":["web"],"desired-state":["running"]}',
    '/nodes',
    '/swarm',
    '/secrets',
    '/configs',
    '/swarm/unlockkey',
  ])('GET %s is shown as the engine showed it', (path) => {
    expect(get(node, path)).toBe(answerTo(path));
  });

  test('the counts of tasks stand between the status of the update and that of the job', () => {
    const recorded = JSON.parse(answerTo('/services?status=true')) as readonly ServiceJson[];
    const shown = recorded.map((one) => {
      const counts = one.ServiceStatus!;
      const view = {
        service: serviceOf(one),
        runningTasks: counts.RunningTasks,
        desiredTasks: counts.DesiredTasks,
        completedTasks: counts.CompletedTasks,
      };
      return renderListed(view);
    });
    expect(`${encodeGo(shown, SERVICES, '26.1')}\n`).toBe(answerTo('/services?status=true'));
  });

  test('one task is shown as it is in the list', () => {
    const [first] = JSON.parse(answerTo('/tasks')) as { ID: string }[];
    expect(JSON.parse(get(node, `/tasks/${first!.ID}`))).toEqual(first);
  });

  test('a node can be asked for by its hostname', () => {
    expect(JSON.parse(get(node, '/nodes/api-n1'))).toEqual(nodesOf(views)[0]);
  });
});

describe('after the swarm and the node were changed', () => {
  const node = swarmOf(later);
  test.each(['/swarm', '/nodes'])('GET %s is shown as the engine showed it', (path) => {
    expect(get(node, path)).toBe(answerTo(path, later));
  });

  test('an update of the swarm keeps what the engine kept', () => {
    const before = swarmOf(views);
    const version = before.store.read.all('cluster')[0]!.meta.version;
    const update = later.find(({ path }) => path.startsWith('/swarm/update'))!;
    const request = requestOf({
      ...update,
      path: `/swarm/update?version=${version}&rotateWorkerToken=true`,
    });
    let status = 0;
    handle(before, request, (response) => {
      status = response.status;
    });
    expect(status).toBe(200);
    expect(specOf(get(before, '/swarm'))).toEqual(specOf(answerTo('/swarm', later)));
  });

  test('an update of a node takes words in any case and keeps what the engine kept', () => {
    const before = swarmOf(views);
    const { id, meta } = before.store.read.all('node')[0]!;
    const update = later.find(({ path }) => path.startsWith('/nodes/'))!;
    let status = 0;
    const path = `/nodes/${id}/update?version=${meta.version}`;
    handle(before, requestOf({ ...update, path }), (response) => {
      status = response.status;
    });
    expect(status).toBe(200);
    expect((JSON.parse(get(before, '/nodes')) as { Spec: object }[])[0]!.Spec).toEqual(
      nodesOf(later)[0]!.Spec,
    );
  });
});

describe('/info', () => {
  const recorded = JSON.parse(answerTo('/info')) as Record<string, unknown> & {
    Swarm: {
      NodeID: string;
      NodeAddr: string;
      RemoteManagers: { NodeID: string; Addr: string }[];
      Cluster: SwarmJson;
    };
  };
  const { Swarm } = recorded;
  const inactive = {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
  };

  test("is dockerd's answer with the swarm block in its place", () => {
    const merged = mergeInfo(
      { ...recorded, Swarm: inactive },
      {
        nodeId: Swarm.NodeID,
        nodeAddr: Swarm.NodeAddr,
        localNodeState: 'active',
        controlAvailable: true,
        error: '',
        remoteManagers: Swarm.RemoteManagers.map((one) => ({ nodeId: one.NodeID, addr: one.Addr })),
        nodes: 1,
        managers: 1,
        cluster: clusterOf(Swarm.Cluster),
      },
    );
    expect(JSON.stringify(merged)).toBe(JSON.stringify(recorded));
  });

  test('of a manager without a leader has a cluster of zeros', () => {
    const merged = mergeInfo(recorded, {
      nodeId: 'a',
      nodeAddr: '10.0.0.1',
      localNodeState: 'active',
      controlAvailable: true,
      error: 'The swarm does not have a leader.',
      remoteManagers: [],
      nodes: 0,
      managers: 0,
      cluster: null,
    });
    expect(JSON.stringify(merged['Swarm'])).toBe(
      '{"NodeID":"a","NodeAddr":"10.0.0.1","LocalNodeState":"active","ControlAvailable":true,"Error":"The swarm does not have a leader.","RemoteManagers":null,"Cluster":{"ID":"","Version":{},"CreatedAt":"0001-01-01T00:00:00Z","UpdatedAt":"0001-01-01T00:00:00Z","Spec":{"Labels":null,"Orchestration":{},"Raft":{"ElectionTick":0,"HeartbeatTick":0},"Dispatcher":{},"CAConfig":{},"TaskDefaults":{},"EncryptionConfig":{"AutoLockManagers":false}},"TLSInfo":{},"RootRotationInProgress":false,"DefaultAddrPool":null,"SubnetSize":0,"DataPathPort":0}}',
    );
  });

  test('warns of two managers, in the block and beside it', () => {
    const merged = mergeInfo(
      { Warnings: ['WARNING: No swap limit support'] },
      {
        nodeId: 'a',
        nodeAddr: '',
        localNodeState: 'active',
        controlAvailable: true,
        error: '',
        remoteManagers: [],
        nodes: 2,
        managers: 2,
      },
    ) as { Warnings: string[]; Swarm: { Warnings: string[] } };
    expect(merged.Warnings).toHaveLength(2);
    expect(merged.Swarm.Warnings).toEqual([merged.Warnings[1]]);
    expect(merged.Warnings[1]).toContain(
      'configuration. This configuration provides\n         no fault tolerance',
    );
  });
});

test.each([
  ['active', 'manager', 'active/manager'],
  ['active', 'worker', 'active/worker'],
  ['pending', 'worker', 'pending'],
  ['inactive', null, 'inactive'],
  ['locked', null, 'locked'],
] as const)('a ping of a node that is %s as %s says %s', (state, role, said) => {
  const node = new LeaderNode();
  node.state = state;
  node.ownRole = role;
  expect(pingHeaders(node)).toEqual({ Swarm: said });
  expect(pingHeaders(node, '20.10')).toEqual({});
});

test('what an update left behind is shown in full', () => {
  const service = servicesIn(answerTo('/services')).find((one) => one.spec.Name === 'web')!;
  const shown = encodeGo(
    renderService({
      ...service,
      updateStatus: {
        state: 'completed',
        startedAt: 0,
        completedAt: 1_500,
        message: 'update completed',
      },
    }),
    SERVICE,
    '26.1',
  );
  expect(shown).toContain(
    '"UpdateStatus":{"State":"completed","StartedAt":"1970-01-01T00:00:00Z","CompletedAt":"1970-01-01T00:00:01.5Z","Message":"update completed"}',
  );
});
