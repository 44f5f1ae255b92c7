import { expect, test } from '@jest/globals';
import { nodeId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import type { TaskState } from '../../model/task-state.ts';
import { Placement } from './placement.ts';
import { ToldLedger } from './told-ledger.ts';

/** A task of a global service is made, as an update makes it, for a node that has been so for a while. */
function madeFor(
  node: 'down' | 'paused',
  Order: UpdateConfig['Order'],
  stopsOld: boolean,
): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
  const UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, Order } as UpdateConfig;
  const old = told.task('old', { slot: 0 });
  told.commit(0, told.service({ Mode: { Global: {} }, UpdateConfig }));
  const n1 = node === 'down' ? told.node('n1', 'down') : told.node('n1', 'ready', 'pause');
  told.commit(0, n1, old);
  for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
  const made = told.task('new', { slot: 0, desiredState: 'ready' });
  const stopped: Task = { ...old, desiredState: 'shutdown' };
  told.commit(5000, made, ...(stopsOld ? [stopped] : []));
  return told.broken;
}

test('an update start-first makes its task for a node that went down since the update began', () => {
  expect(madeFor('down', 'start-first', false)).toEqual([]);
});

test('who stops the old task with it has looked at the node', () => {
  expect(madeFor('down', 'start-first', true)).toEqual(['global-on-eligible-node']);
  expect(madeFor('down', 'stop-first', false)).toEqual(['global-on-eligible-node']);
});

test('an update stop-first does too where the tasks of its slot had been given up for good', () => {
  const made = (
    Condition: 'none' | 'any',
    desiredState: Task['desiredState'],
  ): readonly string[] => {
    const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
    const { spec, ...old } = told.ended(told.task('old', { slot: 0 }));
    const ended = { ...old, desiredState, spec: { ...spec, RestartPolicy: { Condition } } };
    told.commit(0, told.service({ Mode: { Global: {} } }), told.node('n1', 'down'), ended);
    for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
    told.commit(5000, told.task('new', { slot: 0, desiredState: 'ready' }));
    return told.broken;
  };
  expect(made('none', 'shutdown')).toEqual([]);
  expect(made('none', 'running')).toEqual(['global-on-eligible-node']);
  expect(made('any', 'shutdown')).toEqual(['global-on-eligible-node']);
});

test('a failed task of a global job is replaced on a paused node too; a new one is not made there', () => {
  const made = (desiredState: 'ready' | 'complete'): readonly string[] => {
    const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
    told.commit(0, told.service({ Mode: { GlobalJob: {} } }), told.node('n1', 'ready', 'pause'));
    for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
    told.commit(5000, told.task('new', { slot: 0, desiredState, jobIteration: 0 }));
    return told.broken;
  };
  expect(made('ready')).toEqual([]);
  expect(made('complete')).toEqual(['global-on-eligible-node']);
});

test('an update replaces a task that is well on a node that was paused since; nobody else makes one there', () => {
  expect(madeFor('paused', 'stop-first', true)).toEqual([]);
  expect(madeFor('paused', 'stop-first', false)).toEqual(['global-on-eligible-node']);
});

/** A task is given to a node 20 s after that went down, by a decision of so long ago. */
function placed(decidedMsAgo: number): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
  told.world.init('m1');
  const status = { state: 'pending', timestamp: 0, message: '', err: '' } as const;
  const task = told.task('a', { nodeId: nodeId(''), status });
  told.commit(0, told.service(), told.node('n1', 'ready'), task);
  told.commit(60_000, told.node('n1', 'down'));
  for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
  told.world.advance(5000);
  const timestamp = told.world.machine('m1').time.now() - decidedMsAgo;
  told.commit(0, told.task('a', { status: { ...status, state: 'assigned', timestamp } }));
  return told.broken;
}

test('a decision that waited for slow writes may be for a node that went down meanwhile, a fresh one may not', () => {
  expect(placed(21_000)).toEqual([]);
  expect(placed(1000)).toEqual(['placed-on-eligible-node']);
});

/** Tasks of one service come to a node in one turn, each with its own limit; `there` are on it already. */
function crowded(
  limits: readonly number[],
  there: readonly number[] = [],
  desiredState: Task['desiredState'] = 'running',
): readonly string[] {
  const told = new ToldLedger(({ ledger }) => new Placement(ledger.sight));
  told.world.init('m1');
  const at = (state: TaskState): Task['status'] => {
    const timestamp = told.world.machine('m1').time.now();
    return { ...{ state, timestamp }, message: '', err: '' };
  };
  const limited = (id: string, MaxReplicas: number, patch: Partial<Task>): Task => {
    const task = told.task(id, patch);
    return { ...task, spec: { ...task.spec, Placement: { MaxReplicas } } };
  };
  told.commit(0, told.service(), told.node('n1', 'ready'));
  there.forEach((limit, slot) => {
    told.commit(0, limited(`old${slot}`, limit, { slot: slot + 10, status: at('running') }));
  });
  const given = (state: 'pending' | 'assigned'): readonly Task[] =>
    limits.map((limit, index) =>
      limited(`new${index}`, limit, {
        ...{ slot: index + 1, status: at(state) },
        ...(state === 'pending' ? { nodeId: nodeId('') } : { desiredState }),
      }),
    );
  told.commit(0, ...given('pending'));
  for (let other = 0; other < 3; other += 1) told.commit(5000, told.node(`o${other}`, 'ready'));
  told.commit(5000, ...given('assigned'));
  return told.broken;
}

test('a node takes no more replicas than a task’s limit allows', () => {
  expect(crowded([1])).toEqual([]);
  expect(crowded([1, 1])).not.toEqual([]);
  expect(crowded([1], [1])).not.toEqual([]);
  expect(crowded([1], [0])).not.toEqual([]);
  expect(crowded([2], [0])).toEqual([]);
  expect(crowded([1], [0], 'shutdown')).not.toEqual([]);
});

test('tasks of another limit that come in the same turn do not count', () => {
  expect(crowded([1, 0, 0])).toEqual([]);
  expect(crowded([1, 0, 0], [], 'shutdown')).toEqual([]);
});
