/** Managers of two kinds do not get into one raft group: their logs are written differently. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clusterId, nodeId } from '../../model/ids.ts';
import type { Payload, State } from '../../swarm/manager/consensus-ports.ts';
import type { RaftCodec } from '../wire/convert-raft.ts';
import { RaftMembership } from '../wire/gen/raft_pb.js';
import { WireServer } from '../wire/server.ts';
import { identity, ORG } from '../wire/test-wire.ts';
import type { Router } from '../wire/router.ts';
import { Connections } from './connections.ts';
import { GrpcPeers } from './raft-peers.ts';
import { mountServices } from './services.ts';

const ID = 'manager0manager0manager0m';
const codec = {} as RaftCodec<Payload, State>;
const connections = new Connections();
let server: WireServer | null = null;

beforeEach(() => {
  const certified = identity('manager', ID);
  connections.use({
    ...certified,
    nodeId: nodeId(ID),
    clusterId: clusterId(ORG),
    role: 'manager',
  });
});

afterEach(async () => {
  connections.closeAll();
  await server?.close(100);
});

async function serve(routes: (router: Router) => void): Promise<string> {
  server = new WireServer({
    identity: identity('manager', ID),
    membership: { organization: () => ORG, isRemoved: () => false },
    routes,
  });
  const { host, port } = await server.listen('127.0.0.1', 0);
  return `${host}:${port}`;
}

test('a real manager that asks to be taken in by a twin is refused, and told to join as a worker', async () => {
  const address = await serve((router) => {
    mountServices(router, { manager: null, services: null }, codec);
  });
  const asked = connections.to(address).unary(RaftMembership.method.join, { addr: address });
  await expect(asked).rejects.toMatchObject({
    code: 'FailedPrecondition',
    message: expect.stringContaining('join it as a worker'),
  });
});

test('a twin does not ask real managers, which would take it in: it says why it is none of them', async () => {
  let taken = false;
  const address = await serve((router) => {
    router.service(RaftMembership, {
      join: () => {
        taken = true;
        return { raftId: 1n, members: [] };
      },
    });
  });
  const peers = new GrpcPeers(connections, codec, () => null);
  const error = await new Promise<unknown>((resolve) => {
    peers.join(address, '127.0.0.1:2377', (result) => {
      resolve(result.ok ? null : result.error);
    });
  });
  expect(error).toMatchObject({
    code: 'FailedPrecondition',
    message: expect.stringContaining('join it as a worker'),
  });
  expect(taken).toBe(false);
});
