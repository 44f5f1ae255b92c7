import { describe, expect, test } from '@jest/globals';
import type { Phase, PhaseName } from '../model/fidelity.ts';
import type { Fault } from '../model/fault.ts';
import { phasesOfOutage } from './fidelity-phases.ts';
import { MadeHistory } from './made-history.ts';
import { tellStory } from './story.ts';

function phasesOf(history: MadeHistory): Partial<Record<PhaseName, Phase>> {
  const story = tellStory(history.end());
  if (story === null) throw new Error('no story');
  return Object.fromEntries(phasesOfOutage(story).map((phase) => [phase.name, phase]));
}

const begun = (managers: number, workers: number): MadeHistory =>
  new MadeHistory({ managers, workers }, [])
    .at(1)
    .service('web', { replicas: 2 })
    .at(2)
    .task('web.1', { node: `n${managers + workers}` })
    .task('web.2', { node: 'n1' });

describe('the loss of a worker', () => {
  const lost = (): MadeHistory => begun(1, 1).at(10).fault('lost', { kind: 'kill', node: 'n2' });
  const history = lost().at(22).node('n2', { state: 'down' }).replace('web.1.b', 'n1', 5.5);
  const phases = phasesOf(history.at(40).heal('lost').at(46).node('n2', { state: 'ready' }).at(50));

  test('is told as Down, refill, running and ready again', () => {
    const ms = Object.fromEntries(Object.entries(phases).map(([name, phase]) => [name, phase.ms]));
    expect(ms).toEqual({
      ...{ 'fault to down': 12_000, 'down to refill': 0 },
      ...{ 'refill to running': 5500, 'heal to ready': 6000 },
    });
  });

  test('has ranges of the settings: three heartbeats, the restart delay', () => {
    expect(phases['fault to down']).toMatchObject({ lowMs: 8000, highMs: 17_750 });
    expect(phases['refill to running']).toMatchObject({ lowMs: 4750, highMs: 7500 });
  });

  test('gives a graceful stop the time that it took', () => {
    const fault: Fault = { kind: 'stop', node: 'n2' };
    const history = begun(1, 1).at(10).begin('lost', fault).at(14).bitten('lost', fault);
    const { 'fault to down': down } = phasesOf(history.at(26).node('n2', { state: 'down' }).at(30));
    expect(down).toMatchObject({ ms: 16_000, highMs: 21_750 });
  });

  test('that nobody noticed has no phases', () => {
    expect(phasesOf(lost().at(13).heal('lost').at(20))).toEqual({});
  });
});

test('a service with a restart delay of its own is refilled after that one', () => {
  const history = new MadeHistory({ managers: 1, workers: 1 }, []).at(1);
  const seconds = (count: number): number => count * 1e9;
  history.service('web', { replicas: 1, restart: { Delay: seconds(8) } }).at(2);
  history.task('web.1', { node: 'n2' }).at(10).fault('lost', { kind: 'kill', node: 'n2' });
  history.at(22).node('n2', { state: 'down' }).replace('web.1.b', 'n1', 8.4).at(40);
  expect(phasesOf(history)['refill to running']).toMatchObject({ lowMs: 7750, highMs: 10_500 });
});

test('the loss of the leader is told as an election and the longer grace after it', () => {
  const history = begun(3, 0).eye('n2').at(10).fault('lost', { kind: 'kill', node: 'n1' });
  history.at(21).node('n1', { leader: false }).node('n2', { leader: true });
  const phases = phasesOf(history.at(51).node('n1', { state: 'down' }).at(60));
  expect(phases['fault to leader']).toMatchObject({ ms: 11_000, lowMs: 8000, highMs: 30_250 });
  expect(phases['leader to down']).toMatchObject({ ms: 30_000, lowMs: 25_750, highMs: 34_250 });
  expect(phases['fault to down']).toBeUndefined();
});

test('the loss of the quorum is told as the refusal, and its return as a leader', () => {
  const history = begun(2, 0).at(10).fault('lost', { kind: 'kill', node: 'n2' });
  history.at(34).control('n1', 'no-leader').at(50).heal('lost');
  const phases = phasesOf(history.at(62).node('n1', { leader: true, state: 'unknown' }).at(70));
  expect(Object.keys(phases)).toEqual(['fault to error', 'heal to leader']);
  expect(phases['fault to error']).toMatchObject({ ms: 24_000, lowMs: 19_000, highMs: 32_250 });
  expect(phases['heal to leader']).toMatchObject({ ms: 12_000, highMs: 31_250 });
});
