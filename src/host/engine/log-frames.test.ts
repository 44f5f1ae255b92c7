import { describe, expect, test } from '@jest/globals';
import { LogFrames } from './log-frames.ts';

const frame = (stream: number, payload: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
};

const AT = '2026-11-21T09:00:00.000000012Z';
const SECONDS = Date.UTC(2026, 10, 21, 9) / 1000;
const said = (entries: ReturnType<LogFrames['push']>): unknown[] =>
  entries.map(({ data, ...rest }) => ({ ...rest, data: Buffer.from(data).toString() }));

describe('frames', () => {
  test('become entries with their time, details and line, however they are cut', () => {
    const whole = Buffer.concat([
      frame(1, `${AT}  hello there\n`),
      frame(2, `${AT} env=a+b,label%3Dx=%C3%A4 oops\n`),
    ]);
    for (const cut of [1, 8, 20, whole.length - 1]) {
      const frames = new LogFrames(false);
      const entries = [...frames.push(whole.subarray(0, cut)), ...frames.push(whole.subarray(cut))];
      expect(said(entries)).toEqual([
        {
          time: { seconds: SECONDS, nanoseconds: 12 },
          stream: 'stdout',
          data: 'hello there\n',
          attributes: [],
        },
        {
          time: { seconds: SECONDS, nanoseconds: 12 },
          stream: 'stderr',
          data: 'oops\n',
          attributes: [
            ['env', 'a b'],
            ['label=x', 'ä'],
          ],
        },
      ]);
    }
  });

  test('an empty line is a line', () => {
    expect(said(new LogFrames(false).push(frame(1, `${AT}  \n`)))).toMatchObject([{ data: '\n' }]);
  });

  test('what cannot be read as such is passed on whole', () => {
    expect(said(new LogFrames(false).push(frame(1, 'no time')))).toMatchObject([
      { data: 'no time' },
    ]);
  });
});

test('with a terminal each line is an entry, the last one also without its end', () => {
  const frames = new LogFrames(true);
  const entries = [...frames.push(Buffer.from(`${AT}  a\r\n${AT}  b`)), ...frames.end()];
  expect(said(entries)).toMatchObject([{ data: 'a\r\n' }, { data: 'b' }]);
});
