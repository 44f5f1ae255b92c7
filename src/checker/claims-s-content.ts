/** S8, S10 and S11: logs, mounts, stacks. */
import type { Mount } from '../model/specs.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf, replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { formAt } from './story.ts';
import type { Story } from './story.ts';
import { lastOf, liveAt, runningAt } from './task-lives.ts';

interface LogLine {
  readonly node: string;
  readonly task: string;
  readonly text: string;
}

export const s8: Claim = (story) =>
  worstOf(
    story.operations
      .filter(({ path }) => /^\/services\/[^/]+\/logs/.test(path))
      .map((read) => linesOfAll(story, read)),
    'no logs of a service were read',
  );

/** The workload writes its answer, the container's host name and the task's name once, when it starts. */
function linesOfAll(story: Story, read: Operation): Opinion {
  const { about, invokedMs, outcome, records } = read;
  if (outcome !== 'ok')
    return fails(`the logs of ${about} could not be read: ${read.text}`, records);
  const lines = read.value as readonly LogLine[];
  const tasks = runningAt(story, invokedMs, about);
  const answer = imageOf(formAt(story.services.get(about), invokedMs)?.spec).split(':')[1] ?? '';
  for (const life of tasks) {
    const name = `${life.service}.${life.place}.${life.id}`;
    const own = lines.filter(({ task }) => task === life.id);
    if (own.length === 0) return fails(`nothing was read of ${name} on ${life.node}`, records);
    const node = story.nodes.get(life.node)?.at(-1)?.id ?? '';
    const astray = own.find((line) => line.node !== node);
    if (astray !== undefined)
      return fails(`${name} is on ${life.node}, its line says ${astray.node}`, records);
    if (!own.some(({ text }) => text.startsWith(answer) && text.includes(name)))
      return fails(`the lines of ${name} are not its own: ${own[0]?.text ?? ''}`, records);
  }
  const nobody = lines.find(({ task }) => !story.tasks.some(({ id }) => id === task));
  if (nobody !== undefined) return fails(`a line is of no task: ${nobody.text}`, records);
  const nodes = new Set(tasks.map(({ node }) => node));
  if (nodes.size < 2) return inconclusive(`${about} ran on ${nodes.size} node only`);
  return holds(
    `${lines.length} lines of ${about} by ${tasks.length} tasks from ${nodes.size} nodes, each with its task and node`,
    records,
  );
}

const BIND_MISSING = 'invalid mount config for type "bind": bind source path does not exist: ';

const mountsOf = (operation: Operation): readonly Mount[] =>
  operation.spec?.TaskTemplate.ContainerSpec?.Mounts ?? [];

export const s10: Claim = (story) => {
  const creates = story.operations.filter(
    (operation) => operation.kind === 'create' && mountsOf(operation).length > 0,
  );
  const seen = story.operations.filter(({ path }) => /^\/containers\/[^/]+\/json/.test(path));
  const rejected = creates.flatMap((create) => {
    const lives = story.tasks.filter(({ service }) => service === create.about);
    const ends = lives.flatMap((life) => lastOf(life) ?? []);
    return ends.some(({ state }) => state === 'rejected') ? [rejectedForSource(create, ends)] : [];
  });
  const mounted = creates.flatMap((create) =>
    seen
      .filter(({ value }) => nameIn(value).startsWith(`${create.about}.`))
      .map((look) => isMounted(create, look)),
  );
  const kinds = new Set(creates.filter(({ about }) => isLookedAt(seen, about)).flatMap(mountKinds));
  if (!kinds.has('bind') || !kinds.has('volume'))
    return inconclusive('not both looked at: a volume and a bind mount in a container');
  if (rejected.length === 0)
    return creates.some((create) => mountsOf(create).some(({ Source }) => isNowhere(Source)))
      ? fails('a bind whose source is nowhere did not reject its task')
      : inconclusive('no bind whose source is missing was tried');
  return worstOf([...mounted, ...rejected], '');
};

/** What scenarios call a path that no node has. */
const isNowhere = (source: string | undefined): boolean => source?.startsWith('/nowhere') === true;

const mountKinds = (create: Operation): readonly string[] =>
  mountsOf(create).map(({ Type }) => Type ?? '');

const nameIn = (value: unknown): string =>
  (value as { readonly name?: string } | undefined)?.name ?? '';

const isLookedAt = (looks: readonly Operation[], service: string): boolean =>
  looks.some(({ value }) => nameIn(value).startsWith(`${service}.`));

interface SeenMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

function isMounted(create: Operation, look: Operation): Opinion {
  const { mounts } = look.value as { readonly mounts: readonly SeenMount[] };
  const evidence = [...create.records, ...look.records];
  for (const { Type = '', Source = '', Target = '', ReadOnly = false } of mountsOf(create)) {
    const seen = mounts.find(({ target }) => target === Target);
    const text = `${create.about}: ${Type} ${Source} at ${Target}`;
    if (seen === undefined) return fails(`${text} is not mounted`, evidence);
    if (seen.type !== Type || seen.source !== Source || seen.readOnly !== ReadOnly)
      return fails(`${text} is ${JSON.stringify(seen)}`, evidence);
  }
  return holds(`${create.about} has its ${mountKinds(create).join(' and its ')}`, evidence);
}

function rejectedForSource(
  create: Operation,
  ends: readonly { readonly state: string; readonly err: string; readonly n: number }[],
): Opinion {
  const source = mountsOf(create).find(({ Source }) => isNowhere(Source))?.Source ?? '';
  const wanted = BIND_MISSING + source;
  const [wrong] = ends.filter(({ state, err }) => state !== 'rejected' || err !== wanted);
  return wrong === undefined
    ? holds(
        `${create.about}: rejected '${wanted}'`,
        ends.map(({ n }) => n),
      )
    : fails(`${create.about}: ${wrong.state} '${wrong.err}'`, [wrong.n]);
}

const STACK_LABEL = 'com.docker.stack.namespace';

interface Item {
  readonly id: string;
  readonly name: string;
}

export const s11: Claim = (story) => {
  const made = story.operations.filter(
    ({ kind, outcome, spec }) =>
      kind === 'create' && outcome === 'ok' && spec?.Labels[STACK_LABEL] !== undefined,
  );
  const stack = made[0]?.spec?.Labels[STACK_LABEL];
  if (stack === undefined) return inconclusive('no stack was deployed');
  const lists = story.operations.filter(
    ({ method, path, outcome }) =>
      method === 'GET' &&
      outcome === 'ok' &&
      decodeURIComponent(path).includes(`${STACK_LABEL}=${stack}`),
  );
  // Its services are removed one after another.
  const removals = story.operations.filter(
    ({ kind, about }) => kind === 'remove' && made.some((create) => create.about === about),
  );
  if (removals.length === 0) return inconclusive(`the stack ${stack} was not removed`);
  const firstMs = Math.min(...removals.map(({ invokedMs }) => invokedMs));
  const lastMs = Math.max(...removals.map(({ completedMs }) => completedMs));
  const kinds = ['services', 'tasks', 'networks'].map((kind) => ({
    before: lists.find((list) => isOf(list, kind) && list.completedMs < firstMs),
    after: lists.findLast((list) => isOf(list, kind) && list.invokedMs > lastMs),
  }));
  if (kinds.some(({ before, after }) => before === undefined || after === undefined))
    return inconclusive(
      `not all lists of the stack ${stack} were made before and after its removal`,
    );
  const [services, tasks, networks] = kinds.map(({ before }) => before);
  const opinions = [
    listsServices(made, services),
    listsTasks(story, made, tasks),
    listsNetworks(stack, made, networks),
    ...kinds.map(({ after }) => isEmpty(stack, after)),
    ...made.map((create) => ranAsDeclared(story, create, firstMs)),
  ];
  return worstOf(opinions, '');
};

const isOf = ({ path }: Operation, kind: string): boolean => path.startsWith(`/${kind}?`);

const itemsOf = (list: Operation | undefined): readonly Item[] =>
  (list?.value ?? []) as readonly Item[];

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  [...one].sort().join() === [...other].sort().join();

function listsServices(made: readonly Operation[], list: Operation | undefined): Opinion {
  const names = itemsOf(list).map(({ name }) => name);
  const text = `the stack's services are ${names.join(' ')}`;
  const wanted = made.map(({ about }) => about);
  return sameTexts(names, wanted) ? holds(text, list?.records) : fails(text, list?.records);
}

function listsTasks(
  story: Story,
  made: readonly Operation[],
  list: Operation | undefined,
): Opinion {
  const ids = itemsOf(list).map(({ id }) => id);
  const wanted = made.flatMap(({ about }) => liveAt(story, list?.invokedMs ?? 0, about));
  const missing = wanted.find(({ id }) => !ids.includes(id));
  if (missing !== undefined)
    return fails(
      `${missing.service}.${missing.place} is not among the stack's tasks`,
      list?.records,
    );
  const stranger = ids.find((id) => {
    const life = story.tasks.find((each) => each.id === id);
    return life === undefined || !made.some(({ about }) => about === life.service);
  });
  return stranger === undefined
    ? holds(`the stack has ${ids.length} tasks`, list?.records)
    : fails(`the task ${stranger} is not of the stack`, list?.records);
}

function listsNetworks(
  stack: string,
  made: readonly Operation[],
  list: Operation | undefined,
): Opinion {
  const names = itemsOf(list).map(({ name }) => name);
  const wanted = made.flatMap(({ spec }) =>
    (spec?.TaskTemplate.Networks ?? []).map(({ Target }) => Target ?? ''),
  );
  const text = `the networks of ${stack} are ${names.join(' ') || 'none'}`;
  if (wanted.length === 0) return inconclusive(`no service of ${stack} asks for a network`);
  return sameTexts(names, [...new Set(wanted)])
    ? holds(text, list?.records)
    : fails(text, list?.records);
}

function isEmpty(stack: string, list: Operation | undefined): Opinion {
  const left = itemsOf(list);
  const kind = /^\/(\w+)/.exec(list?.path ?? '')?.[1] ?? '';
  return left.length === 0
    ? holds(`no ${kind} of ${stack} are left`, list?.records)
    : fails(`${left.length} ${kind} of ${stack} are left`, list?.records);
}

function ranAsDeclared(story: Story, { about, spec, records }: Operation, atMs: number): Opinion {
  const running = runningAt(story, atMs, about).length;
  const declared = replicasOf(spec);
  const text = `${about} ran ${running} of ${declared ?? 'a task on each node'}`;
  return declared === null || running === declared ? holds(text, records) : fails(text, records);
}
