import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLab } from '../../src/lab/create-lab.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { runIn } from '../../src/lab/node-exec.ts';
import { away, deaf } from '../../src/lab/partition-shapes.ts';
import type { Fault, LinkToxic } from '../../src/model/fault.ts';
import { swarmOptions } from './lab-options.ts';

const LONG_MS = 120_000;
const MIB = 2 ** 20;
let lab: Lab;

/** n1 leads, n2 and n3 follow, n4 works; real Swarm, with disks that can be filled. */
beforeAll(async () => {
  const options = await swarmOptions(`faults-${process.pid}`);
  lab = await createLab({ ...options, managers: 3, workers: 1, diskBytes: 512 * MIB });
  await lab.formSwarm();
}, 600_000);

afterEach(async () => {
  await lab.healAll();
}, LONG_MS);

afterAll(async () => {
  await lab.down();
}, LONG_MS);

const between = (toxic: LinkToxic): Fault => ({
  kind: 'links',
  links: [{ from: 'n2', to: 'n3' }],
  toxic,
  plane: 'control',
});

describe('a fault bites and its heal takes', () => {
  test.each<Fault>([
    between({ kind: 'drop' }),
    between({ kind: 'reset' }),
    between({ kind: 'latency', latencyMs: 300, jitterMs: 50 }),
    between({ kind: 'bandwidth', kilobytesPerSecond: 2 }),
    between({ kind: 'slow-close', delayMs: 500 }),
    between({ kind: 'cut-after', bytes: 100 }),
    away(['n4'], ['n1', 'n2', 'n3', 'n4'], 'full'),
    away(['n3'], ['n1', 'n2', 'n3', 'n4'], 'data'),
    deaf('n3', ['n1', 'n2', 'n3', 'n4'], 'control'),
    { kind: 'pause', node: 'n4' },
    { kind: 'unplug', node: 'n4' },
    { kind: 'kill', node: 'n4' },
    { kind: 'stop', node: 'n4' },
    { kind: 'starve-cpu', node: 'n4', share: 0.1 },
    { kind: 'fill-disk', node: 'n4', freeBytes: MIB },
    { kind: 'skew-clock', node: 'n4', offsetMs: -90_500 },
  ])(
    '%j',
    async (fault) => {
      const active = await lab.inject(fault);
      expect(active.proof.after).not.toBe(active.proof.before);
      expect(lab.active()).toContain(active);
      const proof = await active.heal();
      expect(proof.after).not.toBe('');
      expect(lab.active()).toEqual([]);
      expect((await lab.links()).flatMap((link) => link.toxics)).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'a container is killed, paused and removed by task id through the engine of its node',
    async () => {
      const task = await taskOn('n4');
      const paused = await lab.inject({ kind: 'pause-container', node: 'n4', container: task });
      expect((await paused.heal()).after).toBe('running');
      await lab.inject({ kind: 'kill-container', node: 'n4', container: task });
      const next = await taskOn('n4', task);
      const removed = await lab.inject({ kind: 'remove-container', node: 'n4', container: next });
      expect(removed.proof.after).toBe('gone');
    },
    LONG_MS,
  );
});

test(
  'the link to a killed node lets its callers go, so that the first one after the heal comes through',
  async () => {
    const kill = await lab.inject({ kind: 'kill', node: 'n3' });
    const call = `exec 3<>/dev/tcp/${lab.node('n3').address}/2377; cat <&3`;
    // Two: the second waits for the first. From n4, which has the least to say to n3 itself.
    const { containerId } = lab.node('n4');
    const calls = [1, 2].map(() => runIn(containerId, `timeout 30 bash -c '${call}'`, 40_000));
    await expect(Promise.all(calls)).resolves.toBeDefined();
    await kill.heal();
  },
  LONG_MS,
);

describe('a fault that cannot bite is told', () => {
  test(
    'a node that is down already cannot be killed',
    async () => {
      await lab.inject({ kind: 'kill', node: 'n4' });
      await expect(lab.inject({ kind: 'kill', node: 'n4' })).rejects.toMatchObject({
        code: 'fault-not-bitten',
      });
    },
    LONG_MS,
  );

  test.each<Fault>([
    { kind: 'kill', node: 'n9' },
    { kind: 'skew-clock', node: 'n4', offsetMs: 0.5 },
    { kind: 'starve-cpu', node: 'n4', share: 0 },
    { kind: 'remove-container', node: 'n4', container: 'nobody' },
  ])('%j is bad usage', async (fault) => {
    await expect(lab.inject(fault)).rejects.toMatchObject({ code: 'bad-usage' });
    expect(lab.active()).toEqual([]);
  });
});

describe('faults upon faults', () => {
  test(
    'a link cut twice is healed only when both cuts are',
    async () => {
      const first = await lab.inject(between({ kind: 'drop' }));
      const second = await lab.inject(between({ kind: 'drop' }));
      await first.heal();
      expect((await lab.links()).flatMap((link) => link.toxics)).toHaveLength(2);
      await second.heal();
      expect((await lab.links()).flatMap((link) => link.toxics)).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'a cut of the data plane outlives a kill of its hearer, and is gone when healed meanwhile',
    async () => {
      const cutOff = async (): Promise<readonly string[]> =>
        (await lab.status()).find(({ node }) => node.name === 'n4')?.cutOff ?? [];
      const cut = await lab.inject(away(['n4'], ['n1', 'n2', 'n3', 'n4'], 'data'));
      const kill = await lab.inject({ kind: 'kill', node: 'n4' });
      await kill.heal();
      expect(await cutOff()).toEqual(['n1', 'n2', 'n3']);
      const again = await lab.inject({ kind: 'kill', node: 'n4' });
      await cut.heal();
      await again.heal();
      expect(await cutOff()).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'everything at once is put right by one healAll',
    async () => {
      await lab.inject(between({ kind: 'drop' }));
      await lab.inject({ kind: 'starve-cpu', node: 'n3', share: 0.2 });
      await lab.inject({ kind: 'pause', node: 'n4' });
      await lab.healAll();
      expect(lab.active()).toEqual([]);
      await lab.ready();
      const states = (await lab.status()).map(({ state }) => state);
      for (const state of states) expect(state).toMatch(/^running, plugged; API answers/);
    },
    LONG_MS,
  );
});

/** The id of a running task of a global service on a node, another one than `before`. */
async function taskOn(name: string, before?: string): Promise<string> {
  const manager = lab.node('n1').client;
  await manager.call('POST', '/services/create', {
    body: {
      Name: 'everywhere',
      TaskTemplate: { ContainerSpec: { Image: 'swarmtwin/workload:v1' } },
      Mode: { Global: {} },
    },
  });
  for (let tries = 0; tries < 300; tries++) {
    const answer = await lab.node(name).client.call('GET', '/containers/json');
    if (answer.kind !== 'answer') throw new Error(answer.message);
    const list = JSON.parse(answer.body) as { Labels: Record<string, string>; State: string }[];
    const task = list
      .filter(({ State }) => State === 'running')
      .map(({ Labels }) => Labels['com.docker.swarm.task.id'])
      .find((id) => id !== undefined && id !== before);
    if (task !== undefined) return task;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no task came up on ${name}`);
}
