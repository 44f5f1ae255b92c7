import { describe, expect, test } from '@jest/globals';
import type { RestartPolicy } from '../model/specs.ts';
import { MadeHistory } from './made-history.ts';

const S = 1_000_000_000;

interface Course {
  readonly policy: RestartPolicy;
  /** How each task of the slot ended; the one after it was made at once. */
  readonly ends: readonly ('failed' | 'complete')[];
  /** How long each ran. */
  readonly runS?: number;
  /** How long each replacement waited. */
  readonly waitS?: number;
}

const COURSES: Readonly<Record<string, Course>> = {
  never: { policy: { Condition: 'none' }, ends: ['failed'] },
  contented: { policy: { Condition: 'on-failure', Delay: 1 * S }, ends: ['complete'] },
  twice: {
    policy: { Condition: 'on-failure', Delay: 2 * S, MaxAttempts: 2 },
    ends: ['failed', 'failed', 'failed'],
    waitS: 2.2,
  },
  once: {
    policy: { Condition: 'any', Delay: 3 * S, MaxAttempts: 1, Window: 600 * S },
    ends: ['complete', 'complete'],
    waitS: 3.2,
  },
  always: {
    policy: { Condition: 'any', Delay: 1 * S, MaxAttempts: 1, Window: 1 * S },
    ends: ['complete', 'complete', 'complete'],
    waitS: 1.2,
  },
};

/** Each service goes its course, one after another; `change` says what went otherwise, `sightS` how late each service is first seen. */
function verdictOf(change: Readonly<Record<string, Partial<Course>>> = {}, sightS = 0): string {
  const history = new MadeHistory({ managers: 1, workers: 1 }, ['R6']);
  let nowS = 1;
  for (const [name, usual] of Object.entries(COURSES)) {
    const { policy, ends, runS = 3, waitS = 0 } = { ...usual, ...change[name] };
    history.at(nowS + sightS).service(name, { replicas: 1, restart: usual.policy });
    ends.forEach((state, index) => {
      const task = `${name}.1.${index}`;
      if (index > 0) {
        history.at(nowS).task(task, { desired: 'ready', state: 'ready' });
        nowS += waitS;
      }
      history.at(nowS).task(task, { desired: 'running', state: 'running' });
      nowS += runS;
      history.at(nowS).task(task, { desired: 'shutdown', state });
    });
    if (policy.MaxAttempts === 1 && policy.Window === S)
      history.update('n1', name, { replicas: 0 });
    nowS += 5;
  }
  return history.at(nowS + 30).verdict().verdict;
}

describe('R6 restart policies', () => {
  test('holds when each slot goes as its policy says', () => {
    expect(verdictOf()).toBe('holds');
  });
  test('fails when a task under none is replaced', () => {
    expect(verdictOf({ never: { ends: ['failed', 'failed'] } })).toBe('fails');
  });
  test('fails when a complete task under on-failure is replaced', () => {
    expect(verdictOf({ contented: { ends: ['complete', 'complete'], waitS: 1.2 } })).toBe('fails');
  });
  test('fails when a failed task under on-failure is not replaced', () => {
    expect(verdictOf({ twice: { ends: ['failed'] } })).toBe('fails');
  });
  test('fails when a slot is restarted once more than it may', () => {
    const ends = ['failed', 'failed', 'failed', 'failed'] as const;
    expect(verdictOf({ twice: { ends } })).toBe('fails');
  });
  test('fails when a slot is restarted once less', () => {
    expect(verdictOf({ twice: { ends: ['failed', 'failed'] } })).toBe('fails');
  });
  test('fails when a long window is taken for none', () => {
    const ends = ['complete', 'complete', 'complete'] as const;
    expect(verdictOf({ once: { ends } })).toBe('fails');
  });
  test('fails when the delay is cut short or drawn out', () => {
    expect(verdictOf({ once: { waitS: 1 } })).toBe('fails');
    expect(verdictOf({ once: { waitS: 20 } })).toBe('fails');
  });
  test('holds when each service was first seen after its first task was made', () => {
    expect(verdictOf({}, 1)).toBe('holds');
  });
  test('is open when a case did not come up', () => {
    expect(verdictOf({ always: { ends: ['complete'] } })).toBe('inconclusive');
  });
});
