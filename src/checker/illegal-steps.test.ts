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

/** A history in which all is right, and the same with the one thing wrong. */
const OTHER_RULES: Readonly<
  Partial<Record<StepRule, (made: MadeHistory, isWrong: boolean) => MadeHistory>>
> = {
  misplaced: (made, isWrong) =>
    made
      .service('web', { constraints: ['node.role==manager'] })
      .task('web.1.a', { node: isWrong ? 'n2' : 'n1', container: '' }),
  'not-emptiest': (made, isWrong) =>
    made
      .create('n1', 'web', { replicas: 2 })
      .at(1)
      .service('web', { replicas: 2 })
      .task('web.1.a', { node: 'n1' })
      .task('web.2.b', { node: isWrong ? 'n1' : 'n2' }),
  'beyond-slots': (made, isWrong) =>
    made.service('web', { replicas: 2 }).task(isWrong ? 'web.3.a' : 'web.2.a'),
  'one-container': (made, isWrong) =>
    made
      .service('web', {})
      .task('web.1.a')
      .container(isWrong ? 'n2' : 'n1', 'web.1.a', 'running'),
  'unlike-its-container': (made, isWrong) => {
    made.engine('n1', true).service('web', {}).at(2).task('web.1.a');
    return isWrong ? made : made.container('n1', 'web.1.a', 'running');
  },
  'version-back': (made, isWrong) =>
    made.service('web', {}, { version: 8 }).service('web', {}, { version: isWrong ? 7 : 9 }),
  'no-updater': (made, isWrong) =>
    made
      .service('web', {}, { updateState: isWrong ? 'completed' : 'updating' })
      .service('web', {}, { updateState: 'paused' }),
  'two-leaders': (made, isWrong) =>
    made
      .node('n2', { role: 'manager', reachability: 'reachable', leader: true })
      .at(isWrong ? 3 : 0)
      .node('n1', { leader: false }),
};

test.each(Object.entries(OTHER_RULES))('no swarm may break the rule %s', (rule, tell) => {
  const [right, wrong] = [false, true].map((isWrong) => {
    const made = tell(new MadeHistory({ managers: 1, workers: 1 }, [], 'twin'), isWrong);
    return illegalSteps(made.at(60).end()).map((step) => step.rule);
  });
  expect(right).toEqual([]);
  expect(wrong).toEqual([rule]);
});

test('new tasks may be on one node while the others are not heard yet after a change of leader', () => {
  const made = new MadeHistory({ managers: 1, workers: 1 }, [], 'twin')
    .create('n1', 'web', { replicas: 2 })
    .at(1)
    .service('web', { replicas: 2 })
    .node('n2', { state: 'unknown' })
    .task('web.1.a', { node: 'n1' })
    .task('web.2.b', { node: 'n1' })
    .at(3)
    .node('n2', { state: 'ready' });
  expect(illegalSteps(made.at(60).end())).toEqual([]);
});

test('what was looked at one after the other proves nothing where the machine did not keep up', () => {
  const rulesOf = (seconds: number): readonly StepRule[] => {
    const made = new MadeHistory({ managers: 1, workers: 1 }, [], 'twin').strain(seconds);
    const wrong = made.service('web', { replicas: 1 }).node('n2', { availability: 'drain' }).at(9);
    return illegalSteps(wrong.task('web.2.a', { node: 'n2' }).at(20).end()).map(({ rule }) => rule);
  };
  expect(rulesOf(4)).toEqual(['misplaced', 'beyond-slots']);
  expect(rulesOf(5)).toEqual(['beyond-slots']);
});

describe('no task may', () => {
  const wrong: Readonly<Partial<Record<StepRule, readonly Form[]>>> = {
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
    expect([...Object.keys(wrong), ...Object.keys(OTHER_RULES)]).toEqual(Object.keys(STEP_RULES));
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
