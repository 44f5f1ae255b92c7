/** A worker speaks for its own node only: the dispatcher behind the real port, with two workers' certificates. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Payload, State } from '../../swarm/manager/consensus-ports.ts';
import type { LeaderServices } from '../../swarm/manager/leader-services.ts';
import type { Manager } from '../../swarm/manager/manager.ts';
import { DispatcherBench } from '../../swarm/dispatcher/dispatcher-bench.ts';
import { makeTask } from '../../swarm/dispatcher/virtual-swarm.ts';
import { Connection } from '../wire/client.ts';
import type { RaftCodec } from '../wire/convert-raft.ts';
import { Dispatcher } from '../wire/gen/dispatcher_pb.js';
import { TaskState } from '../wire/gen/types_pb.js';
import { WireServer } from '../wire/server.ts';
import { identity, ORG, root } from '../wire/test-wire.ts';
import { mountServices } from './services.ts';

const OWN = 'worker00worker00worker00o';
const OTHER = 'worker00worker00worker00x';

const bench = new DispatcherBench([OWN], [OTHER]);
bench.create(
  'task',
  makeTask('mine', { node: OWN, state: 'assigned' }),
  makeTask('theirs', { node: OTHER, state: 'assigned' }),
);
const own = bench.register(OWN).last.sessionId;
const other = bench.register(OTHER).last.sessionId;

const server = new WireServer({
  identity: identity('manager', 'manager0manager0manager0m'),
  membership: { organization: () => ORG, isRemoved: () => false },
  routes: (router) => {
    const manager = { raftStatus: () => ({ role: 'leader' }) } as unknown as Manager;
    const services = { dispatcher: bench.dispatcher } as unknown as LeaderServices;
    mountServices(router, { manager, services }, {} as RaftCodec<Payload, State>);
  },
});
let caller: Connection;

beforeAll(async () => {
  const { host, port } = await server.listen('127.0.0.1', 0);
  const trust = { rootCa: root.certificate, identity: identity('worker', OWN) };
  caller = new Connection({ address: `${host}:${port}`, trust, requestMs: 3000 });
});
afterAll(async () => {
  caller.close();
  await server.close(100);
});

const invalid = { code: 'InvalidArgument', message: 'session invalid' };
const report = (sessionId: string, taskId: string): Promise<unknown> =>
  caller.unary(Dispatcher.method.updateTaskStatus, {
    sessionId,
    updates: [{ taskId, status: { state: TaskState.FAILED, message: 'said over the wire' } }],
  });

test('a heartbeat in the session of another node is refused', async () => {
  await expect(
    caller.unary(Dispatcher.method.heartbeat, { sessionId: other }),
  ).rejects.toMatchObject(invalid);
  await expect(
    caller.unary(Dispatcher.method.heartbeat, { sessionId: own }),
  ).resolves.toBeDefined();
});

test('what another node is assigned is not told', async () => {
  const theirs = caller.serverStream(Dispatcher.method.assignments, { sessionId: other });
  await expect(theirs.next()).rejects.toMatchObject(invalid);
  const mine = caller.serverStream(Dispatcher.method.assignments, { sessionId: own });
  const first = await mine.next();
  const told = first.value?.changes.map(({ assignment }) => assignment?.item.value);
  expect(told).toMatchObject([{ id: 'mine' }]);
});

test('nothing is taken in of another node’s task, whoever’s session it is in', async () => {
  await expect(report(other, 'theirs')).rejects.toMatchObject(invalid);
  await expect(report(own, 'theirs')).rejects.toMatchObject({
    code: 'PermissionDenied',
    message: 'cannot update a task not assigned this node',
  });
  await report(own, 'mine');
  bench.time.advance(100);
  expect(bench.task('theirs').status.state).toBe('assigned');
  expect(bench.task('mine').status).toMatchObject({ state: 'failed' });
});

test('a session is that of the certificate, and ends the one before only of its own node', async () => {
  const opened = caller.serverStream(Dispatcher.method.session, {
    sessionId: other,
    description: { hostname: 'h' },
  });
  const answer = opened.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  bench.time.advance(8000);
  expect((await answer).value?.node?.id).toBe(OWN);
  expect(bench.beat(OTHER, other).ok).toBe(true);
});
