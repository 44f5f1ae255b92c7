import { taskName, type NodeDescription, type Task } from '../../model/objects.ts';
import type { Labels } from '../../model/specs.ts';

/** What a template can handle. */
export type Value =
  | string
  | number
  | boolean
  | null
  | { readonly kind: 'map'; readonly entries: Labels }
  | {
      readonly kind: 'struct';
      /** Its type, as Go's errors name it. */
      readonly go: string;
      readonly fields: ReadonlyMap<string, Value>;
    };

const struct = (go: string, fields: Readonly<Record<string, Value>>): Value => ({
  kind: 'struct',
  go,
  fields: new Map(Object.entries(fields)),
});

type NodeFacts = Pick<NodeDescription, 'hostname' | 'platform'>;

/** The variables of a task on a node (SwarmKit: template.Context); `.Task.Slot` is the node's id where the task has no slot. */
export function templateValues(task: Task, node: NodeFacts | undefined): Value {
  return context(
    { id: task.serviceId, name: task.serviceName, labels: task.serviceLabels },
    { id: task.nodeId, node },
    {
      id: task.id,
      name: taskName(task),
      slot: task.slot === 0 ? task.nodeId : String(task.slot),
    },
  );
}

/** The same for the payload of a secret or config; the node's description is not known there (SwarmKit: NewTemplatedDependencyGetter, moby gives it none). */
export function payloadValues(task: Task): Value {
  const { fields } = templateValues(task, undefined) as Extract<Value, { kind: 'struct' }>;
  return { kind: 'struct', go: '*template.PayloadContext', fields };
}

/** What a manager tries a template with: any node, any task, and a service without labels (SwarmKit: controlapi.validateContainerSpec). */
export const dummyValues = (): Value =>
  context(
    { id: 'serviceID', name: 'serviceName', labels: {} },
    {
      id: 'nodeID',
      node: { hostname: 'nodeHostname', platform: { OS: 'os', Architecture: 'architecture' } },
    },
    { id: '', name: 'serviceName.1.', slot: '1' },
  );

function context(
  service: { readonly id: string; readonly name: string; readonly labels: Labels },
  place: { readonly id: string; readonly node: NodeFacts | undefined },
  task: { readonly id: string; readonly name: string; readonly slot: string },
): Value {
  const { hostname = '', platform } = place.node ?? {};
  const { Architecture = '', OS = '' } = platform ?? {};
  return struct('*template.Context', {
    Service: struct('struct { ID string; Name string; Labels map[string]string }', {
      ID: service.id,
      Name: service.name,
      Labels: { kind: 'map', entries: service.labels },
    }),
    Node: struct('struct { ID string; Hostname string; Platform template.Platform }', {
      ID: place.id,
      Hostname: hostname,
      Platform: struct('template.Platform', { Architecture, OS }),
    }),
    Task: struct('struct { ID string; Name string; Slot string }', {
      ID: task.id,
      Name: task.name,
      Slot: task.slot,
    }),
  });
}

/** Go's name for a value's type. */
export function typeOf(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return value.kind === 'map' ? 'map[string]string' : value.go;
}

/** Go's %v. */
export function shown(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return String(value);
  if (value.kind === 'struct') return `{${[...value.fields.values()].map(shown).join(' ')}}`;
  const entries = Object.entries(value.entries).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, text]) => `${key}:${text}`).join(' ')}]`;
}

/** Whether Go takes the value for true: whatever is not empty. */
export function isTrue(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return value.kind === 'struct' || Object.keys(value.entries).length > 0;
}

/** The value under a key, and nothing that every object has. */
export const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
