import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SwarmError } from '../../model/errors.ts';
import { clusterId, nodeId, serviceId, taskId } from '../../model/ids.ts';
import { createRandom } from '../../model/random.ts';
import { ok } from '../../model/result.ts';
import { LogBroker } from '../../swarm/logs/log-broker.ts';
import type {
  LogMessage,
  LogOptions,
  LogSubscription,
  PacedSink,
} from '../../swarm/logs/log-api.ts';
import { Store } from '../../swarm/store.ts';
import { WireServer } from '../wire/server.ts';
import { identity, ORG, until } from '../wire/test-wire.ts';
import { Connections } from './connections.ts';
import { logBrokerClient, remoteLogs } from './log-client.ts';
import { mountLogs } from './log-services.ts';

const ID = 'manager0manager0manager0m';
const NODE = nodeId(ID);
const ALL: LogOptions = {
  streams: ['stdout'],
  follow: false,
  tail: -11,
  since: { seconds: 5, nanoseconds: 6 },
};

let server: WireServer;
let connections: Connections;
let broker: LogBroker;
let address: string;

beforeEach(async () => {
  const clock = { now: () => 0 };
  const store = new Store(clock);
  store.setProposer({
    commitIndex: () => 1,
    propose: (actions, done) => {
      store.apply(actions);
      done(ok(null));
    },
  });
  broker = new LogBroker(
    {
      clock,
      timers: { after: () => ({ cancel: () => undefined }) },
      random: createRandom('wire'),
      log: () => undefined,
    },
    store,
  );
  broker.start();
  store.update((transaction) => {
    transaction.create('task', {
      id: taskId('t'),
      serviceId: serviceId('web'),
      slot: 1,
      nodeId: NODE,
      serviceName: 'web',
      serviceLabels: {},
      spec: { ForceUpdate: 0 },
      specVersion: 0,
      desiredState: 'running',
      status: { state: 'running', timestamp: 0, message: '', err: '' },
    });
  });
  server = new WireServer({
    identity: identity('manager', ID),
    membership: { organization: () => ORG, isRemoved: () => false },
    routes: (router) => {
      mountLogs(router, () => ({ logs: broker, logBroker: broker }));
    },
    onFailure: () => undefined,
  });
  const { host, port } = await server.listen('127.0.0.1', 0);
  address = `${host}:${port}`;
  connections = new Connections();
  connections.use({
    ...identity('manager', ID),
    nodeId: NODE,
    clusterId: clusterId(ORG),
    role: 'manager',
  });
});

afterEach(async () => {
  broker.stop();
  connections.closeAll();
  await server.close(100);
});

class Reader implements PacedSink<readonly LogMessage[]> {
  readonly got: LogMessage[] = [];
  ended: { readonly error: SwarmError | null } | null = null;
  busy = false;
  held: (() => void)[] = [];
  readonly #gone: (() => void)[] = [];
  send(messages: readonly LogMessage[]): void {
    this.got.push(...messages);
  }
  end(error: SwarmError | null): void {
    this.ended = { error };
  }
  whenReady(callback: () => void): void {
    if (this.busy) this.held.push(callback);
    else callback();
  }
  onClose(callback: () => void): void {
    this.#gone.push(callback);
  }
  leave(): void {
    for (const callback of this.#gone) callback();
  }
}

function subscribe(options = ALL): Reader {
  const reader = new Reader();
  const selector = { serviceIds: ['web'], nodeIds: [], taskIds: [] };
  remoteLogs(
    () => connections.to(address),
    () => ({}),
  ).subscribe({ selector, options }, reader);
  return reader;
}

const client = (): ReturnType<typeof logBrokerClient> =>
  logBrokerClient(() => connections.to(address));

/** An agent that listens; the first thing it hears is a probe, the rest are the test's. */
async function listening(): Promise<readonly LogSubscription[]> {
  const heard: LogSubscription[] = [];
  const selector = { serviceIds: ['web'], nodeIds: [], taskIds: [] };
  broker.subscribe({ selector, options: { ...ALL, follow: true } }, new Reader());
  client().listen({ message: (told) => heard.push(told), end: () => undefined });
  await until(() => heard.length === 1);
  return heard;
}

const line = (node: string, size = 3): LogMessage => ({
  context: { serviceId: 'web', nodeId: node, taskId: 't' },
  time: { seconds: 1_700_000_000, nanoseconds: 123 },
  stream: 'stderr',
  data: new Uint8Array(size).fill(0x61),
  attributes: [['a', 'b']],
});

describe('logs over the wire', () => {
  test('go from an agent to a reader as they are, and end', async () => {
    const heard = await listening();
    const reader = subscribe();
    await until(() => heard.length === 2);
    expect(heard[1]).toMatchObject({ options: ALL, close: false });
    const ended: (SwarmError | null)[] = [];
    const publisher = client().publish(heard[1]!.id, (error) => ended.push(error));
    publisher.publish([line(ID), line(ID)], () => undefined);
    publisher.close();
    await until(() => reader.ended !== null && ended.length > 0);
    expect(reader.got).toEqual([line(ID), line(ID)]);
    expect([reader.ended, ended]).toEqual([{ error: null }, [null]]);
  });

  test("in another node's name are refused", async () => {
    const heard = await listening();
    const ended: (SwarmError | null)[] = [];
    const publisher = client().publish(heard[0]!.id, (error) => ended.push(error));
    publisher.publish([line('another')], () => undefined);
    await until(() => ended.length > 0);
    expect(ended[0]).toMatchObject({ code: 'PermissionDenied' });
  });

  test('for nobody are refused', async () => {
    const ended: (SwarmError | null)[] = [];
    client()
      .publish('nobody', (error) => ended.push(error))
      .publish([line(ID)], () => undefined);
    await until(() => ended.length > 0);
    expect(ended[0]).toMatchObject({ code: 'NotFound', message: 'unknown subscription ID' });
  });

  test('wait for a reader that does not read', async () => {
    const heard = await listening();
    const reader = subscribe({ ...ALL, follow: true });
    reader.busy = true;
    await until(() => heard.length === 2);
    const publisher = client().publish(heard[1]!.id, () => undefined);
    let taken = 0;
    const send = (): void => {
      publisher.publish([line(ID, 100_000)], () => {
        taken += 1;
        if (taken < 400) send();
      });
    };
    send();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // What fits into buffers on the way was taken, the rest was not: 40 MB were there to be sent.
    const held = taken;
    expect(held).toBeLessThan(200);
    reader.busy = false;
    for (const callback of reader.held.splice(0)) callback();
    await until(() => taken > held + 50);
    reader.leave();
  });
});
