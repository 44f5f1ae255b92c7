/** Networks over the control plane's real rules and allocator, beside an engine with networks of its own. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Allocator } from '../swarm/allocator/allocator.ts';
import { DEFAULT_OPTIONS, type ApiRequest, type ApiResponse } from './api-message.ts';
import { handle, route } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { targetOf } from './network-routes.ts';
import { requestOf } from './recording.ts';
import type { EngineLine } from '../model/engines.ts';

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

const BRIDGE = { Name: 'bridge', Id: 'b'.repeat(64), Scope: 'local', Driver: 'bridge' };
const MINE = { Name: 'mine', Id: 'abc'.repeat(21), Scope: 'local', Driver: 'bridge' };

/** A dockerd with two networks. */
function engineAnswer(request: ApiRequest): ApiResponse {
  const say = (status: number, json: unknown): ApiResponse => ({
    status,
    headers: { 'Content-Type': 'application/json' },
    body: `${JSON.stringify(json)}\n`,
  });
  const path = request.path.replace(/^\/v[\d.]+/, '');
  if (request.method === 'GET' && path === '/networks') return say(200, [BRIDGE, MINE]);
  const name = path.split('/')[2] ?? '';
  const found = [BRIDGE, MINE].find(({ Name, Id }) => Name === name || Id.startsWith(name));
  if (path === '/networks/prune') return say(200, { NetworksDeleted: ['old'] });
  if (request.method === 'POST') return say(201, { Id: 'c'.repeat(64), Warning: '' });
  if (found === undefined) return say(404, { message: `network ${name} not found` });
  return request.method === 'DELETE' ? { status: 204, headers: {}, body: '' } : say(200, found);
}

let node = new LeaderNode();
beforeEach(() => {
  node = withEngine(new LeaderNode());
  new Allocator(node.ports(), node.store).start();
});

function withEngine(of: LeaderNode): LeaderNode {
  of.engineAnswer = engineAnswer;
  return of;
}

function ask(method: string, path: string, body?: unknown, engine: EngineLine = '26.1'): Answer {
  let answer: Answer = { status: 0, json: undefined };
  handle(
    node,
    requestOf({ method, path, ...(body === undefined ? {} : { body }) }),
    (response) => {
      const json: unknown = response.body === '' ? undefined : JSON.parse(response.body);
      answer = { status: response.status, json };
    },
    DEFAULT_OPTIONS[engine],
  );
  return answer;
}

const create = (Name: string, more: object = {}): Answer =>
  ask('POST', '/networks/create', { Name, Driver: 'overlay', ...more });
const idOf = ({ json }: Answer): string => (json as { Id: string }).Id;
const refusal = (status: number, message: string): Answer => ({ status, json: { message } });
const rpc = (code: string, text: string): string => `rpc error: code = ${code} desc = ${text}`;
const list = (filters: object = {}): readonly string[] =>
  (ask('GET', `/networks?filters=${JSON.stringify(filters)}`).json as { Name: string }[]).map(
    ({ Name }) => Name,
  );
const serve = (Name: string, more: object): Answer =>
  ask('POST', '/services/create', {
    Name,
    TaskTemplate: { ContainerSpec: { Image: 'busybox' }, ...more },
  });

test("networks are asked of the twin; what joins containers to them is the engine's", () => {
  const of = (method: string, path: string): string => route({ method, path });
  for (const [method, path] of [
    ['GET', '/networks'],
    ['GET', '/v1.45/networks/a'],
    ['DELETE', '/networks/a'],
    ['POST', '/v1.45/networks/create'],
  ] as const)
    expect(of(method, path)).toBe('swarm');
  for (const path of ['/networks/a/connect', '/networks/a/disconnect'])
    expect(of('POST', path)).toBe('engine');
});

describe('an overlay network', () => {
  test('is shown with its subnet, gateway and VXLAN number, each the next', () => {
    const shown = ['one', 'two'].map((name) => {
      const created = create(name, { Labels: { a: 'b' } });
      expect(created).toMatchObject({ status: 201, json: { Warning: '' } });
      return ask('GET', `/networks/${name}`).json;
    });
    expect(shown[1]).toEqual({
      Name: 'two',
      Id: idOf(ask('GET', '/networks/two')),
      Created: '1970-01-01T00:00:01Z',
      Scope: 'swarm',
      Driver: 'overlay',
      EnableIPv6: false,
      IPAM: {
        Driver: 'default',
        Options: null,
        Config: [{ Subnet: '10.0.2.0/24', Gateway: '10.0.2.1' }],
      },
      Internal: false,
      Attachable: false,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Containers: null,
      Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4098' },
      Labels: { a: 'b' },
    });
    expect(ask('GET', '/networks/ingress').json).toMatchObject({
      Ingress: true,
      IPAM: { Config: [{ Subnet: '10.0.0.0/24', Gateway: '10.0.0.1' }] },
      Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4096' },
    });
  });

  test('takes the addresses and options that it is given', () => {
    create('given', {
      IPAM: { Config: [{ Subnet: '10.9.0.0/16', IPRange: '10.9.8.0/24', Gateway: '10.9.0.9' }] },
      Options: { encrypted: '', 'com.docker.network.driver.overlay.vxlanid_list': '5000' },
      Attachable: true,
      Internal: true,
    });
    expect(ask('GET', '/networks/given').json).toMatchObject({
      IPAM: {
        Config: [{ Subnet: '10.9.0.0/16', IPRange: '10.9.8.0/24', Gateway: '10.9.0.9' }],
      },
      Options: { encrypted: '', 'com.docker.network.driver.overlay.vxlanid_list': '5000' },
      Attachable: true,
      Internal: true,
    });
  });

  test("is found by id, name and prefix, and listed before the engine's own", () => {
    const id = idOf(create('ov'));
    for (const ref of [id, 'ov', id.slice(0, 9)])
      expect(ask('GET', `/networks/${ref}`)).toMatchObject({ status: 200, json: { Id: id } });
    expect(ask('GET', '/networks/mine').json).toEqual(MINE);
    expect(ask('GET', '/networks/bridge').json).toEqual(BRIDGE);
    expect(ask('GET', '/networks/nope')).toEqual(refusal(404, 'network nope not found'));
    expect([...list()].sort()).toEqual(['bridge', 'ingress', 'mine', 'ov']);
    expect(list({ name: ['ov'] }).slice(0, 1)).toEqual(['ov']);
    expect(list({ driver: ['bridge'] })).not.toContain('ov');
    expect(list({ scope: ['swarm'], label: ['x'] })).not.toContain('ov');
  });

  test('goes unless a service or a task is on it', () => {
    const id = idOf(create('ov'));
    serve('user', { Networks: [{ Target: 'ov' }] });
    const user = (ask('GET', '/services/user').json as { ID: string }).ID;
    expect(ask('DELETE', '/networks/ov')).toEqual(
      refusal(400, rpc('FailedPrecondition', `network ${id} is in use by service ${user}`)),
    );
    ask('DELETE', '/services/user');
    expect(ask('DELETE', `/networks/${id}`)).toEqual({ status: 204, json: undefined });
    expect(ask('DELETE', '/networks/ov')).toEqual(refusal(404, 'network ov not found'));
    expect(ask('DELETE', '/networks/mine').status).toBe(204);
    expect(node.engineRequests.at(-1)).toMatchObject({ method: 'DELETE', path: '/networks/mine' });
  });
});

test("pruning takes what nobody is on, never ingress, and tells of the engine's too", () => {
  for (const name of ['used', 'idle', 'kept']) create(name, { Labels: { [name]: '' } });
  serve('user', { Networks: [{ Target: 'used' }] });
  const prune = (filters: object): unknown =>
    ask('POST', `/networks/prune?filters=${JSON.stringify(filters)}`).json;
  expect(prune({ 'label!': ['kept'] })).toEqual({ NetworksDeleted: ['idle', 'old'] });
  expect(
    list({ scope: ['swarm'] })
      .filter((name) => !['bridge', 'mine'].includes(name))
      .sort(),
  ).toEqual(['ingress', 'kept', 'used']);
  expect(prune({ label: ['kept'], until: ['1h'] })).toEqual({ NetworksDeleted: ['old'] });
  expect(ask('GET', '/networks/kept').status).toBe(200);
});

describe('what cannot be a network of the swarm is refused:', () => {
  test('a name that is taken, in the swarm or on the engine', () => {
    create('ov');
    for (const name of ['ov', 'ingress', 'bridge', 'mine'])
      expect(create(name)).toEqual(refusal(409, `network with name ${name} already exists`));
    expect(create('none')).toEqual(
      refusal(403, 'operation is not permitted on predefined none network '),
    );
    expect(create(' ')).toEqual(refusal(400, 'invalid name:  '));
    expect(create('a b')).toEqual(
      refusal(400, rpc('InvalidArgument', 'name must be valid as a DNS name component')),
    );
  });

  test.each([
    ['10.0.0.0', 'invalid subnet 10.0.0.0: invalid CIDR block notation'],
    ['10.1.2.3/24', 'invalid subnet 10.1.2.3/24: it should be 10.1.2.0/24'],
  ])('the subnet %s', (Subnet, text) => {
    expect(create('a', { IPAM: { Config: [{ Subnet }] } })).toEqual(
      refusal(400, `invalid network config:\n${text}`),
    );
  });

  test('everything else about its addresses, in one list', () => {
    const config = { Subnet: '10.1.0.0/24', IPRange: '10.2.0.1/16', Gateway: '10.3.0.1' };
    expect(create('a', { IPAM: { Config: [config] } })).toEqual(
      refusal(
        400,
        [
          'invalid network config:',
          '* invalid ip-range 10.2.0.1/16: CIDR block is bigger than its parent subnet 10.1.0.0/24',
          '* invalid ip-range 10.2.0.1/16: it should be 10.2.0.0/16',
          "* invalid ip-range 10.2.0.1/16: parent subnet 10.1.0.0/24 doesn't contain ip-range",
          "* invalid gateway 10.3.0.1: parent subnet 10.1.0.0/24 doesn't contain this address",
        ].join('\n'),
      ),
    );
    const nonsense = { Name: 'a', Driver: 'overlay', IPAM: { Config: [{ Subnet: 'nonsense' }] } };
    expect(ask('POST', '/networks/create', nonsense, '20.10')).toEqual(
      refusal(500, 'Invalid subnet nonsense : invalid CIDR address: nonsense'),
    );
    const outside = { Subnet: '10.1.0.0/24', Gateway: '10.3.0.1' };
    expect(
      ask(
        'POST',
        '/networks/create',
        { Name: 'a', Driver: 'overlay', IPAM: { Config: [outside] } },
        '20.10',
      ),
    ).toEqual(
      refusal(
        400,
        rpc(
          'InvalidArgument',
          'ipam configuration: subnet 10.1.0.0/24 does not contain gateway 10.3.0.1',
        ),
      ),
    );
  });

  test('a second ingress network, and one to attach to', () => {
    const ingress = (ask('GET', '/networks/ingress').json as { Id: string }).Id;
    expect(create('in', { Ingress: true })).toEqual(
      refusal(409, rpc('AlreadyExists', `ingress network (${ingress}) is already present`)),
    );
    expect(create('in', { Ingress: true, Attachable: true })).toEqual(
      refusal(400, rpc('InvalidArgument', 'ingress network cannot be attachable')),
    );
    expect(
      ask('POST', '/networks/create', {
        Name: 'in',
        Driver: 'bridge',
        Scope: 'swarm',
        Ingress: true,
      }),
    ).toEqual(refusal(403, 'Ingress network can only be global scope network'));
    expect(create('in', { Scope: 'local' })).toEqual(
      refusal(403, 'cannot downgrade network scope for overlay networks'),
    );
  });

  test('a label of the predefined networks, and drivers that the swarm or the engine has not', () => {
    const label = 'com.docker.swarm.predefined';
    expect(create('a', { Labels: { [label]: 'true' } })).toEqual(
      refusal(
        403,
        rpc(
          'PermissionDenied',
          `label ${label} is for internally created predefined networks and cannot be applied by users`,
        ),
      ),
    );
    ask('POST', '/networks/create', { Name: 'a', Driver: 'weave', Scope: 'swarm' });
    expect(node.engineRequests.at(-1)).toMatchObject({ method: 'POST', path: '/networks/create' });
    expect(ask('POST', '/networks/create', { Name: 'a', Driver: 'null', Scope: 'swarm' })).toEqual(
      refusal(400, rpc('InvalidArgument', 'error during lookup of plugin null')),
    );
  });

  test('the removal of ingress while a port is published on it, and of predefined networks', () => {
    const published = { Ports: [{ TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }] };
    ask('POST', '/services/create', {
      Name: 'web',
      TaskTemplate: { ContainerSpec: { Image: 'busybox' } },
      EndpointSpec: published,
    });
    const web = ask('GET', '/services/web').json as { ID: string; Endpoint: object };
    expect(web.Endpoint).toMatchObject({ VirtualIPs: [{ Addr: '10.0.0.2/24' }] });
    expect(ask('DELETE', '/networks/ingress')).toEqual(
      refusal(
        400,
        rpc(
          'FailedPrecondition',
          `ingress network cannot be removed because service ${web.ID} depends on it`,
        ),
      ),
    );
    ask('DELETE', '/services/web');
    expect(ask('DELETE', '/networks/ingress').status).toBe(204);
    expect(
      ask('POST', '/services/create', {
        Name: 'web',
        TaskTemplate: { ContainerSpec: { Image: 'busybox' } },
        EndpointSpec: published,
      }),
    ).toEqual(
      refusal(
        400,
        rpc(
          'FailedPrecondition',
          'service needs ingress network, but no ingress network is present',
        ),
      ),
    );
  });
});

describe('networks of a service', () => {
  test('are kept by id, and give it an address on each', () => {
    const id = idOf(create('ov'));
    serve('user', { Networks: [{ Target: 'ov', Aliases: ['db'] }] });
    expect(ask('GET', '/services/user').json).toMatchObject({
      Spec: { TaskTemplate: { Networks: [{ Target: id, Aliases: ['db'] }] } },
      Endpoint: { VirtualIPs: [{ NetworkID: id, Addr: '10.0.1.2/24' }] },
    });
  });

  test("are refused where they are nobody's, or the engine's alone", () => {
    node.networks = { mine: { kind: 'local', name: 'mine' } };
    expect(serve('a', { Networks: [{ Target: 'nope' }] })).toEqual(
      refusal(500, 'network nope not found'),
    );
    expect(serve('a', { Networks: [{ Target: 'mine' }] }).status).toBe(403);
    expect(serve('a', { Networks: [{ Target: 'host' }] }).status).toBe(201);
  });
});

describe('away from a manager', () => {
  test("there are the engine's networks only, and no overlay network can be made", () => {
    node = withEngine(LeaderNode.outside());
    expect(list()).toEqual(['bridge', 'mine']);
    expect(ask('GET', '/networks/ingress')).toEqual(refusal(404, 'network ingress not found'));
    const text =
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
    const body = { Name: 'ov', Driver: 'overlay' };
    expect(ask('POST', '/networks/create', body)).toEqual(refusal(403, text));
    expect(ask('POST', '/networks/create', body, '20.10')).toEqual(refusal(500, text));
    node.ownRole = 'worker';
    expect(ask('POST', '/networks/create', body, '20.10').json).toEqual({
      message:
        'Cannot create a multi-host network from a worker node. Please create the network from a manager node.',
    });
    expect(ask('POST', '/networks/create', { Name: 'br' })).toMatchObject({ status: 201 });
  });
});

test('a request goes on to the engine with its query', () => {
  const query = new Map([['filters', ['{"name":["a b"]}']]]);
  expect(targetOf({ path: '/v1.45/networks', query })).toBe(
    '/v1.45/networks?filters=%7B%22name%22%3A%5B%22a%20b%22%5D%7D',
  );
  expect(targetOf({ path: '/networks', query: new Map() })).toBe('/networks');
});
