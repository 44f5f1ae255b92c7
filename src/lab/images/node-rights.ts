/** The least rights under which a Docker daemon runs inside a container. docker-in-docker/README.md says what each is for. */

import { SwarmtwinError } from '../../model/errors.ts';
import type { HostFacts } from '../engine/probe-host.ts';

/** The part of a node's HostConfig that is about rights, to be spread into the rest of it. */
export interface NodeRights {
  readonly CapAdd: string[];
  readonly SecurityOpt: string[];
  /** None: the daemon mounts and reads what Docker hides from containers, as `systempaths=unconfined` of the CLI. */
  readonly MaskedPaths: string[];
  readonly ReadonlyPaths: string[];
  readonly DeviceCgroupRules: string[];
  readonly CgroupnsMode: 'private';
}

/** On top of what every container has. Each was tried: without it the thing named in the README fails. */
const NEEDED = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'];

/**
 * The rights of a node on this host. Never `privileged`: that asks for every capability, and is refused where the host
 * lacks one. Throws SwarmtwinError `lab-failed` when the host itself lacks a needed one (inside another container, say).
 */
export function nodeRights(facts: Pick<HostFacts, 'capabilities' | 'securityModules'>): NodeRights {
  const missing = NEEDED.filter((name) => !facts.capabilities.includes(name));
  if (missing.length > 0)
    throw new SwarmtwinError(
      'lab-failed',
      `nodes need the capabilities ${NEEDED.join(', ')}, and this machine does not have ${missing.join(', ')}`,
      'Run it outside of a container, or in one that has these capabilities.',
    );
  const has = (name: string): boolean => facts.securityModules.includes(name);
  return {
    CapAdd: [...NEEDED],
    SecurityOpt: [
      'seccomp=unconfined',
      ...(has('apparmor') ? ['apparmor=unconfined'] : []),
      ...(has('selinux') ? ['label=disable'] : []),
    ],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
    CgroupnsMode: 'private',
  };
}
