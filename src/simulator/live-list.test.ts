import { expect, test } from '@jest/globals';
import { LiveList } from './live-list.ts';

interface Item {
  readonly n: number;
  isLive: boolean;
}

test('lists what is live in the order in which it began, however much has ended meanwhile', () => {
  const list = new LiveList<Item>(({ isLive }) => isLive);
  const items = Array.from({ length: 1000 }, (_, n): Item => ({ n, isLive: true }));
  for (const item of items) {
    list.add(item);
    const old = items[item.n - 3];
    if (old === undefined || old.n % 100 === 0) continue;
    old.isLive = false;
    list.ended();
  }
  const left = [...Array.from({ length: 10 }, (_, n) => n * 100), 997, 998, 999];
  expect(list.live().map(({ n }) => n)).toEqual(left);
});

test('gives what is live once, and has none of it then', () => {
  const list = new LiveList<Item>(({ isLive }) => isLive);
  const [one, two] = [
    { n: 1, isLive: true },
    { n: 2, isLive: true },
  ];
  list.add(one);
  list.add(two);
  one.isLive = false;
  list.ended();
  expect(list.take()).toEqual([two]);
  two.isLive = false;
  list.ended();
  const three = { n: 3, isLive: true };
  list.add(three);
  expect(list.live()).toEqual([three]);
});
