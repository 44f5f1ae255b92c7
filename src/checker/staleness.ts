/**
 * What the clients of one register were told, held against what can have been: all writes take place one after another, and each read tells what was
 * there at a moment between its call and its answer. A read that tells what was there before its call is stale, by so long.
 */
import type { Asked } from './asked.ts';
import { linearizable } from './linearizable.ts';
import type { Answer, Model } from './linearizable.ts';
import { NAME_REGISTER, versionedRegister } from './registers.ts';
import type { RegisterOp } from './registers.ts';

export interface StaleRead {
  readonly read: Asked;
  /** At least so long ago was it true. */
  readonly byMs: number;
}

export interface Told {
  readonly register: string;
  /** Of the writes, and of the reads however old they may be. */
  readonly answer: Answer;
  /** The first operation that cannot be, where the answer is a refusal. */
  readonly wrong: Asked | undefined;
  readonly stale: readonly StaleRead[];
}

/** In `asked` there is one register only, in the order of the calls. */
export function judgeRegister(register: string, asked: readonly Asked[]): Told {
  const ends = (all: readonly Asked[]): Answer =>
    asked[0]?.of === 'name' ? search(all, NAME_REGISTER) : search(all, versionedRegister('0'));
  const none: readonly StaleRead[] = [];
  const whole = ends(asked);
  if (whole !== 'refused') return { register, answer: whole, wrong: undefined, stale: none };
  const writes = asked.filter(({ isRead }) => !isRead);
  const written = ends(writes);
  if (written !== 'linearizable')
    return { register, answer: written, wrong: firstWrong(writes, ends), stale: none };
  return { register, ...withReads(asked, writes, ends) };
}

const search = <State>(asked: readonly Asked[], model: Model<State, RegisterOp>): Answer =>
  linearizable(asked, model);

type Ends = (asked: readonly Asked[]) => Answer;

/** The operation whose answer makes the history impossible: up to any answer before it all can have been. */
function firstWrong(asked: readonly Asked[], ends: Ends): Asked | undefined {
  const answered = asked
    .filter(({ endN }) => Number.isFinite(endN))
    .sort((a, b) => a.endN - b.endN);
  const at = firstThat(answered.length, (index) => {
    const n = answered[index]?.endN ?? 0;
    const until = asked.flatMap((each) => {
      if (each.beginN > n) return [];
      return [each.endN > n ? { ...each, endN: Infinity } : each];
    });
    return ends(until) === 'refused';
  });
  return answered[at];
}

/** Takes the reads in, in the order of their answers, and leaves each one out that does not fit, once it is known how old it is. */
function withReads(
  asked: readonly Asked[],
  writes: readonly Asked[],
  ends: Ends,
): Omit<Told, 'register'> {
  const stale: StaleRead[] = [];
  let fit = writes;
  let left = asked.filter(({ isRead }) => isRead).sort((a, b) => a.endN - b.endN);
  for (;;) {
    const kept = fit;
    const at = firstThat(
      left.length,
      (index) => ends([...kept, ...left.slice(0, index + 1)]) !== 'linearizable',
    );
    fit = [...fit, ...left.slice(0, at)];
    const read = left[at];
    if (read === undefined) return { answer: 'linearizable', wrong: undefined, stale };
    const answer = ends([...fit, read]);
    if (answer === 'unknown') return { answer, wrong: undefined, stale };
    const byMs = ageOf(read, fit, ends);
    if (byMs === null) return { answer: 'refused', wrong: read, stale };
    stale.push({ read, byMs });
    left = left.slice(at + 1);
  }
}

/** How much earlier the read would have had to begin; null where what it tells never was. */
function ageOf(read: Asked, fit: readonly Asked[], ends: Ends): number | null {
  const moments = fit.filter(({ endN }) => endN < read.beginN).sort((a, b) => b.endN - a.endN);
  const at = firstThat(
    moments.length,
    (index) =>
      ends([...fit, { ...read, beginN: (moments[index]?.endN ?? 0) - 0.5 }]) === 'linearizable',
  );
  const moment = moments[at];
  return moment === undefined ? null : read.beginMs - moment.endMs;
}

/** The first index below `count` of which it is true, as it is of all after it; `count` where there is none. */
function firstThat(count: number, isSo: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
