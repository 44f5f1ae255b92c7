/** S3 and S7: what clients are shown of services: counts and names. */
import { isTerminal } from '../model/task-state.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import type { Story } from './story.ts';
import { liveAt, ranMs } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

/** A task's own times are its node's, whose clock is read at another moment. */
const CLOCK_MS = 300;

interface Counted {
  readonly name: string;
  readonly running: number;
  readonly desired: number;
}

/** One line of a list with counts. */
interface Count extends Counted {
  readonly list: Operation;
}

const countsOf = (story: Story): readonly Count[] =>
  story.operations
    .filter(({ path, outcome }) => path.startsWith('/services?status=') && outcome === 'ok')
    .flatMap((list) => (list.value as readonly Counted[]).map((each) => ({ ...each, list })));

export const s3: Claim = (story) => {
  const counts = countsOf(story).filter(({ name }) => declaredAt(story, name) !== null);
  if (counts.length === 0) return inconclusive('no list with counts was asked for');
  const wrong = counts.flatMap((count) => miscounted(story, count));
  if (wrong.length > 0) return worstOf(wrong, '');
  const partial = counts.filter(({ running, desired }) => running > 0 && running < desired);
  const [half] = partial;
  const whole = counts.find(
    ({ name, running, desired, list }) =>
      name === half?.name && running === desired && list.invokedMs > half.list.invokedMs,
  );
  if (half === undefined) return inconclusive('no list was made while a service converged');
  if (whole === undefined) return fails(`${half.name} never had all its tasks`, half.list.records);
  const shown = partial
    .filter(({ name }) => name === half.name)
    .map(({ running, desired }) => `${running}/${desired}`);
  return holds(
    `${counts.length} counts were right; ${half.name} went by ${[...new Set(shown)].join(' ')} to ${whole.running}/${whole.desired}`,
    [...half.list.records, ...whole.list.records],
  );
};

/** What clients declared last, as far as that is settled by the time; null where it is no number. */
function declaredAt(story: Story, name: string, atMs = Infinity): number | null {
  const last = story.operations.findLast(
    ({ about, kind, outcome, completedMs }) =>
      about === name &&
      (kind === 'create' || kind === 'update') &&
      outcome === 'ok' &&
      completedMs <= atMs,
  );
  return replicasOf(last?.spec);
}

/** The counts have to lie between what ran all the while and what may have run. */
function miscounted(story: Story, { name, running, desired, list }: Count): readonly Opinion[] {
  const declared = declaredAt(story, name, list.invokedMs);
  if (declared !== null && desired !== declared)
    return [fails(`${name} declares ${declared} and is listed with ${desired}`, list.records)];
  const tasks = story.tasks.filter(({ service }) => service === name);
  const least = tasks.filter((life) => ranAllTheWhile(life, list)).length;
  const most = tasks.filter((life) => mayHaveRun(life, list)).length;
  if (running >= least && running <= most) return [];
  const text = least === most ? String(least) : `${least} to ${most}`;
  return [fails(`${name} ran ${text} tasks and is listed with ${running}`, list.records)];
}

/** Seen to run before the question, and neither ended nor gone at the answer. */
const ranAllTheWhile = (life: TaskLife, { invokedMs, completedMs }: Operation): boolean =>
  life.sightings.some(({ state, atMs }) => state === 'running' && atMs <= invokedMs) &&
  life.goneMs > completedMs + CLOCK_MS &&
  life.sightings.every(
    ({ state, changedMs }) => !isTerminal(state) || changedMs > completedMs + CLOCK_MS,
  );

const mayHaveRun = (life: TaskLife, { invokedMs, completedMs }: Operation): boolean =>
  ranMs(life) <= completedMs + CLOCK_MS &&
  life.goneMs >= invokedMs &&
  life.sightings.every(({ state, atMs }) => !isTerminal(state) || atMs >= invokedMs);

const TWO_WORDS = /^[a-z]+_[a-z]+$/;

export const s7: Claim = (story) => {
  const creates = story.operations.filter(({ kind }) => kind === 'create');
  const nameless = creates.filter(({ spec }) => spec?.Name === '');
  const taken = creates.filter(
    (create) =>
      create.spec?.Name !== '' &&
      creates.some(
        (other) =>
          other.about === create.about &&
          other.outcome === 'ok' &&
          other.completedMs <= create.invokedMs,
      ) &&
      liveAt(story, create.invokedMs, create.about).length > 0,
  );
  if (nameless.length === 0 || taken.length === 0)
    return inconclusive('not both seen: a service without a name, and a name that is taken');
  return worstOf([...nameless.map(getsAName), ...taken.map(isRefused)], '');
};

function getsAName({ outcome, about, text, records }: Operation): Opinion {
  if (outcome !== 'ok') return fails(`a service without a name was refused: ${text}`, records);
  return TWO_WORDS.test(about)
    ? holds(`a service without a name was called ${about}`, records)
    : fails(`a service without a name was called '${about}'`, records);
}

function isRefused({ about, status, text, records }: Operation): Opinion {
  const wanted = `rpc error: code = AlreadyExists desc = name conflicts with an existing object: service ${about} already exists`;
  return status === 409 && text === wanted
    ? holds(`a second ${about} was refused: 409 ${text}`, records)
    : fails(`a second ${about} was answered ${status} '${text}'`, records);
}
