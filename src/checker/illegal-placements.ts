/**
 * Where tasks were put, held against the scheduler's rules given what it could see (SwarmKit: scheduler). Which of equally good nodes it takes is drawn, so a
 * placement is asked whether it may be, and not whether it is the one. What the history knows later than the scheduler did is left to it.
 */
import { POLL_MS } from '../model/bounds.ts';
import type { NodeSeen } from '../model/history.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { compareStates, isTerminal } from '../model/task-state.ts';
import { batchesOf, judgeBatch } from './claims-s-spread.ts';
import { constraintsOf, fulfils } from './eligible.ts';
import type { Found } from './illegal-steps.ts';
import { replicasOf } from './operations.ts';
import type { At, Story } from './story.ts';
import type { TaskLife } from './task-lives.ts';

/** An observer looks at tasks, nodes and services in turn, and some look once a second only. */
const LAG_MS = 8 * POLL_MS;

/** `named`: whether each node kept its name, without which the history does not know where a task is. */
export const illegalPlacements = (story: Story, named: boolean): readonly Found[] => [
  ...(named ? story.tasks.flatMap((life) => misplaced(story, life)) : []),
  ...story.tasks.flatMap((life) => beyondSlots(story, life)),
  ...(named ? unevenBatches(story) : []),
];

const placeOf = ({ service, place, id }: TaskLife): string => `task ${service}.${place} ${id}`;

/** The sighting by which a task was given to its node, by the scheduler's word or by what the agent did with it since. */
const isGiven = ({ node, state, container }: TaskLife['sightings'][number]): boolean =>
  node !== '' &&
  compareStates(state, 'assigned') >= 0 &&
  (!isTerminal(state) || container !== '' || state === 'rejected');

function misplaced(story: Story, life: TaskLife): readonly Found[] {
  const at = life.sightings.findIndex(isGiven);
  const seen = life.sightings[at];
  if (seen === undefined) return [];
  const fromMs = (life.sightings[at - 1]?.atMs ?? life.createdMs) - LAG_MS;
  const toMs = seen.atMs + LAG_MS;
  const nodes = formsIn(story.nodes.get(seen.node), fromMs, toMs);
  const specs = formsIn(story.services.get(life.service), fromMs, toMs).map(({ spec }) => spec);
  // A node or a service that nobody has seen yet says nothing.
  if (nodes.length === 0 || specs.length === 0) return [];
  const fit = nodes.filter(
    ({ state, availability }) => state === 'ready' && availability === 'active',
  );
  const evidence = [nodes.at(-1)?.n ?? seen.n, seen.n];
  const where = `${placeOf(life)} was put on ${seen.node}`;
  if (fit.length === 0)
    return [{ rule: 'misplaced', text: `${where}, which is ${standOf(nodes.at(-1))}`, evidence }];
  if (specs.some((spec) => fit.some((node) => meets(spec, node)))) return [];
  const wanted = constraintsOf(specs.at(-1)).map(({ text }) => text);
  return [
    { rule: 'misplaced', text: `${where}, which does not meet ${wanted.join(', ')}`, evidence },
  ];
}

const standOf = (node: NodeSeen | undefined): string =>
  `${node?.state ?? 'unknown'} and ${node?.availability ?? 'unknown'}`;

const meets = (spec: ServiceSpec, node: NodeSeen): boolean =>
  constraintsOf(spec).every((constraint) => fulfils(constraint, node));

/** The forms that something had at any moment of a stretch. */
function formsIn<T>(
  line: readonly At<T>[] | undefined,
  fromMs: number,
  toMs: number,
): readonly At<T>[] {
  const forms = line ?? [];
  return forms.filter(
    ({ atMs }, index) => atMs <= toMs && (forms[index + 1]?.atMs ?? Infinity) > fromMs,
  );
}

/** A new task takes the lowest number from 1 on that is free, so there is never one beyond the most replicas that were asked for. */
function beyondSlots(story: Story, { sightings, slot, ...life }: TaskLife): readonly Found[] {
  const [first] = sightings;
  const forms = formsIn(story.services.get(life.service), -Infinity, (first?.atMs ?? 0) + LAG_MS);
  const replicas = forms.map(({ spec }) => replicasOf(spec) ?? Infinity);
  const most = Math.max(...replicas);
  if (first === undefined || forms.length === 0 || slot <= most) return [];
  const text = `${placeOf({ sightings, slot, ...life })} is beyond the ${most} replicas of ${life.service}`;
  return [{ rule: 'beyond-slots', text, evidence: [forms.at(-1)?.n ?? first.n, first.n] }];
}

/** Of services whose placement nothing but the number of tasks decides. */
const unevenBatches = (story: Story): readonly Found[] =>
  batchesOf(story)
    .filter(({ operation: { spec } }) => isPlain(spec))
    .map(judgeBatch)
    .filter(({ verdict }) => verdict === 'fails')
    .map(({ reason, evidence }) => ({
      ...{ rule: 'not-emptiest' as const, evidence },
      text: `new tasks of ${reason}`,
    }));

function isPlain(spec: ServiceSpec | undefined): boolean {
  const { Placement, Resources } = spec?.TaskTemplate ?? {};
  const ports = spec?.EndpointSpec?.Ports ?? [];
  return (
    Resources?.Reservations === undefined &&
    Placement?.Preferences === undefined &&
    Placement?.MaxReplicas === undefined &&
    Placement?.Platforms === undefined &&
    ports.every(({ PublishMode }) => PublishMode !== 'host')
  );
}
