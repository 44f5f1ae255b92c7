import { describe, expect, test } from '@jest/globals';
import type { TaskState } from '../../model/task-state.ts';
import { Reasons } from './reasons.ts';
import { ToldLedger } from './told-ledger.ts';

/** A task in a state, with what is said on it, and then so much rest. */
function told(
  state: TaskState,
  err: string,
  restMs: number,
  serviceVersion = 1,
): readonly string[] {
  let reasons: Reasons | undefined;
  const stage = new ToldLedger(({ ledger }) => (reasons = new Reasons(ledger.sight)));
  const status = { state, timestamp: 0, message: '', err };
  stage.commit(0, stage.service({}, { specVersion: serviceVersion }), stage.task('t', { status }));
  stage.world.advance(restMs);
  reasons?.atRest();
  return stage.broken;
}

test('a task that fails or is rejected has to say why', () => {
  expect(told('failed', '', 0)).toEqual(['reason-on-task']);
  expect(told('rejected', '', 0)).toEqual(['reason-on-task']);
  expect(told('failed', 'task: non-zero exit (1)', 0)).toEqual([]);
  expect(told('complete', '', 0)).toEqual([]);
});

test('a task that waits for a node has to say why, once the scheduler has had its time', () => {
  expect(told('pending', '', 10_000)).toEqual(['reason-on-task']);
  expect(told('pending', '', 1000)).toEqual([]);
  expect(told('pending', 'no suitable node (1 node not available for new tasks)', 10_000)).toEqual(
    [],
  );
});

test('a task of an older spec is not tried again, and may never have been told', () => {
  expect(told('pending', '', 10_000, 2)).toEqual([]);
});

describe('a task that waited while its service was of a newer spec, and whose own spec a rollback has brought back', () => {
  const status = { state: 'pending', timestamp: 0, message: '', err: '' } as const;

  function after(happens: (stage: ToldLedger) => void): readonly string[] {
    let reasons: Reasons | undefined;
    const stage = new ToldLedger(({ ledger }) => (reasons = new Reasons(ledger.sight)));
    stage.commit(0, stage.service(), stage.task('t', { status }));
    stage.commit(100, stage.service({}, { specVersion: 2 }));
    stage.commit(100, stage.service());
    happens(stage);
    stage.world.advance(10_000);
    reasons?.atRest();
    return stage.broken;
  }

  test('is not tried again', () => {
    expect(after(() => undefined)).toEqual([]);
  });

  test('is tried again once it is written, or another manager leads', () => {
    const written = (stage: ToldLedger): void => {
      stage.commit(10, stage.task('t', { status, desiredState: 'ready' }));
    };
    const led = (stage: ToldLedger): void => {
      stage.term += 1;
      stage.commit(10, stage.node('n1', 'unknown'));
    };
    for (const happens of [written, led]) expect(after(happens)).toEqual(['reason-on-task']);
  });
});
