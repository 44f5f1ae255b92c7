import { describe, expect, test } from '@jest/globals';
import { World } from '../world.ts';
import { drawPlan } from './draw.ts';
import { FAULT_KEYS, faultKeys, type FaultKey } from './fault-words.ts';
import { Nemesis } from './nemesis.ts';
import type { ExplorerFault, PlannedLink } from './plan.ts';

const AWAY: readonly PlannedLink[] = [
  { from: 'leader', to: 'rest' },
  { from: 'rest', to: 'leader' },
];
const SLOW = { delayMs: 20, jitterMs: 0, loss: 0, duplication: 0 };
const cut = (shape: Extract<ExplorerFault, { kind: 'cut' }>['shape']): ExplorerFault => ({
  ...{ kind: 'cut', shape, links: AWAY },
});
const onLeader = <K extends ExplorerFault['kind']>(kind: K) => ({ kind, node: 'leader' });

/** One of each kind, by what it counts as. */
const EACH: Readonly<Record<FaultKey, ExplorerFault>> = {
  crash: onLeader('crash'),
  kill: onLeader('kill'),
  stop: onLeader('stop'),
  pause: onLeader('pause'),
  'slow machine': { ...onLeader('slow-machine'), factor: 50 },
  'clock skew': { ...onLeader('skew'), offsetMs: 20_000, driftPpm: 0 },
  'clock drift': { ...onLeader('skew'), offsetMs: 0, driftPpm: 20_000 },
  'cut away': cut('away'),
  'cut halves': cut('halves'),
  'cut bridge': cut('bridge'),
  'cut ring': cut('ring'),
  'cut one-way': { kind: 'cut', shape: 'one-way', links: AWAY.slice(0, 1) },
  'cut swizzle': cut('swizzle'),
  'link delay': { kind: 'slow', links: AWAY, ...SLOW },
  'link jitter': { kind: 'slow', links: AWAY, ...SLOW, delayMs: 0, jitterMs: 100 },
  'link loss': { kind: 'slow', links: AWAY, ...SLOW, delayMs: 0, loss: 0.3 },
  'link duplication': { kind: 'slow', links: AWAY, ...SLOW, delayMs: 0, duplication: 0.5 },
  'link reset': { kind: 'reset', links: AWAY },
  'disk full': onLeader('disk-full'),
  'disk slow': { ...onLeader('disk-slow'), syncMs: 1000 },
  'sync fails': onLeader('sync-fails'),
  'crash at a write': { ...onLeader('crash-at-write'), writes: 2 },
  'lost writes': { ...onLeader('lost-writes'), afterMs: 500 },
  'rotten log': { ...onLeader('disk-rot'), what: 'log' },
  'rotten snapshot': { ...onLeader('disk-rot'), what: 'snapshot' },
  'rotten state': { ...onLeader('disk-rot'), what: 'state' },
  'engine restart': onLeader('restart-engine'),
  'container exit': { kind: 'exit', service: 'web', pick: 3, code: 137 },
  'slow pulls': { ...onLeader('slow-pulls'), pullMs: 5000 },
  'failing pulls': { ...onLeader('slow-pulls'), pullMs: 500, failure: 'no registry' },
};

function swarmWith(seed: string): World {
  const swarm = World.of(3, 1, seed);
  swarm.createService('web', 4);
  swarm.until('all run', () => swarm.running('web').length === 4);
  return swarm;
}

describe('a drawn fault', () => {
  test('is of every kind there is, in a thousand plans', () => {
    const drawn = new Set<FaultKey>();
    for (let run = 0; run < 1000; run += 1)
      for (const fault of drawPlan(`kinds-${run}`).faults)
        for (const key of faultKeys(fault)) drawn.add(key);
    expect([...drawn].toSorted()).toEqual([...FAULT_KEYS].toSorted());
  });

  test.each(FAULT_KEYS.filter((key) => key !== 'rotten snapshot'))(
    '%s: bites in the middle of a running swarm, and healed all is well',
    (key) => {
      const swarm = swarmWith(key);
      const said: string[] = [];
      const nemesis = new Nemesis(swarm, (_, what) => said.push(what));
      expect(faultKeys(EACH[key])).toEqual([key]);
      expect(nemesis.inject(EACH[key])).not.toBeNull();
      expect(said).toEqual([expect.stringContaining(key)]);
      swarm.advance(20_000);
      nemesis.healAll();
      const isWell = (): boolean =>
        swarm.nodes().length === 4 &&
        swarm.nodes().every((node) => node.status.state === 'ready') &&
        swarm.running('web').length === 4;
      swarm.until('all is well', isWell);
    },
  );

  test('hits nothing where there is nothing: no snapshot, no container of the service', () => {
    const nemesis = new Nemesis(World.of(3, 0), () => undefined);
    expect(nemesis.inject(EACH['rotten snapshot'])).toBeNull();
    expect(nemesis.inject(EACH['container exit'])).toBeNull();
  });
});

describe('rotten disks', () => {
  test('are ruin once the machine starts again, and no more members are ruined than Swarm bears', () => {
    const swarm = swarmWith('ruin');
    const nemesis = new Nemesis(swarm, () => undefined);
    const hit = ['m1', 'm2', 'm3'].filter(
      (node) => nemesis.inject({ kind: 'disk-rot', node, what: 'log' }) !== null,
    );
    expect(hit).toEqual(['m1']);
    expect(nemesis.isRuined('m1')).toBe(false);
    nemesis.inject({ kind: 'crash', node: 'm1' })?.();
    swarm.advance(100);
    expect(['m1', 'm2', 'm3', 'w1'].filter((name) => nemesis.isRuined(name))).toEqual(['m1']);
    swarm.until('the others go on', () => ['m2', 'm3'].includes(swarm.leader()));
  });
});

test('a machine has one fault of a kind that does not add up', () => {
  const nemesis = new Nemesis(World.of(1, 0), () => undefined);
  const first = nemesis.inject(EACH['clock skew']);
  expect(nemesis.inject(EACH['clock drift'])).toBeNull();
  first?.();
  expect(nemesis.inject(EACH['clock drift'])).not.toBeNull();
});
