/** The facade's own answers: who may be asked, leaving, what differs between engines (measured.md E10 and its table of differences). */
import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../model/errors.ts';
import { nodeId } from '../model/ids.ts';
import type { ManagerStatus, Node } from '../model/objects.ts';
import { failed } from '../model/result.ts';
import { BODY_LIMIT_BYTES, DEFAULT_OPTIONS } from './api-message.ts';
import { handle, route } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';
import type { EngineLine } from '../model/engines.ts';

type Request = Parameters<typeof requestOf>[0];

function ask(node: LeaderNode, request: Request, engine: EngineLine = '26.1'): [number, string] {
  let answer: [number, string] = [0, ''];
  handle(
    node,
    requestOf(request),
    ({ status, body }) => {
      answer = [status, body];
    },
    DEFAULT_OPTIONS[engine],
  );
  return answer;
}

const said = (message: string): string => `${JSON.stringify({ message })}\n`;
const post = (path: string, body?: unknown): Request =>
  body === undefined ? { method: 'POST', path } : { method: 'POST', path, body };

function member(id: string): Node {
  return {
    id: nodeId(id),
    meta: { version: 1, createdAt: 0, updatedAt: 0 },
    spec: { Labels: {}, Role: 'manager', Availability: 'active' },
    role: 'manager',
    status: { state: 'ready', message: '', addr: '' },
    certificate: { role: 'manager', state: 'issued', csr: '', certificate: '', cn: id },
  };
}

function swarmOf(...reachability: ManagerStatus['reachability'][]): LeaderNode {
  const node = new LeaderNode();
  node.ownId = 'm1';
  reachability.forEach((reached, at) => {
    const id = `m${at + 1}`;
    node.put('node', member(id));
    node.managers.set(id, { raftId: id, addr: '', leader: at === 0, reachability: reached });
  });
  return node;
}

const EVERY_CALL: readonly Request[] = [
  ...[
    '/nodes',
    '/services',
    '/tasks',
    '/swarm',
    '/secrets',
    '/configs',
    '/nodes/self',
    '/swarm/unlockkey',
  ].map((path) => ({ path })),
  post('/services/create', {}),
  { method: 'DELETE', path: '/services/x' },
  post('/swarm/update?version=1', {}),
  post('/nodes/x/update?version=1', {}),
];

describe.each([
  [
    'a worker',
    { ownRole: 'worker' },
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
  ],
  [
    'a manager that is coming up',
    { ownRole: 'manager' },
    'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.',
  ],
  [
    'a locked node',
    { state: 'locked', ownRole: 'manager' },
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
  ],
  [
    'a node whose certificates ran out',
    { expired: true },
    'Swarm certificates have expired. To replace them, leave the swarm and join again.',
  ],
] as const)('%s', (_what, settings, text) => {
  test.each(EVERY_CALL)('refuses $method $path', (request) => {
    const node = Object.assign(new LeaderNode(), { isReady: false, ...settings });
    expect(ask(node, request)).toEqual([503, said(text)]);
  });
});

describe('leaving', () => {
  const MANAGER =
    'You are attempting to leave the swarm on a node that is participating as a manager. ';
  const RESTORE =
    'The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.';
  const UP = 'reachable';
  const DOWN = 'unreachable';

  test.each([
    [
      'the last manager',
      [UP],
      'Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ',
    ],
    ['one of three', [UP, UP, UP], RESTORE],
    [
      'one of two',
      [UP, UP],
      `Removing this node leaves 1 managers out of 2. Without a Raft quorum your swarm will be inaccessible. ${RESTORE}`,
    ],
    [
      'one of three with one away',
      [UP, UP, DOWN],
      `Removing this node leaves 1 managers out of 3. Without a Raft quorum your swarm will be inaccessible. ${RESTORE}`,
    ],
    ['one of five with one away', [UP, UP, UP, UP, DOWN], RESTORE],
  ] as const)('without force, %s is told what that would do', (_what, managers, rest) => {
    const node = swarmOf(...managers);
    expect(ask(node, post('/swarm/leave'))).toEqual([503, said(`${MANAGER}${rest}`)]);
    expect(node.leaves).toBe(0);
  });

  test('without a leader, a manager is refused without a count', () => {
    const node = swarmOf(UP);
    node.answer = failed(new SwarmError('DeadlineExceeded', 'context deadline exceeded'));
    expect(ask(node, post('/swarm/leave'))).toEqual([503, said(`${MANAGER}${RESTORE}`)]);
  });

  test('while its manager is coming up, a manager is told of its consensus', () => {
    const node = swarmOf(UP);
    node.state = 'pending';
    node.isReady = false;
    expect(ask(node, post('/swarm/leave'))).toEqual([
      503,
      said(`${MANAGER}Doing so may lose the consensus of your cluster. ${RESTORE}`),
    ]);
  });

  test('a manager in name alone, as one that was demoted just now, leaves as a worker does', () => {
    const node = swarmOf(UP);
    node.isReady = false;
    expect(ask(node, post('/swarm/leave'))).toEqual([200, '']);
  });

  test('a manager whose node has ended by an error leaves as a worker does', () => {
    const node = swarmOf(UP);
    node.state = 'error';
    node.isReady = false;
    expect(ask(node, post('/swarm/leave'))).toEqual([200, '']);
  });

  test('with force a manager leaves, and a worker leaves without', () => {
    const node = swarmOf(UP);
    expect(ask(node, post('/swarm/leave?force=1'))).toEqual([200, '']);
    node.ownRole = 'worker';
    node.isReady = false;
    expect(ask(node, post('/swarm/leave'))).toEqual([200, '']);
    expect(node.leaves).toBe(2);
  });

  test('a locked node needs force', () => {
    const node = swarmOf(UP);
    node.state = 'locked';
    expect(ask(node, post('/swarm/leave'))).toEqual([
      503,
      said(
        'Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.',
      ),
    ]);
    expect(ask(node, post('/swarm/leave?force=true'))[0]).toBe(200);
  });
});

describe("the control plane's errors reach the client with code and prefix:", () => {
  test.each([
    ['Unknown', 500],
    ['DeadlineExceeded', 500],
    ['ResourceExhausted', 500],
    ['InvalidArgument', 400],
    ['FailedPrecondition', 400],
    ['PermissionDenied', 403],
    ['NotFound', 404],
    ['AlreadyExists', 409],
    ['Unimplemented', 501],
    ['Unavailable', 503],
    ['Unauthenticated', 401],
  ] as const)('%s is %d', (code, status) => {
    const node = new LeaderNode();
    node.answer = failed(new SwarmError(code, 'why'));
    expect(ask(node, { path: '/nodes' })).toEqual([
      status,
      said(`rpc error: code = ${code} desc = why`),
    ]);
  });

  test('the text of a swarm without a leader is whole', () => {
    const node = new LeaderNode();
    const text =
      "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";
    node.answer = failed(new SwarmError('Unknown', text));
    for (const path of ['/nodes', '/services', '/tasks', '/swarm', '/secrets', '/services/x'])
      expect(ask(node, { path })).toEqual([500, said(`rpc error: code = Unknown desc = ${text}`)]);
  });
});

describe('what engines do differently', () => {
  const spec = { Name: 'a', TaskTemplate: { ContainerSpec: { Image: 'x' } } };

  test.each([
    ['20.10', /^\{"ID":"[a-z0-9]{25}"\}\n$/],
    ['26.1', /^\{"ID":"[a-z0-9]{25}","Warnings":null\}\n$/],
    ['28.5', /^\{"ID":"[a-z0-9]{25}","Warnings":null\}\n$/],
  ] as const)('%s: the answer to a create', (engine, body) => {
    const [status, answer] = ask(new LeaderNode(), post('/services/create', spec), engine);
    expect(status).toBe(201);
    expect(answer).toMatch(body);
  });

  test.each([
    [
      '20.10',
      'json: cannot unmarshal number -1 into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
    ],
    [
      '26.1',
      'invalid JSON: json: cannot unmarshal number -1 into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
    ],
    [
      '28.5',
      'invalid JSON: json: cannot unmarshal number -1 into Go struct field ServiceSpec.Mode.Replicated.Replicas of type uint64',
    ],
  ] as const)('%s: negative replicas', (engine, text) => {
    const body = { ...spec, Mode: { Replicated: { Replicas: -1 } } };
    expect(ask(new LeaderNode(), post('/services/create', body), engine)).toEqual([
      400,
      said(text),
    ]);
  });

  test.each([
    ['26.1', '{"message":"too old"}\n'],
    ['28.5', 'too old\n'],
  ] as const)('%s: errors to clients of long ago', (engine, wanted) => {
    const [status, body] = ask(new LeaderNode(), { path: '/v1.2/services' }, engine);
    const text =
      'client version 1.2 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version';
    expect([status, body]).toEqual([400, wanted.replace('too old', text)]);
    const [, later] = ask(new LeaderNode(), { path: '/v1.24/services/nobody' }, engine);
    expect(later).toBe(said('service nobody not found'));
  });

  test.each([
    ['26.1', 'ServiceSpec.Annotations.Name', 'illegal base64 data at input byte 0'],
    [
      '28.5',
      'ServiceSpec.Name',
      'json: cannot unmarshal string into Go struct field SecretSpec.Data of type []uint8: illegal base64 data at input byte 0',
    ],
  ] as const)('%s: what is said of wrong types', (engine, field, base64) => {
    const number = { ...spec, Name: 7 };
    expect(ask(new LeaderNode(), post('/services/create', number), engine)[1]).toBe(
      said(
        `invalid JSON: json: cannot unmarshal number into Go struct field ${field} of type string`,
      ),
    );
    const secret = { Name: 'a', Data: '***' };
    expect(ask(new LeaderNode(), post('/secrets/create', secret), engine)[1]).toBe(
      said(`invalid JSON: ${base64}`),
    );
  });

  test.each([
    ['20.10', "invalid character 'o' looking for beginning of object key string"],
    ['28.5', "invalid JSON: invalid character 'o' looking for beginning of object key string"],
  ] as const)('%s: text that is no JSON', (engine, text) => {
    expect(ask(new LeaderNode(), post('/services/create', '{oops}'), engine)).toEqual([
      400,
      said(text),
    ]);
  });

  test.each([
    ['20.10', "Invalid filter 'foo'"],
    ['26.1', "invalid filter 'foo'"],
    ['28.5', "invalid filter 'foo'"],
  ] as const)('%s: an unknown filter', (engine, text) => {
    const path = '/services?filters=%7B%22foo%22%3A%5B%22x%22%5D%7D';
    expect(ask(new LeaderNode(), { path }, engine)).toEqual([400, said(text)]);
  });

  test('20.10 wants a body, and looks at no content type', () => {
    expect(ask(LeaderNode.outside(), post('/swarm/init'), '20.10')).toEqual([
      400,
      said('got EOF while reading request body'),
    ]);
    const typed = { ...post('/swarm/init', '{}'), headers: { 'Content-Type': 'text/plain' } };
    expect(ask(LeaderNode.outside(), typed, '20.10')).toEqual([
      400,
      said('invalid ListenAddr "": invalid empty address'),
    ]);
  });

  test('only 28.5 knows an OOM score and options of a tmpfs, and only from API 1.46', () => {
    const rich = {
      ...spec,
      TaskTemplate: {
        ContainerSpec: {
          Image: 'x',
          OomScoreAdj: 5,
          Mounts: [{ Type: 'tmpfs', Target: '/a', TmpfsOptions: { Options: [['exec']] } }],
        },
      },
    };
    const shown = (engine: EngineLine, version: string): string => {
      const node = new LeaderNode();
      ask(node, post(`/v${version}/services/create`, rich), engine);
      return ask(node, { path: '/services/a' }, engine)[1];
    };
    expect(shown('28.5', '1.46')).toContain('"TmpfsOptions":{"Options":[["exec"]]}');
    expect(shown('28.5', '1.46')).toContain('"OomScoreAdj":5');
    expect(shown('28.5', '1.45')).toContain('"TmpfsOptions":{}');
    expect(shown('28.5', '1.45')).not.toContain('OomScoreAdj');
    expect(shown('26.1', '1.45')).not.toContain('OomScoreAdj');
  });

  test('20.10 shows neither volumes of a task nor new privileges', () => {
    const node = new LeaderNode();
    const privileged = { ...spec, TaskTemplate: { ContainerSpec: { Image: 'x', Privileges: {} } } };
    ask(node, post('/services/create', privileged), '20.10');
    expect(ask(node, { path: '/services/a' }, '20.10')[1]).toContain(
      '"Privileges":{"CredentialSpec":null,"SELinuxContext":null}',
    );
  });
});

describe('requests', () => {
  test.each([
    ['GET', '/v1.45/nodes', 'swarm'],
    ['GET', '/services/x/logs', 'swarm'],
    ['POST', '/swarm/nothing', 'swarm'],
    ['GET', '/secrets', 'swarm'],
    ['GET', '/v1.41/info', 'info'],
    ['GET', '/_ping', 'ping'],
    ['HEAD', '/_ping', 'ping'],
    ['GET', '/events', 'events'],
    ['POST', '/events', 'engine'],
    ['GET', '/networks', 'swarm'],
    ['POST', '/networks/create', 'swarm'],
    ['GET', '/version', 'engine'],
    ['POST', '/containers/x/attach', 'engine'],
    ['OPTIONS', '/nodes', 'engine'],
    ['GET', '/nodesx', 'engine'],
    ['GET', '/', 'engine'],
  ] as const)('%s %s is answered by %s', (method, path, who) => {
    expect(route({ method, path })).toBe(who);
  });

  test('a body beyond the bound is refused unread', () => {
    const request = {
      ...requestOf(post('/services/create')),
      body: new Uint8Array(BODY_LIMIT_BYTES + 1),
    };
    let status = 0;
    handle(new LeaderNode(), request, (response) => {
      status = response.status;
    });
    expect(status).toBe(413);
  });

  test('a deeply nested body is refused and exhausts nothing', () => {
    const body = '['.repeat(200_000);
    expect(ask(new LeaderNode(), post('/services/create', body))).toEqual([
      400,
      said('invalid JSON: exceeded max depth'),
    ]);
  });

  test('labels named like members of an object are labels', () => {
    const node = new LeaderNode();
    const body =
      '{"Name":"a","Labels":{"__proto__":"x","constructor":"y"},"TaskTemplate":{"ContainerSpec":{"Image":"x"}}}';
    expect(ask(node, post('/services/create', body))[0]).toBe(201);
    expect(ask(node, { path: '/services/a' })[1]).toContain(
      '"Labels":{"__proto__":"x","constructor":"y"}',
    );
  });

  test('an id is decoded before it is looked for', () => {
    expect(ask(new LeaderNode(), { path: '/services/a%20b' })).toEqual([
      404,
      said('service a b not found'),
    ]);
  });

  test('an ambiguous prefix is refused with the number of matches', () => {
    const node = swarmOf('reachable', 'reachable');
    expect(ask(node, { path: '/nodes/m' })).toEqual([
      400,
      said('node m is ambiguous (2 matches found)'),
    ]);
  });
});

describe('networks of a service', () => {
  const body = {
    Name: 'a',
    TaskTemplate: { ContainerSpec: { Image: 'x' }, Networks: [{ Target: 'net', Aliases: ['b'] }] },
  };

  test('are kept by id', () => {
    const node = new LeaderNode();
    node.networks = { net: { kind: 'swarm', id: 'n3t' } };
    expect(ask(node, post('/services/create', body))[0]).toBe(201);
    expect(ask(node, { path: '/services/a' })[1]).toContain(
      '"Networks":[{"Target":"n3t","Aliases":["b"]}]',
    );
  });

  test("of the engine's own are refused", () => {
    const node = new LeaderNode();
    node.networks = { net: { kind: 'local', name: 'net' } };
    expect(ask(node, post('/services/create', body))).toEqual([
      403,
      said(
        'The network net cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.',
      ),
    ]);
  });
});
