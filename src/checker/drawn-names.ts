/** Services that were made without a name have one that the engine drew: no two runs have the same. */
import type { ServiceSeen } from '../model/history.ts';
import type { At, Story } from './story.ts';

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
  const namedAnew = (form: At<ServiceSeen>): At<ServiceSeen> => ({
    ...form,
    spec: { ...form.spec, Name: called(form.spec.Name) },
  });
  return {
    ...story,
    services: new Map(
      [...story.services].map(([name, forms]) => [called(name), forms.map(namedAnew)]),
    ),
    tasks: story.tasks.map((life) => ({ ...life, service: called(life.service) })),
    containers: story.containers.map((life) => ({ ...life, service: called(life.service) })),
    operations: story.operations.map((each) => ({
      ...each,
      about: called(each.about),
      value: renamed(each.value, called),
    })),
  };
}

/** An answer in which each text that is a service's name is what that is called by. */
function renamed(value: unknown, called: (name: string) => string): unknown {
  if (typeof value === 'string') return called(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => renamed(each, called));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, renamed(each, called)]),
  );
}
