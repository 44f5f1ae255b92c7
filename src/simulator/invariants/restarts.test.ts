import { expect, test } from '@jest/globals';
import { Restarts } from './restarts.ts';
import { ToldLedger } from './told-ledger.ts';

/** Tasks of one slot, each of the named spec version, that fail and are replaced one after the other; one more attempt is allowed. */
function replaced(...versions: readonly number[]): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Restarts(ledger.sight));
  const spec = { ...told.service().spec.TaskTemplate, RestartPolicy: { MaxAttempts: 1 } };
  const tasks = versions.map((specVersion, at) => told.task(`t${at}`, { spec, specVersion }));
  const [first, ...others] = tasks;
  if (first === undefined) return [];
  told.commit(0, told.service(), first);
  let old = first;
  for (const next of others) {
    told.commit(5000, told.ended(old), { ...next, desiredState: 'ready' });
    old = next;
  }
  return told.broken;
}

test('a slot is filled again as often as its restart policy allows', () => {
  expect(replaced(1, 1)).toEqual([]);
  expect(replaced(1, 1, 1)).toEqual(['restart-policy']);
});

test('attempts are counted anew after another spec version, also when it is the one from before', () => {
  expect(replaced(1, 1, 2, 2, 1, 1)).toEqual([]);
  expect(replaced(1, 1, 2, 2, 2)).toEqual(['restart-policy']);
});
