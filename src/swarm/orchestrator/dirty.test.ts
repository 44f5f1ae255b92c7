import { describe, expect, test } from '@jest/globals';
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Node, Service, Task } from '../../model/objects.ts';
import type { ServiceSpec, TaskSpec } from '../../model/specs.ts';
import { isSlotDirty, isTaskDirty } from './dirty.ts';
import { sameSpec } from './spec-equality.ts';

const meta = { version: 1, createdAt: 0, updatedAt: 0 };
const template: TaskSpec = { ContainerSpec: { Image: 'v1' }, ForceUpdate: 0 };
const service = (spec: Partial<ServiceSpec>, specVersion = 2): Service => ({
  id: serviceId('s'),
  meta,
  specVersion,
  spec: { Name: 'web', Labels: {}, Mode: { Replicated: {} }, TaskTemplate: template, ...spec },
});
const withTemplate = (patch: Partial<TaskSpec>): Service =>
  service({ TaskTemplate: { ...template, ...patch } });
const task: Task = {
  id: taskId('t'),
  meta,
  serviceId: serviceId('s'),
  slot: 1,
  nodeId: nodeId('n1'),
  serviceName: 'web',
  serviceLabels: {},
  spec: template,
  specVersion: 1,
  desiredState: 'running',
  status: { state: 'running', timestamp: 0, message: 'started', err: '' },
  endpoint: { ports: [], virtualIps: [] },
};
const node: Node = {
  id: nodeId('n1'),
  meta,
  spec: { Labels: { zone: 'east' }, Role: 'worker', Availability: 'active' },
  role: 'worker',
  status: { state: 'ready', message: '', addr: '' },
  certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: 'n1' },
};
const PORTS = { EndpointSpec: { Ports: [{ TargetPort: 80 }] } };

describe('dirty test (behaviour 6.2)', () => {
  test('the same spec version is clean, whatever differs', () => {
    const changed = service({ TaskTemplate: { ...template, ForceUpdate: 1 } }, 1);
    expect(isTaskDirty(changed, task, node)).toBe(false);
  });

  test.each<[string, Service]>([
    ['image', withTemplate({ ContainerSpec: { Image: 'v2' } })],
    ['env', withTemplate({ ContainerSpec: { Image: 'v1', Env: ['A=1'] } })],
    ['force update', withTemplate({ ForceUpdate: 1 })],
    ['resources', withTemplate({ Resources: { Limits: { NanoCPUs: 1 } } })],
    ['restart policy', withTemplate({ RestartPolicy: { Delay: 0 } })],
    ['networks', withTemplate({ Networks: [{ Target: 'n' }] })],
    ['log driver', withTemplate({ LogDriver: { Name: 'none' } })],
    ['published ports', service(PORTS)],
  ])('another %s is dirty', (_what, changed) => {
    expect(isTaskDirty(changed, task, node)).toBe(true);
  });

  test('other credentials are no reason to replace what has its image already', () => {
    const PullOptions = { RegistryAuth: 'other' };
    const changed = withTemplate({ ContainerSpec: { Image: 'v1', PullOptions } });
    expect(isTaskDirty(changed, task, node)).toBe(false);
    const preparing: Task = { ...task, status: { ...task.status, state: 'preparing' } };
    expect(isTaskDirty(changed, preparing, node)).toBe(true);
    const ended: Task = { ...task, desiredState: 'shutdown' };
    expect(isTaskDirty(changed, ended, node)).toBe(true);
  });

  test.each<[string, Service]>([
    ['service labels', service({ Labels: { a: 'b' } })],
    ['replicas', service({ Mode: { Replicated: { Replicas: 9 } } })],
    ['update settings', service({ UpdateConfig: { Parallelism: 3, MaxFailureRatio: 0 } })],
    ['rollback settings', service({ RollbackConfig: { Parallelism: 3, MaxFailureRatio: 0 } })],
  ])('%s leave a task clean', (_what, changed) => {
    expect(isTaskDirty(changed, task, node)).toBe(false);
  });

  const east = { Placement: { Constraints: ['node.labels.zone==east'] } };
  const west = { Placement: { Constraints: ['node.labels.zone==west'] } };

  test('placement alone is clean where the node fits, dirty where it does not or is gone', () => {
    expect(isTaskDirty(withTemplate(east), task, node)).toBe(false);
    expect(isTaskDirty(withTemplate(west), task, node)).toBe(true);
    expect(isTaskDirty(withTemplate(east), task, undefined)).toBe(true);
  });

  test('quirk: ports changed together with placement alone leave the task clean', () => {
    const changed = service({ ...PORTS, TaskTemplate: { ...template, ...east } });
    expect(isTaskDirty(changed, task, node)).toBe(false);
  });

  test('placement and anything else is dirty', () => {
    expect(isTaskDirty(withTemplate({ ...east, ForceUpdate: 1 }), task, node)).toBe(true);
  });

  test('a slot with two live tasks is dirty, an empty one is not', () => {
    const clean = service({}, 1);
    expect(isSlotDirty(clean, [task], () => node)).toBe(false);
    expect(isSlotDirty(clean, [task, task], () => node)).toBe(true);
    expect(isSlotDirty(clean, [], () => node)).toBe(false);
  });
});

describe('equality of specs', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['key order', { a: 'x', b: 'y' }, { b: 'y', a: 'x' }, true],
    ['an empty list and none', { Env: [] }, {}, true],
    ['a zero and none', { TTY: false, Dir: '', Pids: 0 }, {}, true],
    ['empty labels and none', { Labels: {} }, {}, true],
    ['an empty message and none', { Placement: {} }, {}, false],
    ['a delay of 0 and none', { Delay: 0 }, {}, false],
    ['an empty label value and no label', { Labels: { a: '' } }, { Labels: {} }, false],
    ['list order', { Env: ['a', 'b'] }, { Env: ['b', 'a'] }, false],
    ['an empty entry and none', { Command: [''] }, { Command: [] }, false],
    ['entries that are messages', { Ports: [{ P: 0 }] }, { Ports: [{}] }, true],
  ])('%s: %j and %j are the same: %s', (_what, a, b, expected) => {
    expect(sameSpec(a, b)).toBe(expected);
    expect(sameSpec(b, a)).toBe(expected);
  });
});
