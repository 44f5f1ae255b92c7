import { describe, expect, test } from '@jest/globals';
import { Progress } from './progress.ts';

describe('a probed follower', () => {
  test('gets one append, and the next only after an answer', () => {
    const progress = new Progress(5, true, 3);
    expect(progress.paused).toBe(false);
    progress.sent(6, 2);
    expect([progress.paused, progress.next]).toEqual([true, 5]);
    progress.acknowledge(6);
    expect([progress.paused, progress.match, progress.next]).toEqual([false, 6, 7]);
  });
  test('is asked again further back after a refusal, straight at the hint', () => {
    const progress = new Progress(50, true, 3);
    progress.sent(50, 1);
    expect(progress.reject(49, 20)).toBe(true);
    expect([progress.next, progress.paused]).toEqual([21, false]);
  });
  test('always falls back at least one step, whatever the hint', () => {
    const progress = new Progress(50, true, 3);
    expect(progress.reject(49, 90)).toBe(true);
    expect(progress.next).toBe(49);
  });
  test('is not moved by the refusal of an older question', () => {
    const progress = new Progress(50, true, 3);
    expect(progress.reject(30, 20)).toBe(false);
    expect(progress.next).toBe(50);
  });
  test('is never asked below what it is known to hold', () => {
    const progress = new Progress(10, true, 3);
    progress.acknowledge(9);
    expect(progress.reject(9, 2)).toBe(true);
    expect(progress.next).toBe(10);
  });
  test('is asked again once it answers a heartbeat, in case the append was lost', () => {
    const progress = new Progress(5, true, 3);
    progress.sent(5, 1);
    progress.resume();
    expect(progress.paused).toBe(false);
  });
});

describe('a replicating follower', () => {
  test('gets appends ahead of its answers until the window is full', () => {
    const progress = replicating(3);
    for (const last of [1, 2, 3]) {
      expect(progress.paused).toBe(false);
      progress.sent(last, 1);
    }
    expect([progress.paused, progress.next]).toEqual([true, 4]);
  });
  test('frees all of the window that an answer covers', () => {
    const progress = replicating(3);
    for (const last of [1, 2, 3]) progress.sent(last, 1);
    progress.acknowledge(2);
    progress.release(2);
    progress.sent(4, 1);
    expect(progress.paused).toBe(false);
    progress.sent(5, 1);
    expect(progress.paused).toBe(true);
  });
  test('counts only appends with entries', () => {
    const progress = replicating(1);
    progress.sent(0, 0);
    expect(progress.paused).toBe(false);
  });
  test('gets one more append per answered heartbeat when the window is full', () => {
    const progress = replicating(2);
    progress.sent(1, 1);
    progress.sent(2, 1);
    progress.resume();
    expect(progress.paused).toBe(false);
    progress.sent(3, 1);
    expect(progress.paused).toBe(true);
  });
  test('falls back to what it surely holds when it refuses', () => {
    const progress = replicating(5);
    progress.acknowledge(1);
    progress.sent(4, 3);
    expect(progress.reject(4, 0)).toBe(true);
    expect(progress.next).toBe(2);
  });
  test('is not moved by a refusal of what it has since taken', () => {
    const progress = replicating(5);
    progress.acknowledge(4);
    expect(progress.reject(3, 0)).toBe(false);
    expect(progress.next).toBe(5);
  });
  test('keeps its window exact over many appends', () => {
    const progress = replicating(4);
    for (let last = 1; last <= 1000; last++) {
      progress.sent(last, 1);
      progress.release(last - 3);
    }
    expect(progress.paused).toBe(false);
    progress.sent(1001, 1);
    expect(progress.paused).toBe(true);
  });
});

describe('a follower that is sent a snapshot', () => {
  test('gets nothing else meanwhile', () => {
    const progress = new Progress(1, true, 3);
    progress.becomeSnapshot(20);
    progress.resume();
    expect(progress.paused).toBe(true);
  });
  test('goes on after the snapshot once delivered, and waits for a sign of life', () => {
    const progress = new Progress(1, true, 3);
    progress.becomeSnapshot(20);
    progress.endSnapshot(true);
    expect([progress.state, progress.next, progress.paused]).toEqual(['probe', 21, true]);
  });
  test('goes back to where it was when the snapshot was lost', () => {
    const progress = new Progress(1, true, 3);
    progress.becomeSnapshot(20);
    progress.endSnapshot(false);
    expect([progress.state, progress.next, progress.paused]).toEqual(['probe', 1, true]);
  });
});

function replicating(window: number): Progress {
  const progress = new Progress(1, true, window);
  progress.becomeReplicate();
  return progress;
}
