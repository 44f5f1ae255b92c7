import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitString, children, decode, integer, octetString, oid, sequence, time } from './der.ts';

test('elements of any length come back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (parts) => {
      const whole = sequence(...parts.map((part) => octetString(part)));
      const found = children(decode(whole, true)).map((child) => [...child.content]);
      expect(found).toEqual(parts.map((part) => [...part]));
    }),
  );
  const large = octetString(new Uint8Array(70_000));
  expect(large.subarray(0, 5).toString('hex')).toBe('0483011170');
  expect(decode(large, true).content.length).toBe(70_000);
});

test('any bytes are decoded or refused, never worse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        children(decode(Buffer.from(bytes)));
      } catch (caught) {
        expect(caught).toMatchObject({ code: 'InvalidArgument' });
      }
    }),
  );
});

test('well-known encodings', () => {
  expect(oid('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
  expect(integer(Buffer.from([0, 0, 0x80])).toString('hex')).toBe('02020080');
  expect(integer(Buffer.from([0])).toString('hex')).toBe('020100');
  expect(bitString(Buffer.from([0b0000_0110]), 1).toString('hex')).toBe('03020106');
  expect(
    time(Date.UTC(2049, 11, 31, 23, 59, 59))
      .subarray(2)
      .toString(),
  ).toBe('491231235959Z');
  expect(
    time(Date.UTC(2050, 0, 1))
      .subarray(2)
      .toString(),
  ).toBe('20500101000000Z');
});

test('what follows the end is refused when the whole was asked for', () => {
  expect(() => decode(Buffer.from('05000500', 'hex'), true)).toThrow('something follows');
});
