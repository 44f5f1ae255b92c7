/** Single changes that make a plan plainer without taking anything out of it: defaults for settings, fewer replicas, fewer links, round times. */
import type { Plan, PlannedFault, PlannedOperation, ServicePlan, SwarmPlan } from './plan.ts';

export type Change = (plan: Plan) => Plan;

const PLAIN_SWARM: SwarmPlan = {
  ...{ historyLimit: 5, snapshotInterval: 10_000, keepEntries: 500, heartbeatMs: 5000 },
};
const DROPPED = [
  ...['constraints', 'restart', 'update', 'rollback', 'maxReplicas', 'stopGraceS', 'env'],
] as const;
const SECOND_MS = 1000;
/** A fault that is over this soon is hardly one. */
const SHORTEST_MS = 1000;

/** All changes to try on a plan, one after the other, each on top of those that were taken. Their order is from much to little. */
export function plainer(plan: Plan): readonly Change[] {
  return [
    ...Object.keys(PLAIN_SWARM).map((key) => plainSwarm(key as keyof SwarmPlan)),
    ...plan.operations.flatMap((each, at) =>
      operationChanges(each).map((change) => onOperation(at, change)),
    ),
    ...plan.faults.flatMap((each, at) => faultChanges(each).map((change) => onFault(at, change))),
    shorter,
    ...plan.operations.map((_, at) => onOperation(at, rounded)),
    ...plan.faults.map((_, at) => onFault(at, rounded)),
  ];
}

const plainSwarm =
  (key: keyof SwarmPlan): Change =>
  (plan) => ({ ...plan, swarm: { ...plan.swarm, [key]: PLAIN_SWARM[key] } });

/** Phase one ends when its last event is over. */
function shorter(plan: Plan): Plan {
  const ends = [
    ...plan.operations.map(({ atMs }) => atMs),
    ...plan.faults.map(({ atMs, forMs }) => atMs + forMs),
  ];
  const faultsMs = Math.min(plan.faultsMs, Math.max(0, ...ends) + SECOND_MS);
  return { ...plan, faultsMs };
}

const onOperation =
  (at: number, change: (each: PlannedOperation) => PlannedOperation): Change =>
  (plan) => ({
    ...plan,
    operations: plan.operations.map((each, place) => (place === at ? change(each) : each)),
  });

const onFault =
  (at: number, change: (each: PlannedFault) => PlannedFault): Change =>
  (plan) => ({
    ...plan,
    faults: plan.faults.map((each, place) => (place === at ? change(each) : each)),
  });

const rounded = <T extends { readonly atMs: number }>(each: T): T => ({
  ...each,
  atMs: Math.round(each.atMs / SECOND_MS) * SECOND_MS,
});

type OperationChange = (each: PlannedOperation) => PlannedOperation;

function operationChanges(operation: PlannedOperation): readonly OperationChange[] {
  const throughAny: OperationChange = (each) => ({ ...each, through: 'any' });
  switch (operation.do) {
    case 'create':
      return [...serviceChanges(operation.service).map(onService), throughAny];
    case 'update':
      return [...Object.keys(operation.change).map((key) => withoutChange(key)), throughAny];
    case 'scale':
      return [scaledTo(1), scaledTo(Math.ceil(operation.replicas / 2)), throughAny];
    default:
      return [throughAny];
  }
}

const onService =
  (change: (service: ServicePlan) => ServicePlan): OperationChange =>
  (each) =>
    each.do === 'create' ? { ...each, service: change(each.service) } : each;

function serviceChanges(service: ServicePlan): readonly ((service: ServicePlan) => ServicePlan)[] {
  const { replicas = 1 } = service;
  const withReplicas = (count: number) => (from: ServicePlan) =>
    from.global === true || (from.replicas ?? 1) <= count ? from : { ...from, replicas: count };
  return [
    ...DROPPED.map((key) => (from: ServicePlan) => without(from, key)),
    ...[1, 2, 3, Math.ceil(replicas / 2)].map(withReplicas),
    (from) => ({ ...from, image: 'v1' }),
  ];
}

const withoutChange =
  (key: string): OperationChange =>
  (each) =>
    each.do === 'update'
      ? { ...each, change: without(each.change, key as keyof typeof each.change) }
      : each;

const scaledTo =
  (replicas: number): OperationChange =>
  (each) =>
    each.do === 'scale' && each.replicas > replicas ? { ...each, replicas } : each;

type FaultChange = (each: PlannedFault) => PlannedFault;

/** One link less at a time, from the last, so that the places of the others stay. */
function faultChanges(fault: PlannedFault): readonly FaultChange[] {
  const links = 'links' in fault ? fault.links.map((_, index) => withoutLink(index)).reverse() : [];
  return [...links, untilOnly(SHORTEST_MS), untilHalf, untilHalf, untilWhole];
}

const withoutLink =
  (index: number): FaultChange =>
  (each) =>
    'links' in each && each.links.length > 1
      ? { ...each, links: each.links.filter((_, place) => place !== index) }
      : each;

const untilOnly =
  (forMs: number): FaultChange =>
  (each) =>
    each.forMs > forMs ? { ...each, forMs } : each;

// Never below the shortest: rounded up again it would be halved for ever.
const untilHalf: FaultChange = (each) => ({
  ...each,
  forMs: each.forMs < 2 * SHORTEST_MS ? each.forMs : Math.ceil(each.forMs / 2),
});

const untilWhole: FaultChange = (each) => ({
  ...each,
  forMs: Math.ceil(each.forMs / SECOND_MS) * SECOND_MS,
});

function without<T extends object, K extends keyof T>(from: T, key: K): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key)) as T;
}
