import { expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import { Placement } from './placement.ts';
import { ToldLedger } from './told-ledger.ts';

/** A task of a global service is made, as an update makes it, for a node that has been down for a while. */
function madeForDownNode(Order: UpdateConfig['Order'], stopsOld: boolean): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
  const UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, Order } as UpdateConfig;
  const old = told.task('old', { slot: 0 });
  told.commit(0, told.service({ Mode: { Global: {} }, UpdateConfig }));
  told.commit(0, told.node('n1', 'down'), old);
  for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
  const made = told.task('new', { slot: 0, desiredState: 'ready' });
  const stopped: Task = { ...old, desiredState: 'shutdown' };
  told.commit(5000, made, ...(stopsOld ? [stopped] : []));
  return told.broken;
}

test('an update start-first makes its task for a node that went down since the update began', () => {
  expect(madeForDownNode('start-first', false)).toEqual([]);
});

test('who stops the old task with it has looked at the node', () => {
  expect(madeForDownNode('start-first', true)).toEqual(['global-on-eligible-node']);
  expect(madeForDownNode('stop-first', false)).toEqual(['global-on-eligible-node']);
});
