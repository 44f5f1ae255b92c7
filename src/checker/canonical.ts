/** A history in canonical form: what is left when everything that chance decides is taken out (exclusions.ts). */
import type { NodeName } from '../model/fault.ts';
import { NO_LEADER_TEXT } from '../model/history.ts';
import { isTerminal } from '../model/task-state.ts';
import { deathsOf } from './deaths.ts';
import { withoutDrawnNames } from './drawn-names.ts';
import { answersOf, leavesOf } from './answer-leaves.ts';
import { runsAt } from './engines.ts';
import { BESIDE_MS, SHORT_RUN_MS, WAITING_MS } from './exclusions.ts';
import { nameless } from './nameless.ts';
import { scaleOf } from './quiet.ts';
import { withoutRefusedJoiners } from './refused-joiners.ts';
import { phasesOf, without, withoutRepeats } from './sequences.ts';
import type { Phase } from './sequences.ts';
import type { NodeSeen, TaskSeen } from '../model/history.ts';
import { into, lossesOf, nodeAt, stretchesOf } from './story.ts';
import type { FaultSpan, Story } from './story.ts';
import { desiredMs, endedMs, runningAt } from './task-lives.ts';
import { USUAL_MESSAGES } from './usual-messages.ts';
import type { TaskLife } from './task-lives.ts';

/** One task: what it was made of, what was wanted of it and what it did. */
export interface CanonicalTask {
  readonly made: string;
  readonly desired: readonly Phase[];
  readonly observed: readonly Phase[];
}

/** A slot's tasks, oldest first. */
export type CanonicalSlot = readonly CanonicalTask[];

export interface Canonical {
  /** How each step and each operation ended, by its name. */
  readonly steps: ReadonlyMap<string, string>;
  readonly operations: ReadonlyMap<string, string>;
  /** What each operation was answered, leaf by leaf. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Sequences, by field. */
  readonly sequences: ReadonlyMap<string, readonly Phase[]>;
  readonly slots: ReadonlyMap<string, readonly CanonicalSlot[]>;
  /** Which slot (or node, of a global service) each of them was: shown, not compared. */
  readonly places: ReadonlyMap<CanonicalSlot, string>;
  readonly end: ReadonlyMap<string, string>;
}

export function canonicalOf(told: Story): Canonical {
  const story = withoutRefusedJoiners(withoutDrawnNames(told));
  return {
    steps: new Map(story.late.map(({ title }) => [title, 'late'])),
    operations: operationsOf(story),
    answers: answersOf(story),
    sequences: new Map([
      ...updatesOf(story),
      ...specsOf(story),
      ...nodesOf(story),
      ...controlOf(story),
    ]),
    ...slotsOf(story),
    end: endOf(story),
  };
}

/** The last answer under each label: a stale version is read again, as clients do. */
function operationsOf(story: Story): ReadonlyMap<string, string> {
  return new Map(
    story.operations.map((operation) => {
      const { label, outcome, status, text } = operation;
      if (status === 0) return [label, 'no connection'];
      return [label, outcome === 'ok' ? `ok ${status}` : `${outcome} ${status} ${nameless(text)}`];
    }),
  );
}

function updatesOf(story: Story): [string, readonly Phase[]][] {
  return [...story.services].map(([name, forms]) => {
    const texts = forms.map((form) => ({
      atMs: form.atMs,
      text: form.updateState === '' ? '' : `${form.updateState} '${nameless(form.updateMessage)}'`,
    }));
    return [
      `services.${name}.update`,
      without(phasesOf(texts), (phase) => phase.text === '' || AUTOMATIC.test(phase.text)),
    ];
  });
}

/** What each service was declared to be, and to have been before, leaf by leaf through all its forms. */
function specsOf(story: Story): [string, readonly Phase[]][] {
  return [...story.services].flatMap(([name, forms]) => {
    const told = forms.map(({ atMs, spec, previousSpec }) => ({
      atMs,
      leaves: new Map(leavesOf({ spec, ...(previousSpec === undefined ? {} : { previousSpec }) })),
    }));
    const paths = new Set(told.flatMap(({ leaves }) => [...leaves.keys()]));
    return [...paths].map((path): [string, readonly Phase[]] => [
      `services.${name}.${path}`,
      phasesOf(told.map(({ atMs, leaves }) => ({ atMs, text: leaves.get(path) ?? '(unset)' }))),
    ]);
  });
}

/** An automatic rollback under way. */
const AUTOMATIC = /^rollback_started 'update rolled back/;

function slotsOf(story: Story): Pick<Canonical, 'slots' | 'places'> {
  const services = new Map<string, Map<string, TaskLife[]>>();
  const scaledDown = scaledDownIn(story);
  for (const life of story.tasks) {
    if (scaledDown.has(life.service)) continue;
    const slots = services.get(life.service) ?? new Map<string, TaskLife[]>();
    services.set(life.service, slots);
    into(slots, life.place).push(life);
  }
  const placed = new Map<CanonicalSlot, string>();
  const named = [...services].map(([name, slots]) => {
    const canonical = [...slots].map(([place, lives]) => {
      const slot = lives.map((life, index) => canonicalTask(story, life, lives[index - 1]));
      placed.set(slot, place);
      return slot;
    });
    return [name, canonical] as const;
  });
  return { slots: new Map(named), places: placed };
}

/** The services that were ever given fewer replicas. */
const scaledDownIn = (story: Story): ReadonlySet<string> =>
  new Set(
    story.operations
      .filter((operation) => scaleOf(story, operation) < 0)
      .map((operation) => operation.about),
  );

function canonicalTask(story: Story, life: TaskLife, before: TaskLife | undefined): CanonicalTask {
  const desired = life.sightings.map((seen) => ({ atMs: seen.atMs, text: seen.desired }));
  const [first] = life.sightings;
  const of = [first?.image ?? '', ...(first?.env ?? [])].map(nameless);
  const made = [...of, ...(isBeside(story, life, before) ? ['beside the one before'] : [])].join(
    ' ',
  );
  return { made, desired: phasesOf(desired), observed: observedOf(story, life, before) };
}

/** Whether the task before was still wanted for a while, without an update that starts the new one first: how long that takes is chance. */
const isBeside = (story: Story, life: TaskLife, before: TaskLife | undefined): boolean =>
  before !== undefined &&
  desiredMs(before, 'complete') - (life.sightings[0]?.atMs ?? 0) > BESIDE_MS &&
  !(story.services.get(life.service) ?? []).some(({ spec }) =>
    [spec.UpdateConfig, spec.RollbackConfig].some((config) => config?.Order === 'start-first'),
  );

const PASSING: ReadonlySet<string> = new Set([
  ...['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting'],
]);

const unusual = ({ state, message }: TaskSeen): string =>
  USUAL_MESSAGES[state]?.includes(message) === true ? '' : ` (${nameless(message)})`;

function observedOf(story: Story, life: TaskLife, before: TaskLife | undefined): readonly Phase[] {
  const stopped = lossesOf(story).some(
    (loss) =>
      loss.fault.kind === 'stop' && loss.nodes.includes(life.node) && costsQuorum(story, loss),
  );
  const forms = life.sightings
    .filter((seen) => !(seen.state === 'pending' && !isAnybodyDrained(story, seen.atMs)))
    .map((seen) => {
      const err = seen.err === '' ? '' : ` '${nameless(seen.err)}'`;
      const exit = isTerminal(seen.state) ? ` exit ${seen.exitCode ?? 'none'}` : '';
      const text = `${seen.state}${unusual(seen)}${err}${exit}`;
      return {
        atMs: seen.changedMs,
        text: stopped ? text.replace(LOST_AT_START, SHUT_DOWN) : text,
      };
    });
  const phases = markWait(phasesOf(forms, life.goneMs), story, life, before);
  const killed = wasKilled(story, life);
  return without(
    phases.map((phase, index) =>
      !killed && isShortRun(phase, phases[index + 1]) ? { ...phase, lastedMs: 0 } : phase,
    ),
    (phase) => PASSING.has(phase.text) && Number.isFinite(phase.lastedMs),
  );
}

const WAITED = 'ready, waiting';

const hasStarted = (seen: TaskSeen): boolean =>
  seen.state === 'starting' || seen.state === 'running';

/**
 * The phases with a mark where the task waited for its restart delay: in place of `ready`, or before its start where it was wanted
 * `ready` for so long without a node to become so on.
 */
function markWait(
  phases: readonly Phase[],
  story: Story,
  life: TaskLife,
  before: TaskLife | undefined,
): readonly Phase[] {
  const waited = (untilMs: number | undefined): boolean =>
    untilMs !== undefined && untilMs - waitsFromMs(story, life, before, untilMs) >= WAITING_MS;
  if (phases.some((phase) => phase.text === 'ready'))
    return waited(life.sightings.find(hasStarted)?.changedMs)
      ? phases.map((phase) => (phase.text === 'ready' ? { ...phase, text: WAITED } : phase))
      : phases;
  const start = phases.findIndex((phase) => /^(starting|running)/.test(phase.text));
  if (start < 0 || life.sightings[0]?.desired !== 'ready') return phases;
  return waited(life.sightings.find((seen) => seen.desired === 'running')?.atMs)
    ? phases.toSpliced(start, 0, { text: WAITED, lastedMs: WAITING_MS })
    : phases;
}

/** How a task that a stop took with it ends when its node was not noted as down, and how when it was. */
const LOST_AT_START = /^failed 'No such container: .*' exit 0$/;
const SHUT_DOWN = 'shutdown exit 0';

const wasKilled = (story: Story, life: TaskLife): boolean =>
  deathsOf(story).some(({ task }) => task.id === life.id);

/** A container that exits by itself as soon as it runs: its run may be missing on the other side, where it may as well have lasted a moment longer. */
const isShortRun = (phase: Phase, next: Phase | undefined): boolean =>
  phase.text === 'running' &&
  phase.lastedMs < SHORT_RUN_MS &&
  next !== undefined &&
  /^(failed|complete)/.test(next.text);

/**
 * Since when a task is held back: from its making, or, where the task before it was still alive on a live node (an update, a drain),
 * from the end of that one.
 */
function waitsFromMs(
  story: Story,
  life: TaskLife,
  before: TaskLife | undefined,
  untilMs: number,
): number {
  const wasAlive =
    before !== undefined &&
    endedMs(before) > life.createdMs &&
    !wasDown(story, before.node, life.createdMs, untilMs);
  return wasAlive ? Math.max(life.createdMs, endedMs(before)) : life.createdMs;
}

const wasDown = (story: Story, name: NodeName, fromMs: number, toMs: number): boolean =>
  nodeAt(story, name, fromMs)?.state === 'down' ||
  (story.nodes.get(name) ?? []).some(
    (seen) => seen.state === 'down' && seen.atMs >= fromMs && seen.atMs <= toMs,
  );

const isAnybodyDrained = (story: Story, atMs: number): boolean =>
  story.all.some((name) => (nodeAt(story, name, atMs)?.availability ?? 'active') !== 'active');

function nodesOf(story: Story): [string, readonly Phase[]][] {
  return [...story.nodes].flatMap(([name, line]): [string, readonly Phase[]][] => {
    const faulted = lossesOf(story).filter((loss) => loss.nodes.includes(name));
    const costly = faulted.some((loss) => costsQuorum(story, loss));
    const calm = (atMs: number): boolean =>
      !faulted.some((loss) => loss.beginMs <= atMs && atMs < loss.healBeginMs);
    const isCalmNode = faulted.length === 0;
    const formsBy = (text: (seen: NodeSeen) => string): readonly Dated[] =>
      line
        .filter((seen) => !isLastWord(seen))
        .map((seen) => ({ atMs: seen.atMs, text: text(seen) }));
    const stream = (
      text: (seen: NodeSeen) => string,
      chance: ReadonlySet<string>,
      downIsChance = false,
    ): readonly Phase[] => {
      const kept = formsBy(text)
        .filter((form) => !(chance.has(form.text.split(' ')[0] ?? '') && calm(form.atMs)))
        .filter((form) => !(downIsChance && /^(down|unknown)/.test(form.text)));
      return isCalmNode ? phasesOf(kept) : withoutRepeats(phasesOf(kept));
    };
    const message = (text: string): string => (text === '' ? '' : ` '${text}'`);
    return [
      [
        `nodes.${name}.state`,
        stream((seen) => seen.state + message(seen.message), new Set(['unknown']), costly),
      ],
      [
        `nodes.${name}.spec`,
        phasesOf(formsBy((seen) => `${seen.availability} ${seen.role}${labelsOf(seen)}`)),
      ],
      [
        `nodes.${name}.reachability`,
        stream((seen) => seen.reachability, new Set(['unreachable', 'unknown'])),
      ],
    ];
  });
}

interface Dated {
  readonly atMs: number;
  readonly text: string;
}

/** Its own and its engine's, by name, but for the lab's mark on each engine. */
const labelsOf = ({ labels, engineLabels }: NodeSeen): string =>
  [labels, engineLabels]
    .flatMap((each, at) =>
      Object.entries(each ?? {}).map(([name, value]) => [
        at === 0 ? name : `engine's ${name}`,
        value,
      ]),
    )
    .filter(([name]) => name !== `engine's ${LAB_LABEL}`)
    .map((each) => ` ${each.join('=')}`)
    .sort()
    .join('');
const LAB_LABEL = 'swarmtwin.node';

/** A leader that is being stopped may answer one last time, with its members gone already. */
const isLastWord = (seen: NodeSeen): boolean => seen.role === 'manager' && seen.reachability === '';

/** Whether quorum was lost with this loss. */
const costsQuorum = (story: Story, loss: FaultSpan): boolean =>
  stretchesOf(story).some((stretch) => !stretch.quorum && stretch.fromMs === loss.bittenMs);

function controlOf(story: Story): [string, readonly Phase[]][] {
  const stretches = stretchesOf(story);
  const inMajority = (name: NodeName, atMs: number): boolean =>
    stretches.some(
      (stretch) =>
        stretch.fromMs <= atMs &&
        atMs < stretch.toMs &&
        stretch.quorum &&
        stretch.survivors.includes(name),
    );
  return [...story.control].map(([name, line]) => {
    const forms = line
      .filter((seen) => seen.answer === 'ok' || seen.answer === 'error')
      .filter((seen) => !(seen.answer === 'error' && inMajority(name, seen.atMs)))
      .filter((seen) => !isForwardError(seen.text))
      .map((seen) => ({
        atMs: seen.atMs,
        text: seen.answer === 'ok' ? 'ok' : `${seen.status} ${nameless(seen.text)}`,
      }));
    return [`control.${name}`, withoutRepeats(phasesOf(forms))];
  });
}

const isForwardError = (text: string): boolean =>
  !text.includes(NO_LEADER_TEXT) &&
  /code = (Unavailable|DeadlineExceeded|Canceled)|deadline exceeded|lost leader status|node is stopped|Manager is being prepared/.test(
    text,
  );

/** How many tasks, old ones among them, are listed in each place of a service. */
function listedIn(story: Story, service: string): string {
  const listed = story.tasks.filter((life) => life.service === service && life.goneMs === Infinity);
  const counts = [...Map.groupBy(listed, ({ place }) => place).values()].map(
    ({ length }) => length,
  );
  return counts.sort((a, b) => a - b).join(' ');
}

function endOf(story: Story): ReadonlyMap<string, string> {
  const end = new Map<string, string>();
  const last = [...story.nodes].map(([name, line]) => ({ name, seen: line.at(-1) }));
  for (const { name, seen } of last)
    if (seen !== undefined)
      end.set(
        `nodes.${name}`,
        story.unlisted.has(seen.id)
          ? 'not listed'
          : [seen.state, seen.availability, seen.role, seen.reachability].filter(Boolean).join(' '),
      );
  end.set('leaders', String(last.filter(({ seen }) => seen?.leader === true).length));
  const scaledDown = scaledDownIn(story);
  for (const [name, forms] of story.services) {
    const last = forms.at(-1);
    const isRemoved = last !== undefined && story.removed.has(last.id);
    const running = runningAt(story, story.endMs, name);
    const counts = new Map<NodeName, number>();
    for (const life of running) counts.set(life.node, (counts.get(life.node) ?? 0) + 1);
    const containers = story.containers.filter(
      (life) => life.service === name && runsAt(life, story.endMs),
    );
    end.set(`services.${name}`, isRemoved ? 'removed' : 'declared');
    if (!scaledDown.has(name)) end.set(`tasks.${name}`, listedIn(story, name));
    end.set(`placement.${name}`, [...counts.values()].sort((a, b) => a - b).join(' '));
    end.set(`containers.${name}`, String(containers.length));
  }
  return end;
}
