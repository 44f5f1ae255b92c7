/** Whole passes of the scheduler against the rules of placement, each looked up the slow way on the tables that a pass leaves. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { serviceId } from '../../model/ids.ts';
import type { Node, Task } from '../../model/objects.ts';
import { compareStates } from '../../model/task-state.ts';
import { makeNode, makeService, makeTask } from '../dispatcher/virtual-swarm.ts';
import { ScheduledSwarm } from './scheduled-swarm.ts';

type Labels = readonly ('zone' | 'disk')[];

interface NodePlan {
  readonly state: 'ready' | 'down';
  readonly availability: 'active' | 'pause' | 'drain';
  readonly zone: string;
  readonly disk: string;
  readonly cpus: number;
  /** Tasks of another service that run here already, each with one CPU reserved. */
  readonly old: number;
}
interface ServicePlan {
  readonly constraint: string;
  readonly cpus: number;
  readonly maxReplicas: number;
  readonly port: boolean;
  readonly spread: Labels;
  readonly replicas: number;
}

const nodePlan: fc.Arbitrary<NodePlan> = fc.record({
  state: fc.constantFrom('ready', 'ready', 'ready', 'down'),
  availability: fc.constantFrom('active', 'active', 'active', 'pause', 'drain'),
  zone: fc.constantFrom('', 'a', 'b', 'c'),
  disk: fc.constantFrom('hdd', 'ssd'),
  cpus: fc.integer({ min: 1, max: 6 }),
  old: fc.nat({ max: 3 }),
});
const servicePlan = (spread: boolean): fc.Arbitrary<ServicePlan> =>
  fc.record({
    constraint: fc.constantFrom(
      ...['', '', 'node.labels.zone==a', 'node.labels.zone!=b', 'node.labels.disk==ssd'],
    ),
    cpus: fc.nat({ max: 2 }),
    maxReplicas: fc.constantFrom(0, 0, 1, 2),
    port: fc.constantFrom(false, false, true),
    spread: spread
      ? fc.constantFrom<Labels[]>(['zone'], ['zone', 'disk'])
      : fc.constant<Labels>([]),
    replicas: fc.integer({ min: 1, max: 14 }),
  });
const nodePlans = fc.array(nodePlan, { minLength: 1, maxLength: 7, size: 'max' });

const CPU = 1e9;
const RUNS = { seed: 3003, numRuns: 300 };
const TIMEOUT_MS = 60_000;

class Stage {
  readonly swarm: ScheduledSwarm;
  readonly plans: readonly NodePlan[];
  readonly services: readonly ServicePlan[];

  constructor(plans: readonly NodePlan[], services: readonly ServicePlan[]) {
    this.plans = plans;
    this.services = services;
    this.swarm = new ScheduledSwarm(
      plans.map((plan, at) =>
        makeNode(`n${at}`, {
          ...{ state: plan.state, availability: plan.availability },
          labels: { zone: plan.zone, disk: plan.disk },
          resources: { nanoCpus: plan.cpus * CPU },
        }),
      ),
    );
    this.swarm.create('service', makeService('old'));
    plans.forEach((plan, at) => {
      for (let copy = 0; copy < plan.old; copy += 1) this.#addOld(`n${at}`, copy);
    });
    services.forEach((_, at) => {
      this.swarm.create('service', makeService(`s${at}`));
    });
    this.swarm.create('task', ...services.flatMap((plan, at) => pending(plan, at)));
    this.swarm.time.advance(5_000);
  }

  tasksOn(node: Node): readonly Task[] {
    return this.swarm.store.read.all('task').filter((task) => task.nodeId === node.id);
  }

  count(node: Node, service: string): number {
    return this.tasksOn(node).filter((task) => task.serviceId === service).length;
  }

  tasksOf(at: number): readonly Task[] {
    return this.swarm.store.read.all('task').filter((task) => task.serviceId === `s${at}`);
  }

  get nodes(): readonly Node[] {
    return this.swarm.store.read.all('node');
  }

  planOf(node: Node): NodePlan {
    const plan = this.plans[Number(node.id.slice(1))];
    if (plan === undefined) throw new Error(`no plan of ${node.id}`);
    return plan;
  }

  /** The first rule that keeps one more task of the service off the node as it is now; `''` where none does. */
  refusal(node: Node, at: number): string {
    const { state, availability, cpus, zone, disk } = this.planOf(node);
    const service = this.services[at];
    if (service === undefined) throw new Error(`no service ${at}`);
    const free = cpus - this.tasksOn(node).reduce((sum, task) => sum + cpusOf(task), 0);
    if (state !== 'ready' || availability !== 'active') return 'not available for new tasks';
    if (service.cpus > 0 && free < service.cpus) return 'insufficient resources';
    const fits: Readonly<Record<string, boolean>> = {
      '': true,
      'node.labels.zone==a': zone === 'a',
      'node.labels.zone!=b': zone !== 'b',
      'node.labels.disk==ssd': disk === 'ssd',
    };
    if (fits[service.constraint] !== true) return 'scheduling constraints not satisfied';
    const ports = this.tasksOn(node).flatMap((task) => task.endpoint?.ports ?? []);
    if (service.port && ports.length > 0) return 'host-mode port already in use';
    const full = service.maxReplicas > 0 && this.count(node, `s${at}`) >= service.maxReplicas;
    return full ? 'max replicas per node limit exceed' : '';
  }

  #addOld(node: string, copy: number): void {
    const task = makeTask(`old-${node}-${copy}`, {
      ...{ node, state: 'running', serviceId: serviceId('old') },
      reservations: { NanoCPUs: CPU },
    });
    this.swarm.create('task', task);
  }
}

const cpusOf = (task: Task): number => (task.spec.Resources?.Reservations?.NanoCPUs ?? 0) / CPU;

function pending(plan: ServicePlan, at: number): readonly Task[] {
  const { constraint, cpus, maxReplicas, port, spread, replicas } = plan;
  return Array.from({ length: replicas }, (_, copy) =>
    makeTask(`s${at}-${copy}`, {
      ...{ serviceId: serviceId(`s${at}`), slot: copy + 1 },
      placement: {
        Constraints: constraint === '' ? [] : [constraint],
        ...(maxReplicas === 0 ? {} : { MaxReplicas: maxReplicas }),
        Preferences: spread.map((label) => ({
          Spread: { SpreadDescriptor: `node.labels.${label}` },
        })),
      },
      ...(cpus === 0 ? {} : { reservations: { NanoCPUs: cpus * CPU } }),
      ...(port
        ? {
            endpoint: {
              ports: [
                { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' },
              ],
              virtualIps: [],
            },
          }
        : {}),
    }),
  );
}

const isPlaced = (task: Task): boolean =>
  task.nodeId !== '' && compareStates(task.status.state, 'assigned') === 0;

test(
  'no task is where a rule forbids it, and none waits while a node could take it',
  () => {
    fc.assert(
      fc.property(
        nodePlans,
        fc.array(fc.boolean().chain(servicePlan), { minLength: 1, maxLength: 3 }),
        (plans, services) => {
          const stage = new Stage(plans, services);
          for (const node of stage.nodes) {
            const plan = stage.planOf(node);
            const placed = stage.tasksOn(node).filter(isPlaced);
            if (plan.state !== 'ready' || plan.availability !== 'active')
              expect(placed).toEqual([]);
            const reserved = stage.tasksOn(node).reduce((sum, task) => sum + cpusOf(task), 0);
            if (placed.some((task) => cpusOf(task) > 0))
              expect(reserved).toBeLessThanOrEqual(plan.cpus);
            expect(placed.filter((task) => task.endpoint !== undefined).length).toBeLessThanOrEqual(
              1,
            );
            services.forEach((service, at) => {
              const count = stage.count(node, `s${at}`);
              if (service.maxReplicas > 0) expect(count).toBeLessThanOrEqual(service.maxReplicas);
              const wrong = ['scheduling constraints not satisfied', 'not available for new tasks'];
              if (count > 0) expect(wrong).not.toContain(stage.refusal(node, at));
            });
          }
          services.forEach((_, at) => {
            const waiting = stage.tasksOf(at).filter((task) => !isPlaced(task));
            if (waiting.length === 0) return;
            for (const node of stage.nodes) expect(stage.refusal(node, at)).not.toBe('');
            for (const task of waiting) {
              expect([task.nodeId, task.status.state]).toEqual(['', 'pending']);
              expect(task.status.err).toMatch(/^no suitable node( \(.+\))?$/);
            }
          });
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'what a service without any place is told counts each node once, by the first rule that refused it, the most frequent first',
  () => {
    const RULES = [
      'not available for new tasks',
      'insufficient resources',
      'scheduling constraints not satisfied',
      'host-mode port already in use',
      'max replicas per node limit exceed',
    ];
    fc.assert(
      fc.property(nodePlans, servicePlan(false), (plans, service) => {
        const stage = new Stage(plans, [{ ...service, cpus: Math.max(1, service.cpus) }]);
        if (stage.tasksOf(0).some(isPlaced)) return;
        const counts = RULES.map((rule) => ({
          rule,
          nodes: stage.nodes.filter((node) => stage.refusal(node, 0) === rule).length,
        })).filter(({ nodes }) => nodes > 0);
        const parts = counts
          .toSorted((a, b) => b.nodes - a.nodes)
          .map(({ rule, nodes }) => {
            const many = nodes === 1 ? '1 node' : `${nodes} nodes`;
            return rule.startsWith('not') ? `${many} ${rule}` : `${rule} on ${many}`;
          });
        for (const task of stage.tasksOf(0))
          expect(task.status.err).toBe(`no suitable node (${parts.join('; ')})`);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a new service is spread within one over the nodes that can take more, the emptier nodes first',
  () => {
    fc.assert(
      fc.property(nodePlans, servicePlan(false), (plans, service) => {
        const stage = new Stage(plans, [service]);
        const open = stage.nodes.filter((node) => stage.refusal(node, 0) === '');
        for (const one of open) {
          for (const other of stage.nodes) {
            const [mine, its] = [stage.count(one, 's0'), stage.count(other, 's0')];
            expect(mine).toBeGreaterThanOrEqual(its - 1);
            // Where the service's own tasks are even, the nodes with fewer tasks in all had their turn first.
            if (mine === its - 1)
              expect(stage.planOf(one).old).toBeGreaterThanOrEqual(stage.planOf(other).old);
          }
        }
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

// Where branches fill up, Swarm's arithmetic forgets what a round gave to each, so that only swarms with room everywhere are even at every level.
test(
  'a preference spreads a new service within one over the values of the label, and a second one within each of those',
  () => {
    const open = nodePlan.map(
      (plan) => ({ ...plan, state: 'ready', availability: 'active' }) as const,
    );
    const plans = fc.array(open, { minLength: 1, maxLength: 9, size: 'max' });
    const any = { constraint: '', cpus: 0, maxReplicas: 0, port: false };
    fc.assert(
      fc.property(plans, servicePlan(true), (list, drawn) => {
        const stage = new Stage(list, [{ ...drawn, ...any }]);
        const expectEven = (nodes: readonly Node[], labels: Labels): void => {
          const [label, ...deeper] = labels;
          const values = new Map<string, Node[]>();
          for (const node of nodes) {
            const value = label === undefined ? node.id : stage.planOf(node)[label];
            values.set(value, [...(values.get(value) ?? []), node]);
          }
          const branches = [...values.values()];
          const counts = branches.map((branch) =>
            branch.reduce((sum, node) => sum + stage.count(node, 's0'), 0),
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          if (label !== undefined) for (const branch of branches) expectEven(branch, deeper);
        };
        expect(stage.tasksOf(0).every(isPlaced)).toBe(true);
        expectEven(stage.nodes, drawn.spread);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  'a node on which a service failed five times of late gets none of it while others have less than one each',
  () => {
    const failures = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), failures, fc.boolean(), (nodes, count, late) => {
        const swarm = new ScheduledSwarm(
          Array.from({ length: nodes }, (_, at) => makeNode(`n${at}`)),
        );
        const only = (id: string): void => {
          for (let at = 0; at < nodes; at += 1)
            swarm.setAvailability(`n${at}`, id === '' || id === `n${at}` ? 'active' : 'pause');
        };
        only('n0');
        for (let failure = 0; failure < count; failure += 1) {
          swarm.create('task', makeTask(`bad${failure}`));
          swarm.time.advance(1_000);
          expect(swarm.task(`bad${failure}`).nodeId).toBe('n0');
          swarm.end(`bad${failure}`, 'failed');
        }
        if (late) swarm.time.advance(300_000);
        only('');
        // Every other node is fuller, so that only the failures speak against n0.
        for (let at = 1; at < nodes; at += 1)
          swarm.create(
            'task',
            makeTask(`old${at}`, { node: `n${at}`, state: 'running', serviceId: serviceId('old') }),
          );
        swarm.create('task', ...Array.from({ length: nodes - 1 }, (_, at) => makeTask(`new${at}`)));
        swarm.time.advance(2_000);
        const onFirst = Array.from(
          { length: nodes - 1 },
          (_, at) => swarm.task(`new${at}`).nodeId,
        ).filter((id) => id === 'n0');
        expect(onFirst).toHaveLength(count >= 5 && !late ? 0 : 1);
      }),
      { ...RUNS, numRuns: 60 },
    );
  },
  TIMEOUT_MS,
);
