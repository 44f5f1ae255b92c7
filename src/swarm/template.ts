/** Templates in a task's spec: `{{.Task.Slot}}` and `join`, the part of Go's templates that Swarm offers (behaviour.md 1.6). */
import { SwarmError } from '../model/errors.ts';
import { taskName, type NodeDescription, type Task } from '../model/objects.ts';
import type { ContainerSpec, Labels, Mount } from '../model/specs.ts';

type Values = Readonly<Record<string, string>>;

/** The variables of a task on a node; `.Task.Slot` is the node's id where the task has no slot. */
export function templateValues(
  task: Task,
  node: Pick<NodeDescription, 'hostname' | 'platform'> | undefined,
): Values {
  return {
    '.Service.ID': task.serviceId,
    '.Service.Name': task.serviceName,
    '.Node.ID': task.nodeId,
    '.Node.Hostname': node?.hostname ?? '',
    '.Node.Platform.Architecture': node?.platform.Architecture ?? '',
    '.Node.Platform.OS': node?.platform.OS ?? '',
    '.Task.ID': task.id,
    '.Task.Name': taskName(task),
    '.Task.Slot': task.slot === 0 ? task.nodeId : String(task.slot),
  };
}

/** Replaces every action in a text. Errors: InvalidArgument with what is wrong, as `expanding <field> failed: …`. */
export function expand(text: string, field: string, values: Values, labels: Labels): string {
  if (!text.includes('{{')) return text;
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_whole, action: string) =>
    evaluate(action, field, values, labels),
  );
}

/** The container spec with every field expanded that Swarm expands: environment, mounts, hostname. */
export function expandContainer(
  spec: ContainerSpec,
  values: Values,
  labels: Labels,
): ContainerSpec {
  const one = (field: string) => (text: string) => expand(text, field, values, labels);
  return {
    ...spec,
    ...(spec.Hostname === undefined ? {} : { Hostname: one('hostname')(spec.Hostname) }),
    ...(spec.Env === undefined
      ? {}
      : { Env: spec.Env.map((line) => expandValue(line, one('env'))) }),
    ...(spec.Mounts === undefined
      ? {}
      : { Mounts: spec.Mounts.map((mount) => expandMount(mount, one('mounts'))) }),
  };
}

// Only what stands behind the `=` is a template.
function expandValue(line: string, replace: (text: string) => string): string {
  const at = line.indexOf('=');
  return at < 0 ? line : `${line.slice(0, at + 1)}${replace(line.slice(at + 1))}`;
}

function expandMount(mount: Mount, replace: (text: string) => string): Mount {
  const { Source, Target, VolumeOptions } = mount;
  const labels = (of: Labels): Labels =>
    Object.fromEntries(Object.entries(of).map(([key, value]) => [key, replace(value)]));
  const driver = VolumeOptions?.DriverConfig;
  return {
    ...mount,
    ...(Source === undefined ? {} : { Source: replace(Source) }),
    ...(Target === undefined ? {} : { Target: replace(Target) }),
    ...(VolumeOptions === undefined
      ? {}
      : {
          VolumeOptions: {
            ...VolumeOptions,
            ...(VolumeOptions.Labels === undefined ? {} : { Labels: labels(VolumeOptions.Labels) }),
            ...(driver?.Options === undefined
              ? {}
              : { DriverConfig: { ...driver, Options: labels(driver.Options) } }),
          },
        }),
  };
}

function evaluate(action: string, field: string, values: Values, labels: Labels): string {
  const words = action.match(/"[^"]*"|\S+/g) ?? [];
  const [first, ...rest] = words;
  if (first === 'join') {
    const [separator = '', ...parts] = rest.map((word) => operand(word, field, values, labels));
    return parts.join(separator);
  }
  if (first === 'index' && rest[0] === '.Service.Labels')
    return labels[unquote(rest[1] ?? '')] ?? '';
  if (first === undefined || rest.length > 0) throw bad(field, `cannot evaluate "${action}"`);
  return operand(first, field, values, labels);
}

function operand(word: string, field: string, values: Values, labels: Labels): string {
  if (word.startsWith('"')) return unquote(word);
  const value = values[word];
  if (value !== undefined) return value;
  const label = /^\.Service\.Labels\.(.+)$/.exec(word)?.[1];
  if (label !== undefined && label in labels) return labels[label] ?? '';
  throw bad(field, `template: can't evaluate field ${word}`);
}

const unquote = (word: string): string => word.replace(/^"|"$/g, '');

const bad = (field: string, why: string): SwarmError =>
  new SwarmError('InvalidArgument', `expanding ${field} failed: ${why}`);
