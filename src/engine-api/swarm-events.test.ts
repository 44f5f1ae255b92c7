import { describe, expect, test } from '@jest/globals';
import { nodeId, secretId, serviceId } from '../model/ids.ts';
import type { Node, Service } from '../model/objects.ts';
import type { StoreEvent } from '../swarm/store-watch.ts';
import { wantsEvent } from './event-filter.ts';
import { eventLine, SwarmEventLog, swarmEventsOf, type SwarmEvent } from './swarm-events.ts';
import { parseTimestamp } from './timestamp.ts';

const META = { version: 1, createdAt: 1_700_000_000_000, updatedAt: 1_700_000_060_250.5 };

const SERVICE: Service = {
  id: serviceId('s1'),
  meta: META,
  specVersion: 0,
  spec: {
    Name: 'web',
    Labels: {},
    Mode: { Replicated: { Replicas: 2 } },
    TaskTemplate: { ContainerSpec: { Image: 'nginx:1' }, ForceUpdate: 0 },
  },
};

const NODE: Node = {
  id: nodeId('n1'),
  meta: META,
  spec: { Labels: {}, Role: 'worker', Availability: 'active' },
  role: 'worker',
  description: {
    hostname: 'host1',
    platform: {},
    resources: { nanoCpus: 0, memoryBytes: 0, generic: [] },
    engine: { version: '', labels: {}, plugins: [] },
  },
  status: { state: 'ready', message: '', addr: '' },
  certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: '' },
};

const told = (...events: StoreEvent[]): readonly SwarmEvent[] => swarmEventsOf(events, 5_000);

describe('events of the swarm', () => {
  test('a creation has the time of the object and its name', () => {
    const [event] = told({ kind: 'service', action: 'create', object: SERVICE });
    expect(eventLine(event!)).toBe(
      '{"Type":"service","Action":"create","Actor":{"ID":"s1","Attributes":{"name":"web"}},"scope":"swarm","time":1700000000,"timeNano":1700000000000000000}\n',
    );
  });

  test('an update of a service says what became of image, replicas and update', () => {
    const object: Service = {
      ...SERVICE,
      spec: {
        ...SERVICE.spec,
        Mode: { Replicated: { Replicas: 5 } },
        TaskTemplate: { ContainerSpec: { Image: 'nginx:2' }, ForceUpdate: 0 },
      },
      updateStatus: { state: 'updating', message: '' },
    };
    const [event] = told({ kind: 'service', action: 'update', object, previous: SERVICE });
    expect(event?.attributes).toEqual({
      name: 'web',
      'image.old': 'nginx:1',
      'image.new': 'nginx:2',
      'replicas.old': '2',
      'replicas.new': '5',
      'updatestate.new': 'updating',
    });
    expect(eventLine(event!)).toContain('"timeNano":1700000060250500000}');
    const done: Service = { ...object, updateStatus: { state: 'completed', message: '' } };
    const [end] = told({ kind: 'service', action: 'update', object: done, previous: object });
    expect(end?.attributes).toEqual({
      name: 'web',
      'updatestate.old': 'updating',
      'updatestate.new': 'completed',
    });
    const [plain] = told({ kind: 'service', action: 'update', object: SERVICE, previous: object });
    expect(plain?.attributes).not.toHaveProperty('updatestate.new');
  });

  test('an update of a node says what became of availability, role and state; its name is its own or the host', () => {
    const object: Node = {
      ...NODE,
      spec: { ...NODE.spec, Name: 'own', Availability: 'drain' },
      role: 'manager',
      status: { ...NODE.status, state: 'down' },
    };
    const [event] = told({ kind: 'node', action: 'update', object, previous: NODE });
    expect(event?.attributes).toEqual({
      name: 'own',
      'availability.old': 'active',
      'availability.new': 'drain',
      'role.old': 'worker',
      'role.new': 'manager',
      'state.old': 'ready',
      'state.new': 'down',
    });
    const [same] = told({ kind: 'node', action: 'update', object: NODE, previous: NODE });
    expect(same?.attributes).toEqual({ name: 'host1' });
  });

  test('a removal happens now; tasks and the cluster tell nothing', () => {
    const object = { id: secretId('x'), meta: META, spec: { Name: 'key', Labels: {} } };
    const [event] = told({ kind: 'secret', action: 'remove', object });
    expect(event).toMatchObject({ type: 'secret', action: 'remove', time: { seconds: 5 } });
    expect(told({ kind: 'task', action: 'create', object: {} as never })).toEqual([]);
    expect(told({ kind: 'cluster', action: 'create', object: {} as never })).toEqual([]);
  });
});

describe('filters', () => {
  const [event] = told({ kind: 'service', action: 'create', object: SERVICE });
  const wants = (filters: Readonly<Record<string, readonly string[]>>): boolean =>
    wantsEvent(new Map(Object.entries(filters)), event!);

  test.each([
    [{}, true],
    [{ type: ['service', 'node'] }, true],
    [{ type: ['container'] }, false],
    [{ scope: ['swarm'] }, true],
    [{ scope: ['local'] }, false],
    [{ event: ['create'] }, true],
    [{ event: ['crea'] }, false],
    [{ event: ['crea', 'exec_create'] }, true],
    [{ service: ['we'] }, true],
    [{ service: ['s1'] }, true],
    [{ service: ['api'] }, false],
    [{ container: ['web'] }, true],
    [{ node: ['host1'] }, false],
    [{ image: ['nginx'] }, false],
    [{ label: ['name=web'] }, true],
    [{ label: ['name'] }, true],
    [{ label: ['other'] }, false],
    [{ unknown: ['x'] }, true],
  ])('%j: %s', (filters, wanted) => {
    expect(wants(filters as Readonly<Record<string, readonly string[]>>)).toBe(wanted);
  });
});

describe('the log', () => {
  const at = (seconds: number): SwarmEvent => ({
    type: 'node',
    action: 'update',
    id: String(seconds),
    attributes: {},
    time: { seconds, nanoseconds: 0 },
  });
  const second = 1_000_000_000n;

  test('gives what lies between two times, and tells followers until they leave', () => {
    const log = new SwarmEventLog();
    const heard: string[] = [];
    const leave = log.follow((event) => heard.push(event.id));
    log.add([at(1), at(2), at(3)]);
    leave();
    log.add([at(4)]);
    expect(heard).toEqual(['1', '2', '3']);
    expect(log.past(2n * second, 3n * second).map(({ id }) => id)).toEqual(['2', '3']);
  });

  test('keeps 256', () => {
    const log = new SwarmEventLog();
    log.add(Array.from({ length: 300 }, (_each, index) => at(index)));
    expect(log.past(0n, 1000n * second)).toHaveLength(256);
  });
});

test('times are seconds with a fraction, or refused as Go refuses them', () => {
  expect(parseTimestamp('1700000000.5')).toEqual({ seconds: 1_700_000_000, nanoseconds: 5e8 });
  expect(parseTimestamp('')).toBeNull();
  expect(parseTimestamp('10m')).toBe('strconv.ParseInt: parsing "10m": invalid syntax');
  const tooLong = '9'.repeat(400);
  for (const given of [tooLong, `-${tooLong}`, `1.${tooLong}`, '9223372036854775808'])
    expect(parseTimestamp(given)).toMatch(
      /^strconv\.ParseInt: parsing "-?\d+": value out of range$/,
    );
});
