import { describe, expect, test } from '@jest/globals';
import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import { networkId } from '../../model/ids.ts';
import type { Service } from '../../model/objects.ts';
import type { Result } from '../../model/result.ts';
import type { ServiceMode, ServiceSpec } from '../../model/specs.ts';
import { makeTask, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import { execute } from './rules.ts';

const JOB: ServiceMode = { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 } };

const unasked = (): never => {
  throw new Error('no service needs the certificate authority');
};

/** The leader's rules on a store of their own. */
class Bench extends VirtualSwarm {
  control<R extends ControlRequest>(request: R): Result<ControlReplies[R['method']]> {
    const answers: Result<ControlReplies[R['method']]>[] = [];
    execute(
      {
        ports: this.ports,
        store: this.store,
        members: { statusOf: () => undefined, canRemove: () => true },
        newJoinToken: () => '',
        authority: {
          createRoot: unasked,
          crossSign: unasked,
          checkRoot: unasked,
          reachesAny: unasked,
          unlockKey: unasked,
        },
      },
      request,
      (result) => answers.push(result as Result<ControlReplies[R['method']]>),
    );
    const [answer] = answers;
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }

  make(name: string, patch: Partial<ServiceSpec> = {}): string {
    const result = this.control({ method: 'create-service', spec: spec(name, patch) });
    return result.ok ? result.value.id : result.error.text;
  }

  respec(name: string, patch: Partial<ServiceSpec>, rollback = false): string {
    const service = this.service(name);
    const { version } = service.meta;
    const request = { method: 'update-service', ref: service.id, version, rollback } as const;
    const result = this.control({ ...request, spec: { ...service.spec, ...patch } });
    return result.ok ? 'ok' : result.error.text;
  }

  service(name: string): Service {
    const result = this.control({ method: 'get-service', ref: name });
    if (!result.ok) throw result.error;
    return result.value;
  }

  counts(name: string): readonly number[] {
    const result = this.control({ method: 'list-services', filters: { name: [name] } });
    const [view] = result.ok ? result.value : [];
    return view === undefined ? [] : [view.runningTasks, view.desiredTasks, view.completedTasks];
  }
}

const spec = (Name: string, patch: Partial<ServiceSpec> = {}): ServiceSpec => ({
  Name,
  Labels: {},
  TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
  Mode: { Replicated: { Replicas: 2 } },
  ...patch,
});

describe('a job', () => {
  test('begins with iteration 0 and the time of its creation', () => {
    const bench = new Bench();
    bench.make('job', { Mode: JOB });
    bench.make('everywhere', { Mode: { GlobalJob: {} } });
    bench.make('web');
    const now = bench.time.now();
    expect(bench.service('job').jobStatus).toEqual({ iteration: 0, lastExecution: now });
    expect(bench.service('everywhere').jobStatus).toEqual({ iteration: 0, lastExecution: now });
    expect(bench.service('web').jobStatus).toBeUndefined();
  });

  test('has another iteration and time with every update, of labels or back too', () => {
    const bench = new Bench();
    bench.make('job', { Mode: JOB });
    bench.time.advance(5000);
    expect(bench.respec('job', { Labels: { a: 'b' } })).toBe('ok');
    const { jobStatus } = bench.service('job');
    expect(jobStatus).toEqual({ iteration: 1, lastExecution: bench.time.now() });
    expect(bench.respec('job', {}, true)).toBe('ok');
    expect(bench.service('job').jobStatus?.iteration).toBe(2);
    bench.make('web');
    bench.respec('web', { Labels: { a: 'b' } });
    expect(bench.service('web').jobStatus).toBeUndefined();
  });

  test('is counted by the tasks of its present iteration', () => {
    const bench = new Bench();
    bench.make('job', { Mode: JOB });
    bench.respec('job', {});
    const serviceId = bench.service('job').id;
    const of = { serviceId, serviceName: 'job', desiredState: 'complete' } as const;
    bench.create(
      'task',
      makeTask('a', { ...of, jobIteration: 0, state: 'complete' }),
      makeTask('b', { ...of, jobIteration: 1, state: 'complete' }),
      makeTask('c', { ...of, jobIteration: 1, state: 'running' }),
      makeTask('d', { ...of, jobIteration: 0, state: 'running' }),
    );
    expect(bench.counts('job')).toEqual([1, 2, 1]);
  });

  test('that is global wants the tasks that are not complete', () => {
    const bench = new Bench();
    bench.make('every', { Mode: { GlobalJob: {} } });
    const of = {
      serviceId: bench.service('every').id,
      desiredState: 'complete',
      jobIteration: 0,
    } as const;
    bench.create(
      'task',
      makeTask('a', { ...of, state: 'complete' }),
      makeTask('b', { ...of, state: 'running' }),
    );
    expect(bench.counts('every')).toEqual([1, 1, 1]);
  });
});

test('a replicated service is counted whole, and never as completed', () => {
  const bench = new Bench();
  bench.make('web');
  const of = { serviceId: bench.service('web').id };
  bench.create(
    'task',
    makeTask('a', { ...of, state: 'running' }),
    makeTask('b', { ...of, state: 'complete', desiredState: 'shutdown' }),
  );
  expect(bench.counts('web')).toEqual([1, 2, 0]);
});

describe('a service', () => {
  const on = (Target: string): Partial<ServiceSpec> => ({
    TaskTemplate: { ...spec('x').TaskTemplate, Networks: [{ Target }] },
  });
  const refused =
    'rpc error: code = InvalidArgument desc = Service cannot be explicitly attached to the ingress network "ingress"';

  test('cannot ask for the ingress network, neither new nor by an update', () => {
    const bench = new Bench();
    expect(bench.make('web', on('ingress'))).toBe(refused);
    bench.make('web', on('bridge'));
    expect(bench.service('web').spec.TaskTemplate.Networks).toEqual([{ Target: 'bridge' }]);
    expect(bench.respec('web', on('ingress'))).toBe(refused);
  });

  test('finds the ingress network by what it is, not by its name, once there are networks', () => {
    const bench = new Bench();
    const network = (id: string, Ingress: boolean) => ({
      id: networkId(id),
      meta: { version: 0, createdAt: 0, updatedAt: 0 },
      spec: { Name: Ingress ? 'mesh' : 'ingress', Labels: {}, Ingress },
    });
    bench.create('network', network('net1', true), network('net2', false));
    expect(bench.make('web', on('net1'))).toBe(refused.replace('"ingress"', '"mesh"'));
    expect(bench.make('web', on('net2'))).not.toMatch(/rpc error/);
  });

  test('cannot change its old kind of networks, unless to those of its tasks', () => {
    const bench = new Bench();
    bench.make('web', { Networks: [{ Target: 'bridge' }] });
    expect(bench.respec('web', { Networks: [{ Target: 'host' }] })).toBe(
      'rpc error: code = Unimplemented desc = networks must be migrated to TaskSpec before being changed',
    );
    expect(bench.respec('web', { ...on('host'), Networks: [] })).toBe('ok');
  });

  test('that changes its mode and its name is told of the mode', () => {
    const bench = new Bench();
    bench.make('web');
    expect(bench.respec('web', { Name: 'other', Mode: { Global: {} } })).toBe(
      'rpc error: code = Unimplemented desc = service mode change is not allowed',
    );
    expect(bench.respec('web', { Name: 'other' })).toBe(
      'rpc error: code = Unimplemented desc = renaming services is not supported',
    );
  });

  test('keeps the spec before an update for its rollback, which goes forward again', () => {
    const bench = new Bench();
    bench.make('web');
    const first = bench.service('web');
    expect(bench.respec('web', {}, true)).toBe(
      `rpc error: code = FailedPrecondition desc = service ${first.id} does not have a previous spec`,
    );
    bench.respec('web', { Labels: { v: '2' } });
    const second = bench.service('web');
    expect(second.previousSpec).toEqual(first.spec);
    expect(second.specVersion).toBe(first.meta.version);
    bench.respec('web', {}, true);
    const back = bench.service('web');
    expect([back.spec, back.specVersion]).toEqual([first.spec, first.specVersion]);
    expect(back.updateStatus).toMatchObject({
      state: 'rollback_started',
      message: 'manually requested rollback',
    });
    bench.respec('web', {}, true);
    expect(bench.service('web').spec).toEqual(second.spec);
  });

  test('with an older version than the stored one is out of sequence', () => {
    const bench = new Bench();
    bench.make('web');
    const { id, meta } = bench.service('web');
    bench.respec('web', {});
    const request = { method: 'update-service', ref: id, version: meta.version } as const;
    const result = bench.control({ ...request, spec: spec('web'), rollback: false });
    expect(result).toMatchObject({
      ok: false,
      error: { text: 'rpc error: code = Unknown desc = update out of sequence' },
    });
  });

  test('may keep a port that another took in host mode since, as long as it does not ask anew', () => {
    const bench = new Bench();
    const meta = { version: 0, createdAt: 0, updatedAt: 0 };
    const mesh = { Name: 'ingress', Labels: {}, Ingress: true };
    bench.create('network', { id: networkId('mesh'), meta, spec: mesh });
    const port = (PublishMode: 'ingress' | 'host') => ({
      EndpointSpec: { Ports: [{ PublishedPort: 80, TargetPort: 80, PublishMode }] },
    });
    const id = bench.make('a', port('ingress'));
    expect(bench.make('b', port('host'))).toBe(
      `rpc error: code = InvalidArgument desc = port '80' is already in use by service 'a' (${id}) as an ingress port`,
    );
    expect(bench.make('c', port('ingress'))).toMatch(/as an ingress port$/);
    expect(bench.respec('a', { Labels: { x: 'y' } })).toBe('ok');
  });

  test('whose templates expand to the same place twice is refused', () => {
    const bench = new Bench();
    const mounts = ['/data/1', '/data/{{.Task.Slot}}'].map((Target) => ({
      Type: 'volume' as const,
      Source: 'v',
      Target,
    }));
    const container = { Image: 'workload:v1', Mounts: mounts };
    expect(bench.make('web', { TaskTemplate: { ContainerSpec: container, ForceUpdate: 0 } })).toBe(
      'rpc error: code = InvalidArgument desc = ContainerSpec: duplicate mount point: /data/1',
    );
  });
});
