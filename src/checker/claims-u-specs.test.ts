import { describe, expect, test } from '@jest/globals';
import type { UpdateConfig } from '../model/specs.ts';
import { MadeHistory, madeSpec } from './made-history.ts';
import type { SpecDraft } from './made-history.ts';

const DONE = { updateState: 'rollback_completed', updateMessage: 'rollback completed' } as const;
const ONE: UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0 };

describe('U6 manual rollback', () => {
  const draft = (image: string): SpecDraft => ({
    replicas: 2,
    image,
    update: ONE,
    rollback: { Parallelism: 2, MaxFailureRatio: 0 },
  });
  /** Back to v1 at 10 s and forward to v2 at 20 s; the second slot follows the first after `gapS`. */
  const there = (second: readonly [string, string] = ['v2', 'v1'], gapS = 0): MadeHistory => {
    const history = new MadeHistory({ managers: 1, workers: 0 }, ['U6']).at(1);
    const roll = (atS: number, to: string, from: string, round: string, before: string): void => {
      history.at(atS).rollback('n1', 'web');
      for (const slot of [1, 2]) {
        history.at(atS + 0.1 + (slot - 1) * gapS);
        history.task(`web.${slot}.${before}`, { desired: 'shutdown', state: 'shutdown' });
        history.replace(`web.${slot}.${round}`, 'n1', 1.5, { image: to });
      }
      history
        .at(atS + 8)
        .service('web', draft(to), { previousSpec: madeSpec('web', draft(from)), ...DONE });
    };
    history.service('web', draft('v2'), { previousSpec: madeSpec('web', draft('v1')) });
    history.task('web.1.a', { image: 'v2' }).task('web.2.a', { image: 'v2' });
    roll(10, 'v1', 'v2', 'b', 'a');
    roll(20, second[0], second[1], 'c', 'b');
    return history.at(30);
  };
  test('holds when it goes back, then forward, by the rollback settings', () => {
    expect(there().verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('fails when the second rollback stays where it is', () => {
    expect(there(['v1', 'v2']).verdict().verdict).toBe('fails');
  });
  test('fails when the update settings are used', () => {
    expect(there(['v2', 'v1'], 3).verdict().verdict).toBe('fails');
  });
});

describe('U7 inspect', () => {
  const shown: UpdateConfig = {
    ...{ Parallelism: 1, FailureAction: 'pause', Monitor: 5_000_000_000, MaxFailureRatio: 0 },
    Order: 'stop-first',
  };
  const inspected = (config: UpdateConfig, previous: boolean): MadeHistory => {
    const value = (image: string): unknown => ({
      Spec: madeSpec('web', { image, update: config, rollback: config }),
      ...(image === 'v2' && previous ? { PreviousSpec: madeSpec('web') } : {}),
    });
    return new MadeHistory({ managers: 1, workers: 0 }, ['U7'])
      .at(1)
      .create('n1', 'web')
      .service('web', {})
      .task('web.1.a')
      .call('n1', 'GET', '/services/web?insertDefaults=true', { value: value('v1') })
      .at(5)
      .update('n1', 'web', { image: 'v2' })
      .at(6)
      .call('n1', 'GET', '/services/web?insertDefaults=true', { value: value('v2') });
  };
  test('holds when it shows the defaults, the spec and the previous spec', () => {
    expect(inspected(shown, true).verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('fails when a default is another', () => {
    expect(inspected({ ...shown, Monitor: 0 }, true).verdict().verdict).toBe('fails');
  });
  test('fails when the previous spec is missing after an update', () => {
    expect(inspected(shown, false).verdict().verdict).toBe('fails');
  });
});

describe('U8 the task history', () => {
  /** `kept` tasks stay in the slot after each update; the limit is lowered to 2 before the last. */
  const updated = (kept: number, atOnce = false, keptAfter = 2): MadeHistory => {
    const history = new MadeHistory({ managers: 1, workers: 0 }, ['U8']).at(1);
    history.service('web', { force: 0 }).task('web.1.0');
    let oldest = 0;
    const keep = (newest: number, count: number): void => {
      for (; newest - oldest >= count; oldest += 1) history.gone(`web.1.${oldest}`);
    };
    const force = (round: number, count: number): void => {
      history
        .at(10 * round)
        .update('n1', 'web', { force: round })
        .at(10 * round + 1);
      history.service('web', { force: round });
      history.task(`web.1.${round - 1}`, { desired: 'shutdown', state: 'shutdown' });
      history.task(`web.1.${round}`);
      keep(round, count);
    };
    for (let round = 1; round <= 6; round += 1) force(round, kept);
    const body = { Orchestration: { TaskHistoryRetentionLimit: 2 } };
    history.at(66).call('n1', 'POST', '/swarm/update?version=1', {}, body);
    if (atOnce) keep(6, 2);
    force(7, keptAfter);
    return history.at(90);
  };
  test('holds when five stay, and two after the next update', () => {
    expect(updated(5).verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('fails when six stay', () => {
    expect(updated(6).verdict().verdict).toBe('fails');
  });
  test('fails when the lower limit takes no effect', () => {
    expect(updated(5, false, 5).verdict().verdict).toBe('fails');
  });
  test('fails when the lower limit takes effect at once', () => {
    expect(updated(5, true).verdict().verdict).toBe('fails');
  });
});

describe('U9 placement of updates', () => {
  const twice = (first: string, second: readonly [string, string]): MadeHistory => {
    const history = new MadeHistory({ managers: 1, workers: 1 }, ['U9'])
      .at(1)
      .setNode('n2', 'drain');
    history.at(2).service('web', { replicas: 2 }).task('web.1.a').task('web.2.a');
    const roll = (atS: number, image: string, nodes: readonly [string, string]): void => {
      history
        .at(atS)
        .update('n1', 'web', { replicas: 2, image })
        .at(atS + 0.1);
      history.service('web', { replicas: 2, image });
      for (const [index, node] of nodes.entries()) {
        for (const old of ['a', 'v2'])
          if (old !== image && (old === 'a') === (image === 'v2'))
            history.task(`web.${index + 1}.${old}`, { desired: 'shutdown', state: 'shutdown' });
        history.task(`web.${index + 1}.${image}`, { node, image });
      }
    };
    roll(10, 'v2', ['n1', first]);
    history.at(20).setNode('n2', 'active');
    roll(30, 'v3', second);
    return history.at(40);
  };
  test('holds when the drained node gets nothing, and its share once active', () => {
    expect(twice('n1', ['n1', 'n2']).verdict()).toMatchObject({ verdict: 'holds' });
  });
  test('fails when the drained node gets a task', () => {
    expect(twice('n2', ['n1', 'n2']).verdict().verdict).toBe('fails');
  });
  test('fails when the activated, empty node is left out', () => {
    expect(twice('n1', ['n1', 'n1']).verdict().verdict).toBe('fails');
  });
});
