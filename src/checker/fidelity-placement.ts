/** Where the tasks of each service ended up, with nodes between which the scheduler had no choice but chance taken for each other. */
import type { NodeName } from '../model/fault.ts';
import { fateOf } from './node-fates.ts';
import type { Story } from './story.ts';
import { runningAt } from './task-lives.ts';

/**
 * The first difference in words, '' for none. For each service, and for all of them together: how many tasks run on a node, sorted, among the nodes
 * with the same fate. Which of the services share a node is a tie as well.
 */
export function placementDifference(real: Story, simulated: Story): string {
  const [mine, theirs] = [placementOf(real), placementOf(simulated)];
  for (const place of new Set([...mine.keys(), ...theirs.keys()])) {
    const [left = 'no such node', right = 'no such node'] = [mine.get(place), theirs.get(place)];
    if (left !== right) return `${place}: real ${left} | simulated ${right}`;
  }
  return '';
}

function placementOf(story: Story): ReadonlyMap<string, string> {
  const running = runningAt(story, story.endMs);
  const counts = (names: readonly NodeName[], service: string | null): string =>
    names
      .map(
        (name) =>
          running.filter(
            (life) => life.node === name && (service === null || life.service === service),
          ).length,
      )
      .sort((a, b) => a - b)
      .join(' ');
  const fates = Map.groupBy(story.all, (name) => placementFate(story, name));
  return new Map(
    [...fates].flatMap(([fate, names]) =>
      [...story.services.keys(), null].map((service) => [
        `${service ?? 'all tasks'} on nodes (${fate})`,
        counts(names, service),
      ]),
    ),
  );
}

/** The scheduler does not look at a node's role unless a constraint does. */
function placementFate(story: Story, name: NodeName): string {
  const asksForRole = [...story.services.values()]
    .flat()
    .some(({ spec }) =>
      spec.TaskTemplate.Placement?.Constraints?.some((constraint) =>
        constraint.includes('node.role'),
      ),
    );
  const fate = fateOf(story, name);
  return asksForRole ? fate : fate.replace(/^\w+/, 'any');
}
