/** Filters on what a node is: its state, its plugins, its labels, its platform. */
import type { NodeDescription, Task } from '../../model/objects.ts';
import type { Mount, Platform } from '../../model/specs.ts';
import { matchesConstraints, parseConstraints } from '../constraint.ts';
import { onNodes, type Filter } from './filter.ts';
import type { NodeInfo } from './node-info.ts';

/** Ready and active; everything else takes no new task. */
export const isAvailable = (info: NodeInfo): boolean =>
  info.node.status.state === 'ready' && info.node.spec.Availability === 'active';

export const readyFilter: Filter = {
  forTask: () => isAvailable,
  explain: (nodes) =>
    nodes === 1
      ? '1 node not available for new tasks'
      : `${nodes} nodes not available for new tasks`,
};

/** A node without a description of its engine passes, and so does one that reports no log plugins at all (SwarmKit: old daemons). */
export const pluginFilter: Filter = {
  forTask(task) {
    const drivers = volumeDrivers(task);
    const log = task.spec.LogDriver;
    if (drivers.length === 0 && log === undefined) return null;
    const logDriver = log?.Name === 'none' ? '' : (log?.Name ?? '');
    return ({ node: { description } }) => {
      if (description === undefined) return true;
      if (!drivers.every((name) => hasPlugin(description, 'Volume', name))) return false;
      const reportsLogs = description.engine.plugins.some((plugin) => plugin.Type === 'Log');
      return logDriver === '' || !reportsLogs || hasPlugin(description, 'Log', logDriver);
    };
  },
  explain: onNodes('missing plugin'),
};

const volumeDrivers = (task: Task): readonly string[] =>
  (task.spec.ContainerSpec?.Mounts ?? []).map(volumeDriver).filter((name) => name !== '');

function volumeDriver(mount: Mount): string {
  const name = mount.VolumeOptions?.DriverConfig?.Name ?? '';
  return mount.Type === 'volume' && name !== 'local' ? name : '';
}

const hasPlugin = (description: NodeDescription, type: string, name: string): boolean =>
  description.engine.plugins.some(
    (plugin) => plugin.Type === type && (plugin.Name === name || plugin.Name === `${name}:latest`),
  );

/** Constraints were validated with the service; unreadable ones are passed over. */
export const constraintFilter: Filter = {
  forTask(task) {
    const list = task.spec.Placement?.Constraints ?? [];
    if (list.length === 0) return null;
    const parsed = parseConstraints(list);
    return parsed.ok ? ({ node }) => matchesConstraints(parsed.constraints, node) : null;
  },
  explain: onNodes('scheduling constraints not satisfied'),
};

export const platformFilter: Filter = {
  forTask(task) {
    const wanted = task.spec.Placement?.Platforms ?? [];
    if (wanted.length === 0) return null;
    return ({ node }) => {
      const actual = node.description?.platform;
      return actual !== undefined && wanted.some((platform) => samePlatform(platform, actual));
    };
  },
  explain: onNodes('unsupported platform'),
};

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

const architecture = (platform: Platform): string =>
  ARCHITECTURES[platform.Architecture ?? ''] ?? platform.Architecture ?? '';

/** An empty member of the wanted platform matches everything. */
function samePlatform(wanted: Platform, actual: Platform): boolean {
  const anyArchitecture = architecture(wanted) === '';
  const anyOs = (wanted.OS ?? '') === '';
  return (
    (anyArchitecture || architecture(wanted) === architecture(actual)) &&
    (anyOs || wanted.OS === actual.OS)
  );
}
