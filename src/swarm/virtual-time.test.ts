import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../model/random.ts';
import { VirtualTime } from './virtual-time.ts';

describe('virtual time', () => {
  test('runs timers by their time, and those of one time in the order of arming', () => {
    const time = new VirtualTime();
    const random = createRandom('timers');
    const armed = Array.from({ length: 500 }, (_, turn) => ({ at: random.below(40), turn }));
    const ran: { at: number; turn: number }[] = [];
    for (const due of armed) time.after(due.at, () => ran.push(due));
    time.advance(40);
    expect(ran).toEqual([...armed].sort((a, b) => a.at - b.at || a.turn - b.turn));
  });

  test('keeps that order however far off timers were armed, one in the middle of another included', () => {
    const time = new VirtualTime();
    const random = createRandom('far timers');
    const begin = time.now;
    const armed: { at: number; turn: number }[] = [];
    const ran: { at: number; turn: number }[] = [];
    const arm = (delayMs: number): void => {
      const due = { at: time.now + delayMs, turn: armed.length };
      armed.push(due);
      time.after(delayMs, () => {
        ran.push(due);
        if (armed.length < 2000) arm([0, 1, 399, 400, 5000][random.below(5)] ?? 0);
      });
    };
    for (let n = 0; n < 200; n += 1) arm(random.below(30) * 100);
    for (let step = 0; step < 40; step += 1) time.advance(random.below(3000));
    time.advance(100_000);
    expect(armed).toHaveLength(2000);
    expect(ran).toEqual([...armed].sort((a, b) => a.at - b.at || a.turn - b.turn));
    expect(time.now - begin).toBeGreaterThan(100_000);
  });

  test('gives a callback its subject', () => {
    const time = new VirtualTime();
    const told: string[] = [];
    const tell = (word: string): void => {
      told.push(word);
    };
    time.afterWith(2, tell, 'two');
    time.afterWith(1, tell, 'one').cancel();
    time.advance(2);
    expect(told).toEqual(['two']);
  });

  test('never runs a cancelled timer, however many there are', () => {
    const time = new VirtualTime();
    const ran: number[] = [];
    const timers = Array.from({ length: 1000 }, (_, n) => time.after(n, () => ran.push(n)));
    timers.forEach((timer, n) => {
      if (n % 7 !== 0) timer.cancel();
    });
    expect(time.armed).toBe(143);
    time.advance(500);
    timers.at(994)?.cancel();
    timers.at(0)?.cancel();
    expect(time.armed).toBe(70);
    time.advance(1000);
    expect(ran).toEqual(Array.from({ length: 143 }, (_, n) => n * 7).filter((n) => n !== 994));
    expect([time.armed, time.nextAt]).toEqual([0, Infinity]);
  });

  test('shows each callback the time that it was due at, also one armed by another', () => {
    const time = new VirtualTime();
    const begin = time.now;
    const seen: number[] = [];
    time.after(10, () => {
      seen.push(time.now - begin);
      time.after(5, () => seen.push(time.now - begin));
      time.after(100, () => seen.push(-1));
    });
    time.advance(20);
    expect(seen).toEqual([10, 15]);
    expect(time.now - begin).toBe(20);
  });

  test('tells its watchers after every callback, until they end it', () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const end = time.onEvent(() => seen.push('looked'));
    for (const name of ['a', 'b', 'c']) time.after(name.charCodeAt(0), () => seen.push(name));
    time.advance(98);
    end();
    time.advance(1);
    expect(seen).toEqual(['a', 'looked', 'b', 'looked', 'c']);
  });
});
