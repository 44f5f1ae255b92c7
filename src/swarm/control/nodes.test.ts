import { expect, test } from '@jest/globals';
import type { SwarmError } from '../../model/errors.ts';
import type { Node } from '../../model/objects.ts';
import { makeNode, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import type { ControlContext } from './context.ts';
import { updateNode } from './nodes.ts';

/** What a promotion of the node is answered; null when it is done. */
function promotion(worker: Node): SwarmError | null {
  const swarm = new VirtualSwarm();
  swarm.create('node', worker);
  const { id, meta, spec } = swarm.node(worker.id);
  const context = { ports: swarm.ports, store: swarm.store } as unknown as ControlContext;
  const refusals: (SwarmError | null)[] = [];
  updateNode(
    context,
    {
      method: 'update-node',
      ref: id,
      version: meta.version,
      spec: { ...spec, Role: 'manager' },
    },
    (result) => {
      refusals.push(result.ok ? null : result.error);
    },
  );
  expect(refusals).toHaveLength(1);
  return refusals[0] ?? null;
}

test('a worker that runs dockerd’s own swarm mode is not promoted, a twin is', () => {
  const twin = makeNode('n2');
  const real: Node = { ...twin, description: { ...twin.description, isForeign: true } };
  expect(promotion(real)).toMatchObject({
    code: 'FailedPrecondition',
    message: expect.stringContaining('node n2 runs dockerd'),
  });
  expect(promotion(twin)).toBe(null);
});
