/** Finds a lab by its labels and takes it up again: what another process started can be broken, healed and removed from here. */
import { SwarmtwinError } from '../model/errors.ts';
import { thingName } from './bench.ts';
import type { BenchNode } from './bench.ts';
import { benchNodeOf } from './bench-node.ts';
import { findLabs } from './find-labs.ts';
import type { FoundLab } from './find-labs.ts';
import { planLab } from './lab-plan.ts';
import { LinkProxies } from './link-proxies.ts';
import { RunningLab } from './running-lab.ts';

/**
 * Takes up the lab with this name or id; without one, the only lab there is.
 * @throws SwarmtwinError `bad-usage` when there is none, or more than one fits
 */
export async function attachLab(nameOrId?: string): Promise<RunningLab> {
  return labFrom(pickLab(await findLabs(), nameOrId));
}

/** Picks by id, by name, or the only one. Pure. */
export function pickLab(labs: readonly FoundLab[], nameOrId?: string): FoundLab {
  const fitting = labs.filter(
    ({ identity }) =>
      nameOrId === undefined || identity.id === nameOrId || identity.name === nameOrId,
  );
  const [only, ...more] = fitting;
  if (only === undefined)
    throw new SwarmtwinError(
      'bad-usage',
      nameOrId === undefined ? 'there is no lab' : `there is no lab ${nameOrId}`,
      'Start one: swarmtwin lab up --subject swarm --managers 3 --workers 2',
    );
  if (more.length > 0)
    throw new SwarmtwinError(
      'bad-usage',
      `there are ${fitting.length} labs that fit`,
      `Name one of them: ${fitting.map(({ identity }) => identity.id).join(', ')}`,
    );
  return only;
}

function labFrom(found: FoundLab): RunningLab {
  const { identity } = found;
  const plan = planLab(identity.prefix, identity.shape, identity.subject);
  const nodes = plan.nodes.flatMap((planned): BenchNode[] => {
    const containerId = found.nodes.get(planned.name);
    return containerId === undefined ? [] : [benchNodeOf(planned, containerId)];
  });
  return new RunningLab({
    identity,
    plan,
    networkName: thingName.network(identity.id),
    proxies: new LinkProxies(plan.proxyAddress),
    nodes,
    owed: new Map(),
  });
}
