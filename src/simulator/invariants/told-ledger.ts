/** A stage for the tests of this folder: a ledger that is told what was committed, entry by entry, at a time of the test's choice. */
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Node, Service, StoreAction, Task } from '../../model/objects.ts';
import type { NodeAvailability, ServiceSpec } from '../../model/specs.ts';
import { World } from '../world.ts';
import { Ledger, type Family } from './ledger.ts';

const META = { version: 0, createdAt: 0, updatedAt: 0 } as const;

export class ToldLedger {
  readonly world = new World('told');
  readonly broken: string[] = [];
  readonly ledger: Ledger;
  term = 2;
  #index = 0;

  constructor(family: (told: ToldLedger) => Family) {
    this.ledger = new Ledger(this.world, (rule) => this.broken.push(rule));
    this.ledger.add(family(this));
  }

  /** One transaction; time goes on by so much before it. */
  commit(afterMs: number, ...objects: readonly (Service | Task | Node)[]): void {
    this.world.advance(afterMs);
    this.#index += 1;
    const actions = objects.map((object) => this.#actionFor(object));
    const entry = { index: this.#index, term: this.term, kind: 'normal', payload: { actions } };
    this.ledger.committed(entry as Parameters<Ledger['committed']>[0]);
  }

  service(spec: Partial<ServiceSpec> = {}, patch: Partial<Service> = {}): Service {
    return {
      ...{ id: serviceId('web'), meta: META, specVersion: 1, ...patch },
      spec: {
        ...{ Name: 'web', Labels: {}, Mode: { Replicated: { Replicas: 1 } } },
        TaskTemplate: { ContainerSpec: { Image: 'workload:v1' }, ForceUpdate: 0 },
        ...spec,
      },
    };
  }

  /** A task of the service `web`. */
  task(id: string, patch: Partial<Task> = {}): Task {
    const status = { state: 'running', timestamp: 0, message: '', err: '' } as const;
    return {
      ...{ id: taskId(id), meta: META, serviceId: serviceId('web'), slot: 1 },
      ...{ nodeId: nodeId('n1'), serviceName: 'web', serviceLabels: {}, specVersion: 1 },
      ...{ spec: this.service().spec.TaskTemplate, desiredState: 'running', status, ...patch },
    };
  }

  ended(task: Task): Task {
    return { ...task, desiredState: 'shutdown', status: { ...task.status, state: 'failed' } };
  }

  node(
    id: string,
    state: Node['status']['state'],
    availability: NodeAvailability = 'active',
  ): Node {
    return {
      ...{ id: nodeId(id), meta: META, role: 'worker' },
      spec: { Labels: {}, Role: 'worker', Availability: availability },
      status: { state, message: '', addr: '' },
      certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: id },
    };
  }

  #actionFor(object: Service | Task | Node): StoreAction {
    const kind = 'slot' in object ? 'task' : 'certificate' in object ? 'node' : 'service';
    const isThere = this.ledger.tables.get(kind, object.id) !== undefined;
    return { kind, action: isThere ? 'update' : 'create', object } as StoreAction;
  }
}
