import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { frame, FrameReader } from './frames.ts';
import { timeoutOf } from './server-call.ts';
import { SwarmError } from '../../model/errors.ts';
import { statusHeaders, statusOf } from './status.ts';

test('messages come whole out of pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      (messages, size) => {
        const body = Buffer.concat(messages.map((message) => frame(message)));
        const reader = new FrameReader(40);
        const found: Uint8Array[] = [];
        for (let at = 0; at < body.length; at += size) {
          found.push(...reader.push(body.subarray(at, at + size)));
        }
        expect(found.map((message) => [...message])).toEqual(
          messages.map((message) => [...message]),
        );
        expect(reader.atBoundary).toBe(true);
      },
    ),
  );
});

test('a message keeps no more memory than its own', () => {
  const [message] = new FrameReader(10).push(
    Buffer.concat([frame(Buffer.from('abc')), Buffer.alloc(4)]),
  );
  expect(message?.buffer.byteLength).toBe(3);
});

test('a message of the largest size passes, one byte more is refused from its header', () => {
  const limit = 100;
  expect(new FrameReader(limit).push(frame(new Uint8Array(limit)))).toHaveLength(1);
  const header = frame(new Uint8Array(limit + 1)).subarray(0, 5);
  expect(() => new FrameReader(limit).push(header)).toThrow(
    'grpc: received message larger than max (101 vs. 100)',
  );
});

test('a status passes as it is, whatever its text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const headers = statusHeaders(new SwarmError('NotFound', text));
      expect(headers['grpc-message']).toMatch(/^[ -~]*$/);
      expect(statusOf(headers)).toMatchObject({ code: 'NotFound', message: text });
    }),
  );
  expect(statusOf(statusHeaders(null))).toBeNull();
  expect(statusOf({})).toBeUndefined();
  expect(statusOf({ 'grpc-status': '77', 'grpc-message': '100%' })).toMatchObject({
    code: 'Unknown',
    message: '100%',
  });
});

test.each([
  ['5000m', 5000],
  ['2S', 2000],
  ['1H', 3_600_000],
  ['500u', 0.5],
  ['99999999H', null],
  ['5', null],
  ['123456789m', null],
  [undefined, null],
])('a grpc-timeout of %s is %s ms', (header, timeoutMs) => {
  expect(timeoutOf(header)).toBe(timeoutMs);
});
