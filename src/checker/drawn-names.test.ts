import { expect, test } from '@jest/globals';
import { canonicalOf } from './canonical.ts';
import { MadeHistory, madeId } from './made-history.ts';
import { differencesOf } from './sameness.ts';
import { tellStory } from './story.ts';

/** A service without a name, which the engine calls `name`. */
function canonical(name: string, asked = ''): ReturnType<typeof canonicalOf> {
  const records = new MadeHistory({ managers: 1, workers: 0 }, ['S7'])
    .at(1)
    .create('n1', asked, {}, { status: 201, value: { ID: madeId(name) } })
    .service(name, {})
    .task(`${name}.1.a`)
    .container('n1', `${name}.1.a`, 'running')
    .at(5)
    .end();
  const story = tellStory(records);
  if (story === null) throw new Error('no story');
  return canonicalOf(story);
}

test('two services without a name are the same, whatever the engine calls them', () => {
  expect(differencesOf(canonical('brave_hopper'), canonical('calm_curie'))).toEqual([]);
});

test('two services with names of their own are not', () => {
  const differences = differencesOf(canonical('web', 'web'), canonical('shop', 'shop'));
  expect(differences.length).toBeGreaterThan(0);
});
