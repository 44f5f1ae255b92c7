import { expect, test } from '@jest/globals';
import { Readings, type Metric } from './readings.ts';

const UP: Metric = { name: 'lab.up', unit: 's', aims: { swarm: 6, ratio: 1.2 } };

function measured(): Readings {
  let load = 0;
  const readings = new Readings(() => (load += 1));
  for (const value of [5, 4, 6]) readings.add(UP, 'swarm', value);
  for (const value of [9, 7, 8]) readings.add(UP, 'twin', value);
  return readings;
}

test('rows hold medians, every sample in order, and the load of each', () => {
  const [swarm, twin] = measured().rows();
  expect(swarm).toMatchObject({ name: 'lab.up.swarm', value: 5, unit: 's', samples: [5, 4, 6] });
  expect(twin).toMatchObject({ value: 8, samples: [9, 7, 8], loads: [4, 5, 6] });
});

test('the ratio is of the medians, and is judged by its own aim', () => {
  const [swarm, twin, ratio] = measured().rows();
  expect(ratio).toMatchObject({ name: 'lab.up.ratio', value: 1.6, aim: 1.2, met: false });
  expect(swarm?.met).toBe(true);
  expect(twin).not.toHaveProperty('met');
});

test('a figure that was not measured has a reason and no value, and meets no aim', () => {
  const readings = new Readings(() => 0);
  readings.skip(UP, 'the engine died');
  for (const row of readings.rows()) {
    expect(row).toMatchObject({ value: null, samples: [], reason: 'the engine died' });
    expect(row).not.toHaveProperty('met');
  }
});

test('samples from before a failure stay', () => {
  const readings = measured();
  readings.skip(UP, 'the engine died');
  expect(readings.rows()[0]).toMatchObject({ value: 5, reason: 'the engine died' });
});
