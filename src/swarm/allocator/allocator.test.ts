import { expect, test } from '@jest/globals';
import { networkId } from '../../model/ids.ts';
import type { Service } from '../../model/objects.ts';
import type { PortConfig } from '../../model/specs.ts';
import { makeNode, makeService, makeTask, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import { Allocator } from './allocator.ts';

function allocated(): VirtualSwarm & { allocator: Allocator } {
  const swarm = new VirtualSwarm();
  const allocator = new Allocator(swarm.ports, swarm.store);
  allocator.start();
  return Object.assign(swarm, { allocator });
}

function withPorts(id: string, ...ports: PortConfig[]): Service {
  const service = makeService(id);
  return { ...service, spec: { ...service.spec, EndpointSpec: { Mode: 'vip', Ports: ports } } };
}

const published = (swarm: VirtualSwarm, id: string): (number | undefined)[] =>
  (swarm.store.read.get('service', id)?.endpoint?.ports ?? []).map((port) => port.PublishedPort);

test('a new task becomes pending at once when it needs nothing of the network', () => {
  const swarm = allocated();
  swarm.create('service', makeService('web'));
  swarm.create('task', makeTask('t', { state: 'new' }));
  expect(swarm.task('t').status).toMatchObject({
    state: 'pending',
    message: 'pending task scheduling',
    err: '',
  });
  expect(swarm.store.read.get('service', 'web')?.endpoint).toBeUndefined();
});

test('tasks that were new before the start are taken up by it', () => {
  const swarm = new VirtualSwarm();
  swarm.create(
    'service',
    withPorts('web', { TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }),
  );
  swarm.create('task', makeTask('t', { state: 'new' }));
  new Allocator(swarm.ports, swarm.store).start();
  expect(swarm.task('t').status.state).toBe('pending');
});

test('a task carries the endpoint of its service, host ports as declared', () => {
  const swarm = allocated();
  const port: PortConfig = {
    TargetPort: 80,
    PublishedPort: 8080,
    PublishMode: 'host',
    Protocol: 'tcp',
  };
  swarm.create('service', withPorts('web', port));
  swarm.create('task', makeTask('t', { state: 'new' }));
  expect(swarm.task('t')).toMatchObject({
    endpoint: { ports: [port] },
    status: { state: 'pending' },
  });
});

test('unnamed ingress ports are numbered from 30000 on per protocol, and stay through updates', () => {
  const swarm = allocated();
  const tcp: PortConfig = { TargetPort: 80, Protocol: 'tcp' };
  const udp: PortConfig = { TargetPort: 80, Protocol: 'udp' };
  swarm.create('service', withPorts('a', tcp, udp), withPorts('b', tcp));
  expect([published(swarm, 'a'), published(swarm, 'b')]).toEqual([[30000, 30000], [30001]]);
  swarm.change('service', 'a', (service) => ({
    ...service,
    spec: { ...service.spec, EndpointSpec: { Ports: [{ TargetPort: 90 }, tcp] } },
  }));
  expect(published(swarm, 'a')).toEqual([30002, 30000]);
  swarm.change('service', 'a', (service) => ({
    ...service,
    spec: { ...service.spec, EndpointSpec: {} },
  }));
  expect(published(swarm, 'a')).toEqual([]);
});

test('a new leader knows which ports are given away', () => {
  const swarm = allocated();
  swarm.create('service', withPorts('a', { TargetPort: 80 }));
  swarm.allocator.stop();
  new Allocator(swarm.ports, swarm.store).start();
  swarm.create('service', withPorts('b', { TargetPort: 80 }));
  expect([published(swarm, 'a'), published(swarm, 'b')]).toEqual([[30000], [30001]]);
});

test('a service whose port is taken waits until it is free', () => {
  const swarm = allocated();
  const port: PortConfig = { TargetPort: 80, PublishedPort: 8080 };
  swarm.create('service', withPorts('a', port), withPorts('web', port));
  swarm.create('task', makeTask('t', { state: 'new' }));
  expect(published(swarm, 'web')).toEqual([]);
  expect(swarm.task('t').status).toMatchObject({
    state: 'new',
    err: 'a published port of the service is in use',
  });
  swarm.remove('service', 'a');
  expect(published(swarm, 'web')).toEqual([8080]);
});

test('a task that needs the routing mesh or an overlay network stays new with the reason', () => {
  const swarm = allocated();
  const meta = { version: 0, createdAt: 0, updatedAt: 0 };
  swarm.create(
    'network',
    {
      id: networkId('net1'),
      meta,
      spec: { Name: 'back', Labels: {}, Driver: { Name: 'overlay' } },
    },
    { id: networkId('net2'), meta, spec: { Name: 'host', Labels: {}, Driver: { Name: 'host' } } },
  );
  swarm.create('service', withPorts('web', { TargetPort: 80 }), makeService('plain'));
  const plain = { state: 'new', serviceId: makeService('plain').id } as const;
  swarm.create(
    'task',
    makeTask('mesh', { state: 'new' }),
    makeTask('overlay', { ...plain, spec: { Networks: [{ Target: 'net1' }] } }),
    makeTask('host', { ...plain, spec: { Networks: [{ Target: 'net2' }] } }),
  );
  expect(swarm.task('mesh').status).toMatchObject({
    state: 'new',
    err: 'ports published on the routing mesh are not supported; publish them with mode=host',
  });
  expect(swarm.task('overlay').status).toMatchObject({
    state: 'new',
    err: 'overlay networks are not supported; the task needs network back',
  });
  expect(swarm.task('host').status.state).toBe('pending');
});

test('after its stop nothing is allocated', () => {
  const swarm = allocated();
  swarm.allocator.stop();
  swarm.create('task', makeTask('t', { state: 'new' }));
  expect(swarm.task('t').status.state).toBe('new');
});

const META = { version: 0, createdAt: 0, updatedAt: 0 };
const ingress = {
  id: networkId('mesh'),
  meta: META,
  spec: { Name: 'ingress', Labels: {}, Ingress: true },
};
const back = { id: networkId('back'), meta: META, spec: { Name: 'back', Labels: {} } };

/** A service on a network and the mesh, its task, and a node. */
function networked(): ReturnType<typeof allocated> {
  const swarm = allocated();
  swarm.create('network', ingress, back);
  swarm.create('node', makeNode('n1'));
  const web = withPorts('web', { TargetPort: 80, PublishMode: 'ingress' });
  swarm.create('service', { ...web, spec: { ...web.spec, Networks: [{ Target: 'back' }] } });
  swarm.create('task', makeTask('t', { state: 'new' }));
  return swarm;
}
const vips = (swarm: VirtualSwarm): readonly unknown[] | undefined =>
  swarm.store.read.get('service', 'web')?.endpoint?.virtualIps;

test('services, tasks and nodes have their addresses though nothing runs on them yet', () => {
  const swarm = networked();
  expect(swarm.store.read.get('node', 'n1')?.attachments).toEqual([
    { networkId: 'mesh', addresses: ['10.0.0.2/24'] },
  ]);
  expect(vips(swarm)).toEqual([
    { networkId: 'mesh', addr: '10.0.0.3/24' },
    { networkId: 'back', addr: '10.0.1.2/24' },
  ]);
  expect(swarm.task('t')).toMatchObject({
    status: { state: 'new' },
    networks: [
      { networkId: 'mesh', addresses: ['10.0.0.4/24'] },
      { networkId: 'back', addresses: ['10.0.1.3/24'] },
    ],
  });
});

test('the next leader gives nothing twice', () => {
  const swarm = networked();
  swarm.allocator.stop();
  const before = swarm.store.snapshot();
  new Allocator(swarm.ports, swarm.store).start();
  expect(swarm.store.snapshot()).toEqual(before);
  swarm.create('task', makeTask('u', { state: 'new', slot: 2 }));
  expect(swarm.task('u').networks?.map(({ addresses }) => addresses)).toEqual([
    ['10.0.0.5/24'],
    ['10.0.1.4/24'],
  ]);
});

test('a service whose clients resolve its tasks has no address, and gives up those it had', () => {
  const swarm = networked();
  const web = swarm.store.read.get('service', 'web');
  if (web === undefined) throw new Error('no service');
  const spec = { ...web.spec, EndpointSpec: { Mode: 'dnsrr' as const } };
  swarm.store.update((transaction) => transaction.update('service', { ...web, spec }));
  expect(vips(swarm)).toEqual([]);
});

test('what a network of few addresses has not comes when somebody gives one back', () => {
  const swarm = allocated();
  const Configs = [{ Subnet: '10.3.0.0/30' }];
  swarm.create('network', { ...back, spec: { ...back.spec, IPAM: { Configs } } });
  const on = (id: string): Service => {
    const service = makeService(id);
    return { ...service, spec: { ...service.spec, Networks: [{ Target: 'back' }] } };
  };
  swarm.create('service', on('first'), on('web'));
  expect(vips(swarm)).toBeUndefined();
  swarm.remove('service', 'first');
  expect(vips(swarm)).toEqual([{ networkId: 'back', addr: '10.3.0.2/30' }]);
});
