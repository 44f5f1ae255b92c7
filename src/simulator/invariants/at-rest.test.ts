import { describe, expect, test } from '@jest/globals';
import type { Task } from '../../model/objects.ts';
import type { UpdateConfig } from '../../model/specs.ts';
import { AtRest } from './at-rest.ts';
import { ToldLedger } from './told-ledger.ts';

/** A slot that fails every 10 s; each failure is followed by a replacement at once, and the record of none is taken away. */
function slotWithFailures(failures: number): { told: ToldLedger; judged: () => string[] } {
  let atRest: AtRest | null = null;
  const told = new ToldLedger(({ world, ledger }) => (atRest = new AtRest(world, ledger)));
  told.commit(0, told.service(), told.task('t0'));
  for (let failure = 0; failure < failures; failure += 1) {
    const [old, next] = [told.task(`t${failure}`), told.task(`t${failure + 1}`)];
    told.commit(10_000, told.ended(old), next);
  }
  const judged = (): string[] => {
    atRest?.judge({ nodes: [], unsettledServices: { web: 'only its history is asked about' } });
    return told.broken;
  };
  return { told, judged };
}

describe('history-limit', () => {
  test('five records of a slot are within the default limit, six are not', () => {
    const within = slotWithFailures(4);
    within.told.world.advance(10_000);
    expect(within.judged()).toEqual([]);
    const beyond = slotWithFailures(5);
    beyond.told.world.advance(10_000);
    expect(beyond.judged()).toEqual(['history-limit']);
  });

  test('a task that was made just now leaves the reaper its 250 ms, and no more than as much again', () => {
    const { told, judged } = slotWithFailures(5);
    told.world.advance(400);
    expect(judged()).toEqual([]);
    told.world.advance(200);
    expect(judged()).toEqual(['history-limit']);
  });

  test('nobody looks at a slot again that the leader before has filled', () => {
    const { told, judged } = slotWithFailures(5);
    told.term += 1;
    told.commit(1000, told.node('n2', 'ready'));
    told.world.advance(10_000);
    expect(judged()).toEqual([]);
  });
});

describe('drained-is-empty', () => {
  const config: UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, Order: 'start-first' };
  const status = { state: 'pending', timestamp: 0, message: '', err: '' } as const;

  /** A drained node, and a task that an update start-first makes for it then; what comes after it, and what was there before. */
  function judged(
    after: (told: ToldLedger, made: Task) => void = () => undefined,
    made: Partial<Task> = {},
    order: UpdateConfig['Order'] = 'start-first',
    before: (told: ToldLedger) => readonly Task[] = () => [],
  ): readonly string[] {
    let atRest: AtRest | null = null;
    const told = new ToldLedger(({ world, ledger }) => (atRest = new AtRest(world, ledger)));
    const spec = { Mode: { Global: {} }, UpdateConfig: { ...config, Order: order } };
    told.commit(0, told.service(spec), told.node('n1', 'ready', 'drain'), ...before(told));
    const task = told.task('made', { slot: 0, desiredState: 'ready', status, ...made });
    told.commit(1000, task);
    told.commit(10, { ...task, desiredState: 'running' });
    after(told, { ...task, desiredState: 'running' });
    (atRest as AtRest | null)?.judge({ nodes: ['-'], unsettledServices: { web: 'it is held' } });
    return told.broken.filter((rule) => rule === 'drained-is-empty');
  }

  test('a task that an update start-first made there waits for good', () => {
    expect(judged()).toEqual([]);
  });

  test('one that an update stop-first made, or the orchestrator, is one too many', () => {
    expect(judged(undefined, {}, 'stop-first')).toEqual(['drained-is-empty']);
    expect(judged(undefined, { desiredState: 'running' })).toEqual(['drained-is-empty']);
  });

  test('so does one that an update stop-first made where the one before had ended, and was not to be restarted', () => {
    const made = (Condition: 'none' | 'any'): readonly string[] =>
      judged(undefined, {}, 'stop-first', (told) => {
        const old = told.ended(told.task('old', { slot: 0 }));
        return [{ ...old, spec: { ...old.spec, RestartPolicy: { Condition } } }];
      });
    expect(made('none')).toEqual([]);
    expect(made('any')).toEqual(['drained-is-empty']);
  });

  test('one that has come further than to wait is too', () => {
    const after = (told: ToldLedger, task: Task): void => {
      told.commit(10, { ...task, status: { ...status, state: 'assigned' } });
    };
    expect(judged(after)).toEqual(['drained-is-empty']);
  });

  test('the next look at the node, at the service, or by another leader shuts it down', () => {
    const looks: ((told: ToldLedger) => void)[] = [
      (told) => {
        told.commit(10, told.node('n1', 'ready', 'drain'));
      },
      (told) => {
        told.commit(10, told.service({ Mode: { Global: {} }, UpdateConfig: config }));
      },
      (told) => {
        told.term += 1;
        told.commit(10, told.node('n2', 'ready'));
      },
    ];
    for (const look of looks) expect(judged(look)).toEqual(['drained-is-empty']);
  });
});

describe('nodes-equal-joins', () => {
  /** A node that came, and so many that never did. */
  function judged(strays: number, allowed: number): readonly string[] {
    let atRest: AtRest | null = null;
    const told = new ToldLedger(({ world, ledger }) => (atRest = new AtRest(world, ledger)));
    told.commit(0, told.node('n1', 'ready'));
    for (let n = 0; n < strays; n += 1) told.commit(10, told.node(`stray-${n}`, 'unknown'));
    (atRest as AtRest | null)?.judge({ nodes: [], strayNodes: allowed });
    return told.broken;
  }

  test('a node that nobody came as is one too many', () => {
    expect(judged(1, 0)).toEqual(['nodes-equal-joins']);
  });

  test('a request to join that was made again leaves one such node, and not two', () => {
    expect(judged(1, 1)).toEqual([]);
    expect(judged(2, 1)).toEqual(['nodes-equal-joins']);
  });
});
