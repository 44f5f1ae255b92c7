/** What is said of filters that are none (moby: filters.FromJSON, its callers, and encoding/json). */
import { expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';
import type { EngineLine } from '../model/engines.ts';

/** The status, and the text of a refusal. */
function ask(path: string, filters: string, engine: EngineLine): readonly [number, unknown] {
  let answer: readonly [number, unknown] = [0, ''];
  handle(
    new LeaderNode(),
    requestOf({ path: `${path}?filters=${encodeURIComponent(filters)}` }),
    ({ status, body }) => {
      answer = [status, (JSON.parse(body) as { message?: string }).message];
    },
    DEFAULT_OPTIONS[engine],
  );
  return answer;
}

const NOT_A_MAP = 'json: cannot unmarshal array into Go value of type map[string]map[string]bool';
const NOT_A_SET = 'json: cannot unmarshal array into Go value of type map[string]bool';
const NOT_A_BOOL = 'json: cannot unmarshal number into Go value of type bool';

test.each([
  ['/services', '{', 400, 'unexpected end of JSON input'],
  ['/nodes', '{', 500, 'unexpected end of JSON input'],
  ['/tasks', ' ', 500, 'unexpected end of JSON input'],
  ['/secrets', '{} x', 500, "invalid character 'x' after top-level value"],
  ['/configs', '["a"]', 500, NOT_A_MAP],
  ['/nodes', '{"name":["a"],"id":7}', 500, NOT_A_SET],
  ['/nodes', '{"id":{"a":7}}', 500, NOT_A_BOOL],
])('20.10 says what keeps filters of %s from being some: %s', (path, filters, status, text) => {
  expect(ask(path, filters, '20.10')).toEqual([status, text]);
  expect(ask(path, filters, '26.1')).toEqual([400, 'invalid filter']);
});

test.each(['null', '{"name":null}', '{"name":["a","a"]}', '{"name":{"a":true}}'])(
  '%s are filters',
  (filters) => {
    expect(ask('/nodes', filters, '26.1')[0]).toBe(200);
    expect(ask('/nodes', filters, '20.10')[0]).toBe(200);
  },
);

test('sets and lists do not mix', () => {
  expect(ask('/nodes', '{"name":{"a":true},"id":["b"]}', '26.1')[0]).toBe(400);
});
