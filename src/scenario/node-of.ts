import { SwarmtwinError } from '../model/errors.ts';
import type { NodeSeen } from '../model/history.ts';
import type { NodeRef } from '../model/scenario.ts';
import { resolveNode } from './resolve.ts';
import type { Sight } from './sight.ts';

/** The node as the swarm lists it. @throws SwarmtwinError `bad-scenario` when it does not */
export function nodeOf(ref: NodeRef, sight: Sight): NodeSeen {
  const name = resolveNode(ref, sight);
  const node = sight.nodes().find((each) => each.name === name);
  if (node !== undefined) return node;
  throw new SwarmtwinError('bad-scenario', `${name} is not in the swarm`, 'Join it first.');
}
