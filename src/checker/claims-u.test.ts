import { describe, expect, test } from '@jest/globals';
import type { ClaimId } from '../model/scenario.ts';
import type { UpdateConfig } from '../model/specs.ts';
import { MadeHistory, madeId } from './made-history.ts';
import type { SpecDraft } from './made-history.ts';
import { tellStory } from './story.ts';

const S = 1_000_000_000;
const FAILED = { state: 'failed', err: 'task: non-zero exit (1)', desired: 'shutdown' } as const;

/** A service whose tasks run v1, about to be updated to v2 at 10 s. */
function updating(
  claim: ClaimId,
  slots: number,
  config: Partial<UpdateConfig>,
  draft: SpecDraft = {},
): MadeHistory {
  const update = { Parallelism: 1, MaxFailureRatio: 0, ...config };
  const base = { replicas: slots, update, ...draft };
  const history = new MadeHistory({ managers: 1, workers: 0 }, [claim]).at(1).service('web', base);
  for (let slot = 1; slot <= slots; slot += 1) history.task(`web.${slot}.a`);
  return history
    .at(10)
    .update('n1', 'web', { ...base, image: 'v2' })
    .at(10.05)
    .service('web', { ...base, image: 'v2' }, state('updating', 'update in progress'));
}

const state = (
  updateState: 'updating' | 'paused' | 'completed' | 'rollback_completed' | 'rollback_started',
  updateMessage: string,
): { readonly updateState: typeof updateState; readonly updateMessage: string } => ({
  updateState,
  updateMessage,
});

/** One slot, stop-first: prepared, the old one stopped after 1.3 s, the new one runs after 1.8 s. */
const stopFirst = (history: MadeHistory, slot: number, atS: number): MadeHistory =>
  history
    .at(atS)
    .task(`web.${slot}.a`, { desired: 'shutdown' })
    .task(`web.${slot}.b`, { desired: 'ready', state: 'ready', image: 'v2' })
    .at(atS + 1.3)
    .task(`web.${slot}.a`, { state: 'shutdown' })
    .at(atS + 1.8)
    .task(`web.${slot}.b`, { desired: 'running', state: 'running' });

describe('U1 one slot at a time', () => {
  const delay = { Delay: 2 * S };
  test('holds when the delay separates the slots', () => {
    const history = updating('U1', 2, delay);
    expect(stopFirst(stopFirst(history, 2, 10.1), 1, 14).verdict().verdict).toBe('holds');
  });
  test('fails when the next slot comes before the delay', () => {
    const history = updating('U1', 2, delay);
    expect(stopFirst(stopFirst(history, 2, 10.1), 1, 12.5).verdict().verdict).toBe('fails');
  });
  test('fails when the new task runs before the old one has ended', () => {
    const history = stopFirst(updating('U1', 2, delay), 2, 10.1);
    history.at(14).task('web.1.a', { desired: 'shutdown' });
    history.task('web.1.b', { desired: 'ready', state: 'ready', image: 'v2' });
    history.at(15).task('web.1.b', { desired: 'running', state: 'running' });
    expect(history.at(16).task('web.1.a', { state: 'shutdown' }).verdict().verdict).toBe('fails');
  });
});

describe('U2 several slots at a time', () => {
  const two = { Parallelism: 2, Delay: 2 * S };
  const batch = (history: MadeHistory, slots: readonly number[], atS: number): MadeHistory => {
    for (const slot of slots) stopFirst(history, slot, atS);
    return history;
  };
  test('holds when they come in batches with the delay between', () => {
    const history = batch(batch(updating('U2', 4, two), [1, 3], 10.1), [2, 4], 14);
    expect(history.verdict().verdict).toBe('holds');
  });
  test('fails when one comes after the other', () => {
    const history = updating('U2', 4, two);
    for (const slot of [1, 2, 3, 4]) stopFirst(history, slot, 6.1 + 4 * slot);
    expect(history.verdict().verdict).toBe('fails');
  });
  test('fails when three are taken at once', () => {
    const history = batch(batch(updating('U2', 4, two), [1, 2, 3], 10.1), [4], 14);
    expect(history.verdict().verdict).toBe('fails');
  });
});

describe('U3 start-first', () => {
  const startFirst = (oldEndsS: number): MadeHistory =>
    updating('U3', 1, { Order: 'start-first' })
      .at(10.1)
      .task('web.1.b', { desired: 'running', state: 'assigned', image: 'v2' })
      .at(10.6)
      .task('web.1.b', { state: 'running' })
      .at(oldEndsS)
      .task('web.1.a', { desired: 'shutdown', state: 'shutdown' });
  test('holds when the new task runs first', () => {
    expect(startFirst(11.8).verdict().verdict).toBe('holds');
  });
  test('fails when the old task stops first', () => {
    expect(startFirst(10.3).verdict().verdict).toBe('fails');
  });
});

/** A failing update of one of two slots for each action, on three services of one history. */
describe('U4 failure actions', () => {
  interface Ends {
    readonly pause?: readonly ['paused' | 'completed', string];
    readonly back?: string;
  }
  const text = `update paused due to failure or early termination of task ${madeId('x')}`;
  const actions = ({ pause = ['paused', text], back = 'v1' }: Ends): MadeHistory => {
    const history = new MadeHistory({ managers: 1, workers: 0 }, ['U4']).at(1);
    const cases = [
      ['pausing', 'pause'],
      ['going-on', 'continue'],
      ['going-back', 'rollback'],
    ] as const;
    for (const [name, FailureAction] of cases) {
      const update: UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, FailureAction };
      const draft = { replicas: 1, update };
      history.at(1).service(name, draft).task(`${name}.1.a`);
      history
        .at(10)
        .update('n1', name, { ...draft, image: 'v2' })
        .at(10.1);
      history.service(name, { ...draft, image: 'v2' }, state('updating', 'update in progress'));
      history.task(`${name}.1.a`, { desired: 'shutdown', state: 'shutdown' });
      history.task(`${name}.1.b`, { image: 'v2' }).at(11).task(`${name}.1.b`, FAILED).at(12);
      if (FailureAction === 'pause')
        history.service(name, { ...draft, image: 'v2' }, state(...pause));
      if (FailureAction === 'continue')
        history.service(name, { ...draft, image: 'v2' }, state('completed', 'update completed'));
      if (FailureAction === 'rollback') {
        const done = state('rollback_completed', 'rollback completed');
        history.service(name, { ...draft, image: back }, done).task(`${name}.1.c`, { image: back });
      }
    }
    return history;
  };
  test('hold when each does what its name says', () => {
    expect(actions({}).verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('an update state that comes with the version of the spec is seen', () => {
    const history = updating('U1', 2, { Delay: 2 * S });
    const story = tellStory(history.service('web', {}, { version: 99 }).records);
    const same = { version: 99, ...state('completed', 'update completed') };
    const later = tellStory(history.service('web', {}, same).records);
    expect(story?.services.get('web')?.at(-1)?.updateState).toBe('');
    expect(later?.services.get('web')?.at(-1)?.updateState).toBe('completed');
  });
  test('fail when pause goes on', () => {
    expect(actions({ pause: ['completed', 'update completed'] }).verdict().verdict).toBe('fails');
  });
  test('fail when the message is another', () => {
    expect(actions({ pause: ['paused', 'paused'] }).verdict().verdict).toBe('fails');
  });
  test('fail when the rollback goes to the wrong spec', () => {
    expect(actions({ back: 'v2' }).verdict().verdict).toBe('fails');
  });
});

describe('U5 ratio and monitor period', () => {
  /** Three services of one history: four slots with ratio 0.25 of which some fail; a task that ends after 7 s, watched for 2 s and for 15 s. */
  const watched = (failures: number, short = 'completed', long = 'paused'): MadeHistory => {
    const history = new MadeHistory({ managers: 1, workers: 0 }, ['U5']).at(1);
    const begin = (name: string, replicas: number, update: UpdateConfig): SpecDraft => {
      const draft = { replicas, update };
      history.at(1).service(name, draft);
      for (let slot = 1; slot <= replicas; slot += 1) history.task(`${name}.${slot}.a`);
      history
        .at(10)
        .update('n1', name, { ...draft, image: 'v2' })
        .at(10.1);
      return { ...draft, image: 'v2' };
    };
    const text = `update paused due to failure or early termination of task ${madeId('x')}`;
    const end = (name: string, draft: SpecDraft, how: string): void => {
      history.service(
        name,
        draft,
        how === 'paused' ? state('paused', text) : state('completed', 'update completed'),
      );
    };
    const half = begin('half', 4, { Parallelism: 1, MaxFailureRatio: 0.25 });
    for (let slot = 1; slot <= failures; slot += 1)
      history
        .at(10 + slot)
        .task(`half.${slot}.b`, { image: 'v2' })
        .at(10.5 + slot)
        .task(`half.${slot}.b`, FAILED);
    history.at(16);
    end('half', half, 'paused');
    for (const [name, Monitor, how] of [
      ['short', 2 * S, short],
      ['long', 15 * S, long],
    ] as const) {
      const draft = begin(name, 1, { Parallelism: 1, MaxFailureRatio: 0, Monitor });
      history
        .task(`${name}.1.b`, { image: 'v2' })
        .at(17.1)
        .task(`${name}.1.b`, { state: 'complete', desired: 'shutdown' });
      history.at(18);
      end(name, draft, how);
    }
    return history;
  };
  test('hold when the second failure of four pauses and the watch decides', () => {
    expect(watched(2).verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('fail when the first failure of four already pauses', () => {
    expect(watched(1).verdict().verdict).toBe('fails');
  });
  test('fail when three of four had to fail', () => {
    expect(watched(3).verdict().verdict).toBe('fails');
  });
  test('fail when an end after the monitor period counts', () => {
    expect(watched(2, 'paused').verdict().verdict).toBe('fails');
  });
  test('fail when an end within the monitor period does not count', () => {
    expect(watched(2, 'completed', 'completed').verdict().verdict).toBe('fails');
  });
});
