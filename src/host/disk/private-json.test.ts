import { expect, test } from '@jest/globals';
import { PayloadCodec } from './payload-codec.ts';
import { parsePrivate } from './private-json.ts';

test('what cannot be read is not shown', () => {
  expect(() => parsePrivate('{"Data":s3cret}', 'an entry')).toThrow(/^an entry is no JSON$/);
  expect(() => new PayloadCodec().decode(Buffer.from('{"Data":s3cret}'))).toThrow(
    /^a raft entry is no JSON$/,
  );
  expect(parsePrivate('{"a":1}', 'it')).toEqual({ a: 1 });
});
