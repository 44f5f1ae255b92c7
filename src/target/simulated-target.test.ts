import { expect, test } from '@jest/globals';
import { simulatedTarget } from './simulated-target.ts';

const scenario = { shape: { managers: 1, workers: 0 }, seed: 'engines' };

test.each([
  ['20.10', '20.10.24', "Invalid filter 'foo'"],
  ['28.5', '28.5.2', "invalid filter 'foo'"],
] as const)('a simulated swarm behaves like engine %s', async (line, version, text) => {
  const target = await simulatedTarget(scenario, line);
  const path = '/services?filters=%7B%22foo%22%3A%5B%22x%22%5D%7D';
  const told = await target.call({ node: 'n1', method: 'GET', path });
  const nodes = await target.call({ node: 'n1', method: 'GET', path: '/nodes' });
  await target.stop();
  expect(target.engine).toBe(version);
  expect(told).toMatchObject({ status: 400, value: { message: text } });
  expect(nodes).toMatchObject({
    value: [{ Description: { Engine: { EngineVersion: version } } }],
  });
});

test('and like 26.1 unless told', async () => {
  const target = await simulatedTarget(scenario);
  await target.stop();
  expect(target.engine).toBe('26.1.5');
});
