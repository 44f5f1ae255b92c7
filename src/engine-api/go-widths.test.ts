/** Where moby converts one of its whole numbers to one of SwarmKit's that has fewer bits, the lowest are kept. */
import { expect, test } from '@jest/globals';
import { convertContainer } from './convert-container.ts';
import { convertInitSpec } from './convert-swarm.ts';

test.each([
  [3, 3],
  [2 ** 31, -(2 ** 31)],
  [7_776_000_000_000_000, 365_297_664],
])('%d retries of a health check are %d', (Retries, kept) => {
  const { Healthcheck } = convertContainer({ Image: 'x', Healthcheck: { Retries } });
  expect(Healthcheck?.Retries).toBe(kept);
});

test('ticks of raft are without a sign', () => {
  const { Raft } = convertInitSpec({ Raft: { ElectionTick: -1, HeartbeatTick: 2 ** 32 + 7 } });
  expect(Raft).toMatchObject({ ElectionTick: 4_294_967_295, HeartbeatTick: 7 });
});
