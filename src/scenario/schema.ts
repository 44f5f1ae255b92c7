/** The form of a scenario file: which fields there are, and what may stand in each. The same names as in model/scenario.ts. */
import { CLAIM_IDS, SUITES, WORKLOADS } from '../model/scenario.ts';
import type { Condition, StepKind } from '../model/scenario.ts';
import { ENGINE_LINES } from '../model/engines.ts';

export type Field =
  | {
      readonly of: 'text' | 'flag' | 'node' | 'service' | 'new-service' | 'fault-name' | 'new-name';
    }
  | { readonly of: 'integer' | 'number'; readonly min: number; readonly max?: number }
  | { readonly of: 'one-of'; readonly values: readonly string[]; readonly called: string }
  | { readonly of: 'list'; readonly each: Field }
  | { readonly of: 'texts' }
  | { readonly of: 'object'; readonly fields: Fields }
  /** An object whose other fields depend on the value of one. */
  | {
      readonly of: 'variant';
      readonly by: string;
      readonly called: string;
      readonly variants: Readonly<Record<string, Fields>>;
    };

export type Fields = Readonly<Record<string, Field & { readonly optional?: true }>>;

const text: Field = { of: 'text' };
const flag: Field = { of: 'flag' };
const node: Field = { of: 'node' };
const service: Field = { of: 'service' };
const count: Field = { of: 'integer', min: 0 };
const seconds: Field = { of: 'number', min: 0 };
const oneOf = (called: string, values: readonly string[]): Field => ({
  of: 'one-of',
  values,
  called,
});
const optional = <T extends Field>(field: T): T & { readonly optional: true } => ({
  ...field,
  optional: true,
});

const update: Field = {
  of: 'object',
  fields: {
    parallelism: optional(count),
    delayS: optional(seconds),
    failureAction: optional(oneOf('failure action', ['pause', 'continue', 'rollback'])),
    monitorS: optional(seconds),
    maxFailureRatio: optional({ of: 'number', min: 0, max: 1 }),
    order: optional(oneOf('order', ['stop-first', 'start-first'])),
  },
};
const restart: Field = {
  of: 'object',
  fields: {
    condition: optional(oneOf('restart condition', ['none', 'on-failure', 'any'])),
    delayS: optional(seconds),
    maxAttempts: optional(count),
    windowS: optional(seconds),
  },
};
const mount: Field = {
  of: 'object',
  fields: {
    type: oneOf('mount', ['bind', 'volume', 'tmpfs']),
    source: optional(text),
    target: text,
    readOnly: optional(flag),
  },
};
const dataKind = oneOf('kind', ['secret', 'config']);
const data: Field = {
  of: 'list',
  each: {
    of: 'object',
    fields: { name: text, target: optional(text), mode: optional({ of: 'integer', min: 0 }) },
  },
};
const image = oneOf('image', WORKLOADS);
const constraints: Field = { of: 'list', each: text };
const caller: Fields = {
  through: optional(node),
  label: optional(text),
  deadlineS: optional(seconds),
};
const slot: Fields = { service, slot: optional({ of: 'integer', min: 1 }), on: optional(node) };
const onNode: Fields = { node };
const role = oneOf('role', ['worker', 'manager']);
const plane = oneOf('plane', ['control', 'data', 'full']);
const toxic: Field = {
  of: 'variant',
  by: 'kind',
  called: 'toxic',
  variants: {
    drop: {},
    reset: {},
    latency: { latencyMs: count, jitterMs: count },
    bandwidth: { kilobytesPerSecond: count },
    'slow-close': { delayMs: count },
    'cut-after': { bytes: count },
  },
};

const fault: Field = {
  of: 'variant',
  by: 'kind',
  called: 'fault',
  variants: {
    ...{ kill: onNode, stop: onNode, pause: onNode, unplug: onNode },
    'starve-cpu': { node, share: { of: 'number', min: 0.01, max: 1 } },
    'fill-disk': { node, freeBytes: count },
    'skew-clock': { node, offsetMs: { of: 'number', min: -Infinity } },
    links: {
      links: { of: 'list', each: { of: 'object', fields: { from: node, to: node } } },
      toxic,
      plane,
    },
    partition: { groups: { of: 'list', each: { of: 'list', each: node } }, plane },
    ...{ 'kill-container': slot, 'remove-container': slot, 'pause-container': slot },
  },
};

const CONDITIONS: Readonly<Record<Condition['until'], Fields>> = {
  running: { service, count: optional(count) },
  settled: { service },
  leader: {},
  'no-leader': { node },
  role: { node, role },
  unlisted: { node },
  healthy: {},
  'node-state': { node, state: oneOf('node state', ['ready', 'down', 'unknown']) },
  'update-state': {
    service,
    state: oneOf('update state', [
      ...['updating', 'paused', 'completed'],
      ...['rollback_started', 'rollback_paused', 'rollback_completed'],
    ]),
  },
  pending: { service, count },
  ended: { service, count },
  renewed: { service },
  removed: { service },
};

const STEPS: Readonly<Record<StepKind, Fields>> = {
  create: {
    service: { of: 'new-service' },
    image,
    nameless: optional(flag),
    replicas: optional(count),
    global: optional(flag),
    env: optional({ of: 'texts' }),
    constraints: optional(constraints),
    mounts: optional({ of: 'list', each: mount }),
    ...{ secrets: optional(data), configs: optional(data) },
    restart: optional(restart),
    update: optional(update),
    rollback: optional(update),
    ...caller,
  },
  update: {
    service,
    image: optional(image),
    replicas: optional(count),
    env: optional({ of: 'texts' }),
    constraints: optional(constraints),
    update: optional(update),
    rollback: optional(update),
    force: optional(flag),
    ...caller,
  },
  ...{ rollback: { service, ...caller }, remove: { service, ...caller } },
  inspect: { service, ...caller },
  list: {
    kind: oneOf('list', ['nodes', 'services', 'tasks', 'networks']),
    stack: optional(text),
    ...caller,
  },
  'watch-counts': { service, withinS: seconds, ...caller },
  'read-logs': { service, ...caller },
  'inspect-container': slot,
  'deploy-stack': { stack: text, file: text, ...caller },
  'remove-stack': { stack: text, ...caller },
  'set-node': {
    node,
    availability: oneOf('availability', ['active', 'pause', 'drain']),
    ...caller,
  },
  'label-node': { node, labels: { of: 'texts' }, ...caller },
  'set-swarm': { taskHistoryLimit: { of: 'integer', min: -1 }, ...caller },
  'start-clients': { clients: { of: 'integer', min: 1, max: 20 }, everyS: seconds },
  'stop-clients': {},
  join: { node, role },
  'create-data': { kind: dataKind, name: text, data: text, ...caller },
  'list-data': { kind: dataKind, ...caller },
  ...{ 'inspect-data': { kind: dataKind, name: text, ...caller } },
  ...{ 'remove-data': { kind: dataKind, name: text, ...caller } },
  'look-inside': { ...slot, paths: { of: 'list', each: text } },
  'find-data': { node, name: text },
  'look-at-ports': { node },
  init: { node, label: optional(text) },
  'join-with': { node, tokens: text, role, advertise: optional(text), ...caller },
  leave: { node, force: optional(flag), label: optional(text) },
  'set-role': { node, role, ...caller },
  'remove-node': { node, force: optional(flag), ...caller },
  'inspect-node': { node, label: optional(text) },
  'inspect-swarm': { as: optional(text), ...caller },
  'rotate-token': { role, ...caller },
  'swarm-info': { node, label: optional(text) },
  containers: { node, label: optional(text) },
  'stop-container': slot,
  inject: { as: { of: 'new-name' }, fault },
  heal: { fault: { of: 'fault-name' } },
  name: { as: { of: 'new-name' }, node },
  wait: { withinS: seconds },
  hold: { seconds, why: text },
  mark: { name: text },
};

/** A wait: its own fields and those of its condition. */
export const WAIT: Extract<Field, { of: 'variant' }> = {
  of: 'variant',
  by: 'until',
  called: 'condition',
  variants: Object.fromEntries(
    Object.entries(CONDITIONS).map(([until, fields]) => [
      until,
      { do: text, ...fields, ...STEPS.wait },
    ]),
  ),
};

export const STEP: Field = { of: 'variant', by: 'do', called: 'step', variants: STEPS };

export const SCENARIO: Fields = {
  name: text,
  suite: oneOf('suite', SUITES),
  title: text,
  shape: {
    of: 'object',
    fields: {
      managers: { of: 'integer', min: 1, max: 7 },
      workers: { of: 'integer', min: 0, max: 20 },
      spares: optional({ of: 'integer', min: 0, max: 5 }),
    },
  },
  seed: optional(text),
  engine: optional(oneOf('engine', ENGINE_LINES)),
  expectedS: optional(seconds),
  claims: { of: 'list', each: oneOf('claim', CLAIM_IDS) },
  steps: { of: 'list', each: STEP },
};
