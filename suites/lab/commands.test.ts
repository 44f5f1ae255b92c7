import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  labCut,
  labDown,
  labHeal,
  labKill,
  labSlow,
  labStart,
  labStatus,
  labUp,
} from '../../src/lab/commands.ts';
import { findLabs } from '../../src/lab/find-labs.ts';
import { removeLab } from '../../src/lab/remove-lab.ts';
import { sweep } from '../../src/lab/sweep.ts';
import { swarmOptions } from './lab-options.ts';

const LONG_MS = 180_000;
const lab = `people-${process.pid}`;
let printed: readonly string[];

beforeAll(async () => {
  printed = await labUp({ ...(await swarmOptions(lab)), managers: 3, workers: 1 });
}, 600_000);

afterAll(async () => {
  for (const { identity } of await findLabs())
    if (identity.name === lab) await removeLab(identity.id);
}, LONG_MS);

const status = async (): Promise<string> => (await labStatus(lab)).join('\n');

test('lab up prints the DOCKER_HOST of every node, and the sweep leaves the lab alone', async () => {
  expect(printed.filter((line) => /DOCKER_HOST=tcp:\/\/[\d.]+:2375$/.test(line))).toHaveLength(4);
  await sweep();
  expect(await status()).toContain('n4: running, plugged; API answers');
});

test('a second lab of the same name is refused', async () => {
  await expect(labUp(await swarmOptions(lab))).rejects.toMatchObject({ code: 'bad-usage' });
});

test(
  'what one command breaks the next ones see, and lab heal puts right',
  async () => {
    await labCut(['n3'], { lab });
    await labSlow(['n2'], { kind: 'latency', latencyMs: 200, jitterMs: 0 }, { lab });
    await labKill(['n4'], { lab });
    const broken = await status();
    expect(broken).toMatch(/n4: exited \(137\)/);
    expect(broken).toMatch(/n3: .*hears no data from n1, n2, n4/);
    expect(broken).toMatch(/link n1-n3: .*drop.*\/upstream/);
    expect(broken).toMatch(/link n1-n2: .*latency/);
    await labStart(['n4'], { lab });
    expect(await status()).toMatch(/n4: running, plugged; API answers/);
    await labHeal({ lab });
    expect(await status()).not.toMatch(/link |hears no data/);
  },
  LONG_MS,
);

test(
  'lab down leaves nothing',
  async () => {
    await labDown(lab);
    await expect(labStatus(lab)).rejects.toMatchObject({ code: 'bad-usage' });
  },
  LONG_MS,
);
