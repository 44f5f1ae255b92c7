/** The times of several plays put together: how they are spread on each subject, and whether a subject took other times than the first. */
import type { Spread, Timing } from '../model/verdict.ts';
import { rankTest } from './rank-test.ts';

/** One for each kind of time and each fault, update or service; the slots of an update count together. */
export function spreadsOf(plays: readonly (readonly Timing[])[]): readonly Spread[] {
  const seen = plays.flat().filter(({ ms }) => ms !== null);
  const groups = Map.groupBy(seen, ({ name, fault }) => `${fault}\t${name}`);
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    return first === undefined ? [] : [spreadOf(first, of)];
  });
}

function spreadOf({ name, fault }: Timing, of: readonly Timing[]): Spread {
  const sides = [...Map.groupBy(of, ({ subject }) => subject)].map(([subject, times]) => ({
    subject,
    ms: times.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b),
  }));
  const [reference] = sides;
  // What a stop took, or a machine short of time, widens it: the widest is what any of the plays was allowed.
  const ranges = of.flatMap(({ range }) => range ?? []);
  const widest = ranges.toSorted((a, b) => b.highMs - a.highMs)[0];
  return {
    ...{ name, fault },
    ...(widest === undefined ? {} : { range: widest }),
    sides: sides.map(({ subject, ms }, at) => ({
      ...{ subject, ms },
      ...(at === 0 || reference === undefined ? {} : { test: rankTest(reference.ms, ms) }),
    })),
  };
}
