import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linearizable } from './linearizable.ts';
import type { Interval } from './linearizable.ts';
import { NAME_REGISTER, UNTOLD, versionedRegister } from './registers.ts';
import type { RegisterOp } from './registers.ts';

const register = versionedRegister('0');
const read = (version: number, value: string): RegisterOp => ({ kind: 'read', version, value });
const write = (version: number, value: string): RegisterOp => ({ kind: 'write', version, value });

/** Operations with their calls and answers; no answer is one that is not known. */
const judge = (...ops: readonly (readonly [RegisterOp, number, number?])[]): string =>
  linearizable(
    ops.map(([op, beginN, endN = Infinity]) => ({ op, beginN, endN })),
    register,
  );

describe('a register by version', () => {
  test('may be read old or new while it is written', () => {
    expect(judge([write(5, 'a'), 1, 9], [read(5, '0'), 2, 3], [read(6, 'a'), 4, 5])).toBe(
      'linearizable',
    );
  });

  test('is not read old after it was read new', () => {
    expect(judge([write(5, 'a'), 1, 9], [read(6, 'a'), 2, 3], [read(5, '0'), 4, 5])).toBe(
      'refused',
    );
  });

  test('takes one of two writes that name the same version', () => {
    expect(judge([write(5, 'a'), 1, 4], [write(5, 'b'), 2, 3])).toBe('refused');
    expect(judge([write(5, 'a'), 1], [write(5, 'b'), 2, 3], [read(6, 'b'), 4, 5])).toBe(
      'linearizable',
    );
  });

  test('may be written late by a write without an answer, and never before its call', () => {
    expect(judge([write(5, 'a'), 1], [read(5, '0'), 2, 3], [read(6, 'a'), 4, 5])).toBe(
      'linearizable',
    );
    expect(judge([read(6, 'a'), 1, 2], [write(5, 'a'), 3])).toBe('refused');
  });

  test('does not lose a write that was answered', () => {
    expect(judge([write(5, 'a'), 1, 2], [read(7, '0'), 3, 4])).toBe('refused');
  });
});

describe('a name', () => {
  const ops = (...all: readonly RegisterOp[]): readonly Interval<RegisterOp>[] =>
    all.map((op, at) => ({ op, beginN: 2 * at, endN: 2 * at + 1 }));
  const answer = (...all: readonly RegisterOp[]): string =>
    linearizable(ops(...all), NAME_REGISTER);

  test('is taken once, and free after a removal', () => {
    const twice: readonly RegisterOp[] = [
      { kind: 'create', id: 'a' },
      { kind: 'create', id: 'b' },
    ];
    expect(answer(...twice)).toBe('refused');
    expect(
      answer(
        { kind: 'create', id: 'a' },
        { kind: 'see', id: 'a' },
        { kind: 'remove' },
        { kind: 'see', id: '' },
        { kind: 'create', id: 'b' },
      ),
    ).toBe('linearizable');
  });

  test('made without an answer has the id that is seen first', () => {
    expect(
      answer({ kind: 'create', id: UNTOLD }, { kind: 'see', id: 'x' }, { kind: 'see', id: 'x' }),
    ).toBe('linearizable');
    expect(
      answer({ kind: 'create', id: UNTOLD }, { kind: 'see', id: 'x' }, { kind: 'see', id: 'y' }),
    ).toBe('refused');
  });
});

/** A history of one register: each operation takes place at its own moment, and its call and answer are drawn around that. */
const OVERLAPPING = fc
  .array(
    fc.record({
      isWrite: fc.boolean(),
      isAnswered: fc.boolean(),
      early: fc.integer({ min: 0, max: 40 }),
      late: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((draws) => {
    let [value, version] = ['0', 1];
    return draws.map(({ isWrite, isAnswered, early, late }, at): Interval<RegisterOp> => {
      const op = isWrite ? write(version, `v${at}`) : read(version, value);
      if (isWrite) [value, version] = [`v${at}`, version + 1 + (early % 3)];
      const middle = 10 * at + 100;
      const endN = isWrite && !isAnswered ? Infinity : middle + late + at / 1000;
      return { op, beginN: middle - early - at / 1000, endN };
    });
  });

const answered = (intervals: readonly Interval<RegisterOp>[]): readonly Interval<RegisterOp>[] =>
  intervals.filter(({ endN }) => Number.isFinite(endN));

describe('histories made from a register that nobody disturbs', () => {
  test('are accepted, however their operations overlap', () => {
    fc.assert(
      fc.property(OVERLAPPING, (intervals) => linearizable(intervals, register) === 'linearizable'),
    );
  });

  test('are refused once a read after them is stale', () => {
    fc.assert(
      fc.property(OVERLAPPING, (intervals) => {
        const writes = answered(intervals).filter(({ op }) => op.kind === 'write');
        fc.pre(writes.length > 0);
        const stale = { op: read(1, '0'), beginN: 1e6, endN: 1e6 + 1 };
        return linearizable([...intervals, stale], register) === 'refused';
      }),
    );
  });

  test('are refused once a write that was answered and read is lost', () => {
    fc.assert(
      fc.property(OVERLAPPING, (intervals) => {
        const told = answered(intervals);
        const lost = told.find(
          ({ op }) =>
            op.kind === 'write' &&
            told.some((each) => each.op.kind === 'read' && each.op.value === op.value),
        );
        fc.pre(lost !== undefined);
        return (
          linearizable(
            intervals.filter((each) => each !== lost),
            register,
          ) === 'refused'
        );
      }),
    );
  });
});

test('a search that is too long ends without an answer', () => {
  const open = Array.from({ length: 30 }, (_, at) => ({
    op: write(1 + (at % 7), `v${at}`),
    beginN: at,
    endN: Infinity,
  }));
  const never = { op: read(9, 'nobody wrote it'), beginN: 100, endN: 101 };
  expect(linearizable([...open, never], register, 1000)).toBe('unknown');
});
