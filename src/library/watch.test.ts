import { describe, expect, test } from '@jest/globals';
import { watchUrls, type Ask } from './watch.ts';

const URLS = ['http://n1', 'http://n2'];
const FAST = { everyMs: 1, patienceMs: 10 };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a service that is watched', () => {
  test('answers as long as one address does', async () => {
    const ask: Ask = (url) =>
      url === 'http://n1' ? Promise.reject(new Error('refused')) : Promise.resolve();
    const watch = watchUrls(URLS, FAST, ask);
    await watch.answering();
    await pause(30);
    const seen = await watch.stop();
    expect(seen.unanswered).toEqual([]);
    expect(seen.asked).toBeGreaterThan(1);
  });

  test('does not answer when no address does, and says why for each', async () => {
    let down = false;
    const ask: Ask = (url) =>
      down ? Promise.reject(new Error(`${url} refused`)) : Promise.resolve();
    const watch = watchUrls(URLS, FAST, ask);
    await watch.answering();
    down = true;
    await pause(60);
    down = false;
    await pause(20);
    const { unanswered, longestSilenceMs } = await watch.stop();
    expect(unanswered.length).toBeGreaterThan(0);
    expect(unanswered[0]?.why).toEqual([
      expect.stringMatching(/^http:\/\/n\d: http:\/\/n\d refused$/),
      expect.stringMatching(/^http:\/\/n\d: http:\/\/n\d refused$/),
    ]);
    expect(longestSilenceMs).toBeGreaterThanOrEqual(40);
  });

  test('is silent until the end where it never answers again', async () => {
    let down = false;
    const ask: Ask = () => (down ? Promise.reject(new Error('refused')) : Promise.resolve());
    const watch = watchUrls(URLS, FAST, ask);
    await watch.answering();
    down = true;
    await pause(50);
    expect((await watch.stop()).longestSilenceMs).toBeGreaterThanOrEqual(40);
  });

  test('is given up where it never answers at all', async () => {
    const watch = watchUrls(URLS, FAST, () => Promise.reject(new Error('refused')));
    await expect(watch.answering(60)).rejects.toThrow('nothing answered within 60 ms');
    await watch.stop();
  });
});
