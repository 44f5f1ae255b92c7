/** Reading and writing as Go's encoding/json does, beyond what the recorded answers show. */
import { describe, expect, test } from '@jest/globals';
import { decodeStruct } from './go-decode.ts';
import { encodeGo } from './go-encode.ts';
import { goQuote } from './go-quote.ts';
import {
  DURATION,
  field,
  FLOAT32,
  INT64,
  LABELS,
  list,
  pointer,
  STRING,
  struct,
  UINT32,
  UINT64,
} from './go-type.ts';
import { parseJson } from './json-tree.ts';
import { parseTarget } from './api-message.ts';
import { decodeUtf8, encodeUtf8 } from '../model/utf8.ts';
import { compareVersions } from './version-order.ts';
import { decodeBase64, encodeBase64 } from '../model/base64.ts';

test.each([
  [0.1, '0.1'],
  [0.33, '0.33'],
  [1, '1'],
  [0.3333333, '0.3333333'],
  [1e-7, '1e-7'],
])('a 32-bit %p is written %s', (value, written) => {
  expect(encodeGo(Math.fround(value), FLOAT32, '26.1')).toBe(written);
});

test('HTML stays as it is, and line separators do not', () => {
  expect(encodeGo('<a>&\u2028\u2029', STRING, '26.1')).toBe('"<a>&\\u2028\\u2029"');
});

test('a null in a list of pointers counts as an empty object, and not as nothing', () => {
  const type = struct('a.T', field('Of', list(pointer(struct('a.U', field('Name', STRING))))));
  const parsed = parseJson('{"Of":[null,{"Name":"x"}]}');
  expect(parsed === null ? null : decodeStruct(parsed.tree, type, '26.1')).toEqual({
    Of: [{}, { Name: 'x' }],
  });
});

test.each([
  [INT64, '9223372036854775807', 9223372036854774784],
  [INT64, '-9223372036854775808', -9223372036854775808],
  [UINT64, '18446744073709551615', 18446744073709549568],
  [UINT32, '4294967295', 4294967295],
  [INT64, '9007199254740993', 9007199254740992],
])('of %p %s is held as a double that the type holds too', (type, literal, held) => {
  const parsed = parseJson(`{"Of":${literal}}`);
  const of = struct('a.T', field('Of', type));
  expect(parsed === null ? null : decodeStruct(parsed.tree, of, '26.1')).toEqual({ Of: held });
});

test('a zero below zero is a zero', () => {
  const type = struct('a.T', field('Delay', DURATION), field('Ratio', FLOAT32));
  const parsed = parseJson('{"Delay":-0,"Ratio":-0.0}');
  const read = parsed === null ? null : decodeStruct(parsed.tree, type, '26.1');
  expect(JSON.parse(JSON.stringify(read))).toEqual(read);
});

test('maps are written in the order of their keys', () => {
  expect(encodeGo({ b: '1', a: '2', Z: '3' }, LABELS, '26.1')).toBe('{"Z":"3","a":"2","b":"1"}');
});

test.each([
  ['a\n"b"\\', '"a\\n\\"b\\"\\\\"'],
  ['\u0001\u007f', '"\\x01\\x7f"'],
  ['é\u00a0\ud83d\ude00', '"é\\u00a0\ud83d\ude00"'],
])('Go quotes %j as %s', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});

describe('UTF-8', () => {
  test('survives both ways', () => {
    const text = 'aé€😀'.repeat(3000);
    expect(decodeUtf8(Uint8Array.from(encodeUtf8(text)))).toBe(text);
  });

  test.each([
    [[0xff], 1],
    [[0xc3], 1],
    [[0xe2, 0x82], 2],
    [[0xed, 0xa0, 0x80], 3],
    [[0xc0, 0xaf], 2],
    [[0xf5, 0x80], 2],
  ])('bytes %p are %d replacements', (bytes, count) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBe('\ufffd'.repeat(count));
  });
});

test('a value ends where it ends, whatever follows', () => {
  expect(parseJson(' {"a":[1,{"b":null}]} x')).toMatchObject({ rest: 22 - 1 });
  expect(parseJson(' \n')).toBeNull();
});

test('a wrong byte beyond ASCII is named as the byte it is', () => {
  expect(() => parseJson('{é}')).toThrow(
    "invalid character 'Ã' looking for beginning of object key string",
  );
});

test('a request target is split as Go splits it', () => {
  const { path, query } = parseTarget('/a%20b?x=1+2&x=%33&y&z=%zz&w=a%26b');
  expect(path).toBe('/a%20b');
  expect([...query]).toEqual([
    ['x', ['1 2', '3']],
    ['y', ['']],
    ['w', ['a&b']],
  ]);
});

test.each([
  ['1.41', '1.45', -1],
  ['1.9', '1.41', -1],
  ['1.45', '1.45.0', 0],
  ['2', '1.99', 1],
])('version %s against %s', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
});

test.each([[[]], [[1]], [[1, 2]], [[1, 2, 3]], [[255, 254, 253, 252]]])(
  '%p survives base 64',
  (bytes) => {
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  },
);
