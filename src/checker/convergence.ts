/** When a swarm came to rest after a heal: every node ready, every task where it is meant to be. */
import { quietUntil } from './quiet.ts';
import type { FaultSpan, Story } from './story.ts';
import { isTerminal } from '../model/task-state.ts';
import { isLive, type TaskLife } from './task-lives.ts';

/** From the heal to the last thing that was not at rest; Infinity where something still was not when the next thing was done. */
export function healToConverged(story: Story, { healBeginMs, nodes }: FaultSpan): number {
  const untilMs = quietUntil(story, healBeginMs);
  const restless = [...story.tasks.flatMap(restlessOfTask), ...restlessOfNodes(story)].filter(
    (span) => span.fromMs < untilMs && span.toMs > healBeginMs,
  );
  // Nodes that are back and were not seen so far count from the heal on.
  const seen = nodes.every((name) => story.nodes.has(name));
  const last = Math.max(healBeginMs, ...restless.map(({ toMs }) => toMs));
  return !seen || last >= untilMs ? Infinity : last - healBeginMs;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is seen lasts until the next is seen. */
const spansWhere = <T extends { readonly atMs: number }>(
  line: readonly T[],
  goneMs: number,
  isRestless: (form: T) => boolean,
): readonly Span[] =>
  line.flatMap((form, at) =>
    isRestless(form)
      ? [{ fromMs: form.atMs, toMs: Math.min(goneMs, line[at + 1]?.atMs ?? Infinity) }]
      : [],
  );

/** A task that is to run and does not, or is to go and has not ended. */
const restlessOfTask = ({ sightings, goneMs }: TaskLife): readonly Span[] =>
  spansWhere(sightings, goneMs, (seen) =>
    isLive(seen) ? seen.state !== 'running' : !isTerminal(seen.state),
  );

const restlessOfNodes = ({ nodes }: Story): readonly Span[] =>
  [...nodes.values()].flatMap((line) =>
    spansWhere(line, Infinity, ({ state }) => state !== 'ready'),
  );
