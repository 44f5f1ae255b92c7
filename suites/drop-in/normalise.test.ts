import { describe, expect, test } from '@jest/globals';
import { normalise } from './normalise.ts';

const out = (text: string): string => normalise({ code: 0, out: text, err: '' }).out;

describe('what two runs never share is taken out', () => {
  test.each([
    ['an id', 'x24qk7hs0s3f6v0qk9vtmmk1c', '<id>'],
    ['an id that has no digit', 'qpcrwaneqopomafsmtsyudxot', '<id>'],
    ['a cut id', 'x24qk7hs0s3f  web', '<id>  web'],
    ['an age', 'Running 3 seconds ago', 'Running <ago>'],
    ['a long age', 'Running About a minute ago', 'Running <ago>'],
    ['a time', '2026-11-21T16:12:13.037285911Z', '<time>'],
    ['an address and its port', '198.18.8.2:2377 there', '<address>:2377 there'],
    ['the width of a column', 'web      1/1', 'web  1/1'],
    ['an index', '{"Version":{"Index":17}}', '{\n  "Version": {\n    "Index": "<index>"\n  }\n}'],
  ])('%s', (_, text, wanted) => {
    expect(out(text)).toBe(wanted);
  });
  test('the order of a list of objects', () => {
    expect(out('[{"Name":"b"},{"Name":"a"}]')).toBe(out('[{"Name":"a"},{"Name":"b"}]'));
  });
});

describe('what says something stays', () => {
  test.each([
    ['a number', '{"Replicas":2}', '{"Replicas":3}'],
    ['the order of words', '{"Command":["a","b"]}', '{"Command":["b","a"]}'],
    ['a word', 'No such service: web', 'no such service: web'],
    ['a time that was never set', '0001-01-01T00:00:00Z', '2026-11-21T16:12:13Z'],
    ['a subnet', '10.0.1.0/24', '10.0.2.0/24'],
    ['the order within an object', '{"Ports":[{"a":1},{"a":2}]}', '{"Ports":[{"a":2},{"a":1}]}'],
    ['a key', '{"UpdateConfig":{}}', '{}'],
    ['a name of twelve letters', 'named abcdefghijkl', 'named abcdefghijkm'],
  ])('%s', (_, left, right) => {
    expect(out(left)).not.toBe(out(right));
  });
  test('the exit code', () => {
    expect(normalise({ code: 1, out: '', err: '' })).toEqual({ code: 1, out: '', err: '' });
  });
});
