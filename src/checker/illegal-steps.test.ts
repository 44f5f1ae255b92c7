import { describe, expect, test } from '@jest/globals';
import type { TaskSeen } from '../model/history.ts';
import { STEP_RULES, exitCodeOf } from '../model/verdict.ts';
import type { StepRule } from '../model/verdict.ts';
import { illegalSteps } from './illegal-steps.ts';
import { judgeScenario } from './judge-scenario.ts';
import { MadeHistory } from './made-history.ts';

type Form = Partial<TaskSeen>;
const bare: Form = { container: '', node: '' };

/** The rules that a task breaks which is seen in these forms, a second apart. */
function broken(...forms: readonly Form[]): readonly StepRule[] {
  const made = new MadeHistory({ managers: 1, workers: 1 }, [], 'twin');
  for (const [index, form] of forms.entries()) made.at(index + 1).task('web.1.a', form);
  return illegalSteps(made.end()).map(({ rule }) => rule);
}

describe('a task may', () => {
  test('walk from new to running, and end when it is to end', () => {
    const early = (['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready'] as const).map(
      (state): Form => ({ ...bare, desired: 'running', state }),
    );
    const late = (['starting', 'running'] as const).map((state): Form => ({
      ...{ container: 'c', node: 'n1', state },
    }));
    const ends: Form[] = [{ desired: 'shutdown' }, { state: 'shutdown' }, { desired: 'remove' }];
    expect(broken(...early, ...late, ...ends)).toEqual([]);
  });

  test('be seen anywhere first, since observers miss what is brief', () => {
    expect(broken({ state: 'failed' })).toEqual([]);
    expect(broken({ state: 'shutdown', desired: 'shutdown' })).toEqual([]);
    expect(broken({ state: 'rejected', desired: 'ready' })).toEqual([]);
  });

  test('wait in Ready for its turn', () => {
    expect(
      broken(
        { ...bare, state: 'ready', desired: 'ready' },
        { state: 'running', desired: 'running' },
      ),
    ).toEqual([]);
  });

  test('be rejected while it runs by an enforcer, which says so', () => {
    const err = 'assigned node no longer meets constraints';
    expect(broken({ state: 'running' }, { state: 'rejected', err })).toEqual([]);
  });

  test('complete although it is to be shut down: the agent had not heard', () => {
    expect(broken({ state: 'running' }, { desired: 'shutdown' }, { state: 'complete' })).toEqual(
      [],
    );
  });
});

describe('no task may', () => {
  const wrong: Readonly<Record<StepRule, readonly Form[]>> = {
    'state-back': [{ state: 'running' }, { ...bare, state: 'ready' }],
    'desired-back': [{ desired: 'shutdown' }, { desired: 'running' }],
    'past-end': [
      { desired: 'shutdown', state: 'complete' },
      { desired: 'shutdown', state: 'failed' },
    ],
    'not-wanted': [{ state: 'running' }, { state: 'shutdown' }],
    'no-owner': [{ state: 'running' }, { state: 'rejected' }],
    moved: [{ node: 'n1' }, { node: 'n2' }],
    'early-container': [{ state: 'preparing', container: 'c' }],
    'came-back': [],
  };
  const cases = Object.entries(wrong).filter(([, forms]) => forms.length > 0);

  test.each(cases)('break the rule %s', (rule, forms) => {
    expect(broken(...forms)).toEqual([rule]);
  });

  test('start when it is to wait', () => {
    expect(broken({ desired: 'ready', state: 'running' })).toEqual(['not-wanted']);
    expect(
      broken(
        { ...bare, desired: 'ready', state: 'preparing' },
        { desired: 'ready', state: 'starting' },
      ),
    ).toEqual(['not-wanted']);
  });

  test('come back once it is gone', () => {
    const made = new MadeHistory({ managers: 1, workers: 1 }, [], 'twin')
      .task('web.1.a', { state: 'failed' })
      .gone('web.1.a')
      .task('web.1.a');
    expect(illegalSteps(made.end()).map(({ rule }) => rule)).toEqual(['came-back']);
    expect(Object.keys(wrong)).toEqual(Object.keys(STEP_RULES));
  });
});

test('what another observer saw earlier is no step back', () => {
  const made = new MadeHistory({ managers: 2, workers: 0 }, [], 'twin')
    .task('web.1.a', { state: 'running' })
    .eye('n2')
    .task('web.1.a', { ...bare, state: 'assigned' });
  expect(illegalSteps(made.end())).toEqual([]);
});

test('a task has not moved when it is its node that was given another name', () => {
  const made = new MadeHistory({ managers: 1, workers: 1 }, [], 'swarm')
    .task('web.1.a', { node: 'n2' })
    .node('n2', { name: 'n1' })
    .task('web.1.a', { node: 'n1' });
  expect(illegalSteps(made.end())).toEqual([]);
});

test("the twin's illegal steps fail a run, real Swarm's own do not", () => {
  const verdictOn = (subject: 'swarm' | 'twin'): number => {
    const records = new MadeHistory({ managers: 1, workers: 1 }, [], subject)
      .task('web.1.a', { desired: 'remove' })
      .task('web.1.a', { desired: 'shutdown' })
      .end();
    const [header] = records;
    if (header?.type !== 'header') throw new Error('no header');
    const sides = (['swarm', 'twin'] as const).map((side) => ({
      subject: side,
      records:
        side === subject ? records : new MadeHistory({ managers: 1, workers: 1 }, [], side).end(),
    }));
    const verdict = judgeScenario(header.scenario, sides);
    expect(verdict.steps).toMatchObject([{ rule: 'desired-back', subject }]);
    return exitCodeOf([{ ...verdict, sameness: 'same' }]);
  };
  expect(verdictOn('swarm')).toBe(0);
  expect(verdictOn('twin')).toBe(1);
});
