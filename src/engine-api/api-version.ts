import { compareVersions } from './version-order.ts';
import type { EngineLine } from '../model/engines.ts';
import type { PostedServiceSpec } from './convert-service.ts';

/**
 * Takes from a spec what the client's API version does not know, as moby does (swarm router: adjustForAPIVersion). 26.1 forgets to take the
 * health check's StartInterval from an update.
 */
export function adjustForVersion(
  spec: PostedServiceSpec,
  version: string,
  engine: EngineLine,
  isUpdate: boolean,
): PostedServiceSpec {
  const before = (limit: string): boolean => compareVersions(version, limit) < 0;
  const drops = new Drops(spec);
  if (before('1.40')) {
    drops.drop(['TaskTemplate', 'ContainerSpec', 'Sysctls']);
    drops.drop(['TaskTemplate', 'ContainerSpec', 'Privileges', 'CredentialSpec', 'Config']);
    drops.dropOfEach(['TaskTemplate', 'ContainerSpec', 'Configs'], ['Runtime']);
    drops.drop(['TaskTemplate', 'Placement', 'MaxReplicas']);
  }
  if (before('1.41')) {
    for (const name of ['CapabilityAdd', 'CapabilityDrop', 'Ulimits'])
      drops.drop(['TaskTemplate', 'ContainerSpec', name]);
    drops.drop(['TaskTemplate', 'Resources', 'Limits', 'Pids']);
    drops.drop(['Mode', 'ReplicatedJob']);
    drops.drop(['Mode', 'GlobalJob']);
  }
  if (before('1.44') && engine !== '20.10') {
    for (const name of ['Seccomp', 'AppArmor', 'NoNewPrivileges'])
      drops.drop(['TaskTemplate', 'ContainerSpec', 'Privileges', name]);
    if (!isUpdate || engine === '28.5')
      drops.drop(['TaskTemplate', 'ContainerSpec', 'Healthcheck', 'StartInterval']);
  }
  if (before('1.46')) {
    drops.drop(['TaskTemplate', 'ContainerSpec', 'OomScoreAdj']);
    drops.dropOfEach(['TaskTemplate', 'ContainerSpec', 'Mounts'], ['TmpfsOptions', 'Options']);
  }
  return drops.spec;
}

type Tree = Readonly<Record<string, unknown>>;

/** Copies of a spec with members taken out; what is not there stays away. */
class Drops {
  spec: PostedServiceSpec;

  constructor(spec: PostedServiceSpec) {
    this.spec = spec;
  }

  drop(path: readonly string[]): void {
    this.spec = change(this.spec, path, without);
  }

  dropOfEach(path: readonly string[], within: readonly string[]): void {
    this.spec = change(this.spec, path, (holder, last) => ({
      ...holder,
      [last]: (holder[last] as readonly Tree[]).map((item) => change(item, within, without)),
    }));
  }
}

function change(
  tree: Tree,
  path: readonly string[],
  edit: (holder: Tree, last: string) => Tree,
): Tree {
  const [first, ...rest] = path;
  if (first === undefined || tree[first] === undefined) return tree;
  return rest.length === 0
    ? edit(tree, first)
    : { ...tree, [first]: change(tree[first] as Tree, rest, edit) };
}

const without = (holder: Tree, name: string): Tree =>
  Object.fromEntries(Object.entries(holder).filter(([key]) => key !== name));
