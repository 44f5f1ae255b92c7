/** Services that were made without a name have one that the engine drew: no two runs have the same. */
import type { Story } from './story.ts';

/** The story with what the engine named under a name of the scenario's own. */
export function withoutDrawnNames(story: Story): Story {
  const drawn = story.operations
    .filter(({ kind, spec, about }) => kind === 'create' && spec?.Name === '' && about !== '')
    .map(({ about }) => about);
  if (drawn.length === 0) return story;
  const called = (name: string): string => {
    const at = drawn.indexOf(name);
    return at < 0 ? name : `(nameless ${at + 1})`;
  };
  return {
    ...story,
    services: new Map([...story.services].map(([name, forms]) => [called(name), forms])),
    tasks: story.tasks.map((life) => ({ ...life, service: called(life.service) })),
    containers: story.containers.map((life) => ({ ...life, service: called(life.service) })),
    operations: story.operations.map((each) => ({ ...each, about: called(each.about) })),
  };
}
