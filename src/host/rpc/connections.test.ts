import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clusterId, nodeId } from '../../model/ids.ts';
import type { Identity } from '../../swarm/node/node-ports.ts';
import { Dispatcher } from '../wire/gen/dispatcher_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from '../wire/gen/health_pb.js';
import { WireServer } from '../wire/server.ts';
import { identity, ORG, until } from '../wire/test-wire.ts';
import { Connections } from './connections.ts';
import { dispatcherClient } from './dispatcher-client.ts';

const ID = 'manager0manager0manager0m';
const DESCRIPTION = {
  hostname: 'n1',
  platform: { Architecture: 'x86_64', OS: 'linux' },
  resources: { nanoCpus: 1, memoryBytes: 1, generic: [] },
  engine: { version: '28.5.2', labels: {}, plugins: [] },
};

let server: WireServer;
let address: string;
let told: string[] = [];
const connections = new Connections();

const certified = (role: 'manager' | 'worker'): Identity => ({
  ...identity(role, ID),
  nodeId: nodeId(ID),
  clusterId: clusterId(ORG),
  role,
});

beforeEach(async () => {
  // A server of its own has messages of its own, since the one before may still wait for some.
  const queue: string[] = [];
  told = queue;
  server = new WireServer({
    identity: identity('manager', ID),
    membership: { organization: () => ORG, isRemoved: () => false },
    routes: (router) => {
      router.service(Health, {
        check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }),
      });
      router.service(Dispatcher, {
        async *session(_request, { signal }) {
          for (;;) {
            await until(() => queue.length > 0 || signal.aborted);
            if (signal.aborted) return;
            yield { sessionId: queue.shift() ?? '', node: { id: ID } };
          }
        },
      });
    },
    onFailure: () => undefined,
  });
  const { host, port } = await server.listen('127.0.0.1', 0);
  address = `${host}:${port}`;
});

afterEach(async () => {
  connections.closeAll();
  await server.close(100);
});

/** What a session hears: its messages, and how it ended. */
function openSession(): { readonly heard: string[] } {
  const heard: string[] = [];
  dispatcherClient(() => connections.to(address)).session(
    { description: DESCRIPTION },
    {
      message: (message) => heard.push(message.sessionId),
      end: (error) => heard.push(`ended: ${error?.code ?? 'well'}`),
    },
  );
  return { heard };
}

const health = () => connections.to(address).unary(Health.method.check, { service: 'Raft' });

test('a renewed certificate goes into new connections and lets a session go on', async () => {
  connections.use(certified('manager'));
  const before = connections.to(address);
  const { heard } = openSession();
  await health();
  told.push('one');
  await until(() => heard.length === 1);
  connections.use(certified('manager'));
  expect(connections.to(address)).not.toBe(before);
  await health();
  told.push('two');
  await until(() => heard.length === 2);
  expect(heard).toEqual(['one', 'two']);
  expect(server.connections).toBe(2);
});

test('a connection that was renewed away closes when nothing is under way on it', async () => {
  connections.use(certified('manager'));
  await health();
  connections.use(certified('manager'));
  await health();
  await until(() => server.connections === 1);
});

test('a certificate for another role ends what is under way', async () => {
  connections.use(certified('manager'));
  const { heard } = openSession();
  await health();
  told.push('one');
  await until(() => heard.length === 1);
  connections.use(certified('worker'));
  await until(() => heard.length === 2);
  expect(heard[1]).toMatch(/^ended: /);
});
