import { compareStates, isTerminal } from '../../src/model/task-state.ts';
import { fulfils, constraintsOf } from '../../src/checker/eligible.ts';
import { replicasOf } from '../../src/checker/operations.ts';
import { scaleOf } from '../../src/checker/quiet.ts';
import { formAt, nodeAt } from '../../src/checker/story.ts';
import type { Story } from '../../src/checker/story.ts';
import {
  endedMs,
  lastOf,
  predecessorOf,
  ranMs,
  runningAt,
  successorOf,
} from '../../src/checker/task-lives.ts';
import type { TaskLife } from '../../src/checker/task-lives.ts';
import {
  LASTS_MS,
  eyeAt,
  inTime,
  reseen,
  retask,
  withOne,
  withRecord,
  withoutTask,
} from './altering.ts';
import type { Alter, Told } from './altering.ts';

/** Of services whose slots are compared: those that were never scaled down. */
export function comparedLives(story: Story): readonly TaskLife[] {
  const down = new Set(
    story.operations.filter((each) => scaleOf(story, each) < 0).map(({ about }) => about),
  );
  return story.tasks.filter(({ service }) => !down.has(service) && story.services.has(service));
}

const firstSeenMs = ({ sightings }: TaskLife): number => sightings[0]?.atMs ?? 0;

const mostReplicas = (story: Story, service: string): number =>
  Math.max(0, ...(story.services.get(service) ?? []).map(({ spec }) => replicasOf(spec) ?? 0));

const inSlot = (told: Told, life: TaskLife, slot: number): ReturnType<Alter> =>
  reseen(
    retask(told.records, life, () => ({ slot })),
    'container',
    (seen) => (seen.task === life.id ? { name: seen.name.replace(/\.\d+\./, `.${slot}.`) } : {}),
  );

export const slotBeyond: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(({ slot }) => slot > 0),
    (life) => inSlot(told, life, mostReplicas(told.story, life.service) + 1),
  );

/** A task that follows another in its slot follows one in another slot instead. */
export const replacementElsewhere: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      (life) =>
        life.slot > 0 &&
        predecessorOf(told.story, life) !== undefined &&
        mostReplicas(told.story, life.service) > 1,
    ),
    (life) => inSlot(told, life, life.slot === 1 ? 2 : 1),
  );

/** Two tasks of a service that ran from the beginning to the end without another in their slots. */
function twoAlike({ story }: Told): readonly (readonly [TaskLife, TaskLife])[] {
  const alone = comparedLives(story).filter(
    (life) =>
      life.slot > 0 &&
      lastOf(life)?.state === 'running' &&
      predecessorOf(story, life) === undefined &&
      successorOf(story, life) === undefined,
  );
  return alone.flatMap((one) =>
    alone
      .filter(
        (other) =>
          other.service === one.service && other.slot > one.slot && other.node !== one.node,
      )
      .map((other) => [one, other] as const),
  );
}

export const slotsExchanged: Alter = (told) =>
  withOne(told, twoAlike(told), ([one, other]) => {
    const half = inSlot(told, one, other.slot);
    return half && inSlot({ ...told, records: half }, other, one.slot);
  });

/** A task and its container, on another node from the beginning. */
const onNode = (told: Told, life: TaskLife, node: string): ReturnType<Alter> =>
  reseen(
    retask(told.records, life, (seen) => (seen.node === '' ? {} : { node })),
    'container',
    (seen) => (seen.task === life.id ? { node } : {}),
  );

export const nodesExchanged: Alter = (told) =>
  withOne(told, twoAlike(told), ([one, other]) => {
    const half = onNode(told, one, other.node);
    return half && onNode({ ...told, records: half }, other, one.node);
  });

/** On a node that was so from long before the task was made until long after it was placed. */
const onWrongNode =
  (isWrong: (story: Story, life: TaskLife, node: string, atMs: number) => boolean): Alter =>
  (told) => {
    const { story } = told;
    const pairs = story.tasks
      .filter((life) => life.node !== '' && story.services.has(life.service) && life.slot > 0)
      .filter((life) => life.sightings.some(({ container }) => container !== ''))
      .flatMap((life) => story.all.map((node) => [life, node] as const))
      .filter(([life, node]) => {
        const placedMs = life.sightings.find((seen) => seen.node !== '')?.atMs ?? 0;
        return [life.createdMs - 3000, life.createdMs, firstSeenMs(life), placedMs + 3000].every(
          (atMs) => isWrong(story, life, node, atMs),
        );
      });
    return withOne(told, pairs, ([life, node]) => onNode(told, life, node));
  };

export const onUnavailableNode = onWrongNode(
  (story, _, node, atMs) => (nodeAt(story, node, atMs)?.availability ?? 'active') !== 'active',
);
export const onDownNode = onWrongNode(
  (story, _, node, atMs) => nodeAt(story, node, atMs)?.state === 'down',
);
export const onForbiddenNode = onWrongNode((story, life, node, atMs) => {
  const spec = formAt(story.services.get(life.service), atMs + 3000)?.spec;
  const seen = nodeAt(story, node, Math.max(atMs, firstSeenMs(life)));
  return seen !== undefined && !constraintsOf(spec).every((each) => fulfils(each, seen));
});

/** The new tasks of a service are all on one node. */
export const crowded: Alter = (told) => {
  const { story } = told;
  const services = [...story.services.keys()].filter((name) => {
    const spec = story.services.get(name)?.[0]?.spec;
    const made = story.tasks.filter(({ service }) => service === name);
    return (
      constraintsOf(spec).length === 0 &&
      spec?.TaskTemplate.Placement === undefined &&
      told.story.operations.every(({ kind }) => kind !== 'set-node') &&
      (replicasOf(spec) ?? 0) >= 4 &&
      new Set(made.map(({ node }) => node)).size > 1
    );
  });
  return withOne(
    told,
    services,
    (name) =>
      story.tasks
        .filter(({ service }) => service === name)
        .reduce<Told>(
          (so, life) => ({ ...so, records: onNode(so, life, 'n2') ?? so.records }),
          told,
        ).records,
  );
};

/** A task that was a while in a state that is compared is not seen in it. */
export const runningUnseen: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      (life) => Math.min(endedMs(life), told.story.endMs) - ranMs(life) > 5000,
    ),
    (life) => retask(told.records, life, (seen) => (seen.state === 'running' ? null : {})),
  );

export const startingUnseen: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      (life) =>
        life.sightings.some(({ state }) => state === 'starting') && Number.isFinite(ranMs(life)),
    ),
    (life) => retask(told.records, life, (seen) => (seen.state === 'starting' ? null : {})),
  );

export const statesSwapped: Alter = (told) => {
  const eye = eyeAt(told.records, told.story.endMs);
  const pairs = told.story.tasks.flatMap((life) => {
    const mine = life.sightings.filter(({ by }) => by === eye);
    return mine.flatMap((one, index) => {
      const next = mine[index + 1];
      return next === undefined || next.state === one.state ? [] : [[one, next] as const];
    });
  });
  return withOne(told, pairs, ([one, next]) =>
    reseen(told.records, 'task', (seen) => {
      const other = seen.n === one.n ? next : seen.n === next.n ? one : null;
      return other === null ? {} : { state: other.state, message: other.message, err: other.err };
    }),
  );
};

const ended = ({ story }: Told): readonly TaskLife[] =>
  comparedLives(story).filter((life) => {
    const last = lastOf(life);
    return last !== undefined && isTerminal(last.state) && life.goneMs - last.atMs > LASTS_MS;
  });

const changeEnd =
  (
    change: NonNullable<Parameters<typeof retask>[2]>,
    isMine: (life: TaskLife) => boolean = () => true,
  ): Alter =>
  (told) =>
    withOne(told, ended(told).filter(isMine), (life) =>
      retask(told.records, life, (seen) => (isTerminal(seen.state) ? change(seen) : {})),
    );

export const errorOther = changeEnd(
  ({ err }) => ({ err: `${err}!` }),
  (life) => lastOf(life)?.err !== '',
);
export const errorLost = changeEnd(
  () => ({ err: '' }),
  (life) => lastOf(life)?.err !== '',
);
export const exitOther = changeEnd(({ exitCode }) => ({ exitCode: (exitCode ?? 0) + 1 }));
export const endOther = changeEnd(({ state }) => ({
  state: state === 'failed' ? 'complete' : 'failed',
}));

export const messageOther: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      (life) => Math.min(endedMs(life), told.story.endMs) - ranMs(life) > LASTS_MS,
    ),
    (life) =>
      retask(told.records, life, (seen) =>
        seen.state === 'running' ? { message: `${seen.message} at last` } : {},
      ),
  );

export const imageOther: Alter = (told) =>
  withOne(told, comparedLives(told.story), (life) =>
    retask(told.records, life, ({ image }) => ({ image: `${image}0` })),
  );

export const environmentOther: Alter = (told) =>
  withOne(told, comparedLives(told.story), (life) =>
    retask(told.records, life, ({ env }) => ({ env: env.length > 0 ? env.slice(1) : ['ODD=1'] })),
  );

/** It is never told to go, though it goes. */
export const neverToldToGo: Alter = (told) =>
  withOne(
    told,
    ended(told).filter((life) => compareStates(lastOf(life)?.desired ?? 'running', 'running') > 0),
    (life) => retask(told.records, life, () => ({ desired: 'running' })),
  );

/** An old task more in a slot, as one that failed. */
export const oldTaskMore: Alter = (told) =>
  withOne(told, comparedLives(told.story), (life) => {
    const [first] = life.sightings;
    if (first === undefined) return null;
    const id = life.id.split('').reverse().join('');
    const createdMs = life.createdMs - 1;
    return withRecord(told.records, {
      ...first,
      ...{ id, createdMs, changedMs: createdMs, desired: 'shutdown', state: 'failed' },
    });
  });

export const taskLess: Alter = (told) =>
  withOne(told, comparedLives(told.story), (life) => withoutTask(told.records, life));

/** An old task is thrown away before its time. */
export const forgottenEarly: Alter = (told) =>
  withOne(
    told,
    ended(told).filter(({ goneMs }) => goneMs === Infinity),
    (life) => {
      const atMs = Math.min(endedMs(life) + LASTS_MS, told.story.endMs - 1);
      const by = eyeAt(told.records, told.story.endMs);
      const rest = told.records.filter(
        (each) =>
          !(each.type === 'observe' && each.what === 'task' && each.id === life.id) ||
          each.atMs < atMs,
      );
      return withRecord(rest, { atMs, what: 'gone', by, kind: 'task', id: life.id });
    },
  );

export const keptTooLong: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      ({ goneMs, service }) => goneMs < told.story.endMs && !isRemoved(told.story, service),
    ),
    (life) =>
      told.records.filter(
        (each) => !(each.type === 'observe' && each.what === 'gone' && each.id === life.id),
      ),
  );

const isRemoved = (story: Story, service: string): boolean =>
  (story.services.get(service) ?? []).some(({ id }) => story.removed.has(id));

export const cameBack: Alter = (told) =>
  withOne(
    told,
    told.story.tasks.filter(({ goneMs }) => goneMs + 100 < told.story.endMs),
    (life) => {
      const last = lastOf(life);
      if (last === undefined) return null;
      const gone = told.records.find(
        (each) => each.type === 'observe' && each.what === 'gone' && each.id === life.id,
      );
      const by = gone?.type === 'observe' && gone.what === 'gone' ? gone.by : '';
      return withRecord(told.records, { ...last, by, atMs: life.goneMs + 100 });
    },
  );

/** All of a task and its container comes so much later, and the end of the run if need be. */
const later =
  (ms: number, isMine: (story: Story, life: TaskLife) => boolean): Alter =>
  (told) =>
    withOne(
      told,
      comparedLives(told.story).filter((life) => isMine(told.story, life)),
      (life) => {
        const shifted = told.records.map((each) => {
          const isLast = each.type === 'end';
          if (each.type !== 'observe') return isLast ? { ...each, atMs: each.atMs + ms } : each;
          if (each.what === 'task' && each.id === life.id)
            return {
              ...each,
              ...{ atMs: each.atMs + ms, changedMs: each.changedMs + ms },
              createdMs: each.createdMs + ms,
            };
          return each.what === 'container' && each.task === life.id
            ? { ...each, atMs: each.atMs + ms }
            : each;
        });
        return inTime(shifted);
      },
    );

/** A replacement for a task whose node was lost by the only fault so far. */
const isRefill = (story: Story, life: TaskLife): boolean =>
  life.slot > 0 &&
  story.faults.filter(({ beginMs }) => beginMs < life.createdMs).length === 1 &&
  story.faults.some(
    ({ beginMs, healBeginMs, nodes, fault }) =>
      ['kill', 'stop', 'unplug', 'partition', 'pause'].includes(fault.kind) &&
      life.createdMs > beginMs &&
      ranMs(life) < healBeginMs &&
      nodes.includes(predecessorOf(story, life)?.node ?? ''),
  );

/** All that comes from the making of such a task on comes later, and the clocks with it. */
export const refillLate: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter((life) => isRefill(told.story, life)),
    (life) => {
      const late = (atMs: number): number => (atMs < life.createdMs ? atMs : atMs + 30_000);
      return told.records.map((each) => {
        const shifted = { ...each, atMs: late(each.atMs) };
        return shifted.type === 'observe' && shifted.what === 'task'
          ? {
              ...shifted,
              ...{ createdMs: late(shifted.createdMs), changedMs: late(shifted.changedMs) },
            }
          : shifted;
      });
    },
  );
export const startLater = later(
  300,
  (story, life) =>
    predecessorOf(story, life) === undefined &&
    runningAt(story, story.endMs).includes(life) &&
    story.endMs - ranMs(life) > 10_000,
);

/** A replacement is not held back. */
export const withoutDelay: Alter = (told) =>
  withOne(
    told,
    comparedLives(told.story).filter(
      (life) =>
        life.sightings[0]?.desired === 'ready' &&
        ranMs(life) - life.createdMs > 5000 &&
        isRefill(told.story, life),
    ),
    (life) => {
      const createdMs = ranMs(life) - 500;
      return retask(told.records, life, (seen) =>
        seen.desired === 'ready' ? null : { createdMs },
      );
    },
  );
