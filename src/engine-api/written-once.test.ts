import { expect, test } from '@jest/globals';
import { encodeGo } from './go-encode.ts';
import { always, field, list, STRING, struct } from './go-type.ts';
import { writtenOnce } from './written-once.ts';

const TYPE = struct('test.Thing', always('Name', STRING), field('Since', STRING, '28.5'));

test('an object is rendered once for each line of engines, and stands in a list as if it were written there', () => {
  let rendered = 0;
  const written = writtenOnce<{ readonly name: string }>(({ name }) => {
    rendered += 1;
    return { Name: name, Since: 'x' };
  }, TYPE);
  const things = [{ name: 'a' }, { name: 'b' }];
  for (const engine of ['26.1', '28.5', '26.1', '28.5'] as const) {
    const whole = things.map(({ name }) => ({ Name: name, Since: 'x' }));
    const items = things.map((thing) => written(thing, engine));
    expect(encodeGo(items, list(TYPE), engine)).toBe(encodeGo(whole, list(TYPE), engine));
  }
  expect(rendered).toBe(4);
});
