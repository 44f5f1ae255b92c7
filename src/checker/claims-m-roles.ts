/** Claims M3, M4 and M9: roles and labels of nodes. */
import type { NodeName } from '../model/fault.ts';
import { electionBound, LOAD_MS, roleBound, sumOf } from '../model/bounds.ts';
import { managersAt, roleChangesOf, type RoleChange } from './membership.ts';
import type { Operation } from './operations.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { formAt, leaderAt, nodeAt } from './story.ts';
import type { Story } from './story.ts';
import { ranMs, runningAt, taskAt } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';

const LAST_MANAGER =
  'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm';

export const m3: Claim = (story) => {
  const opinions = roleChangesOf(story)
    .filter((change) => !isOfLastManager(story, change))
    .map((change) => changed(story, change));
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const both = ['worker', 'manager'].every((role) =>
    opinions.some(
      ({ verdict, reason }) => verdict === 'holds' && reason.includes(` became ${role} `),
    ),
  );
  if (failed || both) return worstOf(opinions, '');
  return inconclusive('not both a promotion and a demotion were seen to their end');
};

const isOfLastManager = (story: Story, { to, operation }: RoleChange): boolean =>
  to === 'worker' && managersAt(story, operation.invokedMs).length === 1;

/** What MANAGER STATUS shows for a role: blank, Reachable or Leader. */
function changed(story: Story, { node, to, operation, untilMs }: RoleChange): Opinion {
  const { outcome, status, text, invokedMs, records } = operation;
  if (outcome !== 'ok') return fails(`${node} to ${to} was answered ${status} '${text}'`, records);
  const reachability = to === 'manager' ? 'reachable' : '';
  const line = story.nodes.get(node) ?? [];
  const seen = line.find(
    (each) => each.atMs >= invokedMs && each.role === to && each.reachability === reachability,
  );
  const took = (seen?.atMs ?? Infinity) - invokedMs;
  const evidence = [...records, seen?.n];
  const within = sumOf(electionBound(story.header.settings), roleBound);
  if (took > within.ms)
    return untilMs - invokedMs > within.ms || untilMs === story.endMs
      ? fails(
          Number.isFinite(took)
            ? `${node} was ${to} only after ${seconds(took)}, bound ${within.formula}`
            : `${node} was still no ${to} ${seconds(untilMs - invokedMs)} later, bound ${within.formula}`,
          evidence,
        )
      : inconclusive(`${node} was given another role before it was a ${to}`, evidence);
  const last = formAt(line, untilMs - 1);
  if (last?.role !== to || last.reachability !== reachability)
    return fails(`${node}, a ${to}, reads '${last?.reachability ?? ''}'`, [...evidence, last?.n]);
  const had = runningAt(story, invokedMs).filter((life) => life.node === node);
  const gone = had.find(
    (life) => taskAt(life, (seen?.atMs ?? 0) + LOAD_MS / 2)?.state !== 'running',
  );
  if (gone !== undefined)
    return fails(
      `${gone.service}.${gone.place} on ${node} ended with the change of its role`,
      evidence,
    );
  const shown = to === 'worker' ? 'blank' : last.leader ? 'Leader' : 'Reachable';
  return holds(
    `${node} became ${to} within ${seconds(took)} with ${had.length} tasks running on, its manager status is ${shown}`,
    evidence,
  );
}

export const m4: Claim = (story) => {
  const demotions = roleChangesOf(story).filter(({ to }) => to === 'worker');
  const last = demotions.filter((change) => isOfLastManager(story, change)).map(refused);
  const leading = demotions
    .filter((change) => !isOfLastManager(story, change))
    .filter(({ node, operation }) => leaderAt(story, operation.invokedMs) === node)
    .map((change) => handedOver(story, change));
  const opinions = [...last, ...leading];
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  if (failed || (last.length > 0 && leading.length > 0)) return worstOf(opinions, '');
  return inconclusive('not both the last manager and a leader among others were demoted');
};

const refused = ({ node, operation }: RoleChange): Opinion =>
  operation.outcome === 'fail' && operation.status === 400 && operation.text === LAST_MANAGER
    ? holds(`the last manager ${node} was not demoted`, operation.records)
    : fails(
        `the demotion of the last manager ${node} was answered ${operation.status} '${operation.text}'`,
        operation.records,
      );

function handedOver(story: Story, { node, operation }: RoleChange): Opinion {
  const { outcome, status, text, invokedMs, records } = operation;
  if (outcome !== 'ok')
    return fails(`the demotion of the leader ${node} was answered ${status} '${text}'`, records);
  const bound = sumOf(electionBound(story.header.settings), roleBound);
  const next = [...story.nodes.values()]
    .flat()
    .filter((seen) => seen.atMs > invokedMs && seen.leader && seen.name !== node)
    .sort((a, b) => a.atMs - b.atMs)[0];
  const took = (next?.atMs ?? Infinity) - invokedMs;
  if (next === undefined || took > bound.ms)
    return fails(
      `no other manager led after the leader ${node} was demoted, bound ${bound.formula}`,
      records,
    );
  const after = leaderAt(story, story.endMs);
  if (after === node) return fails(`${node} led again after it was demoted`, records);
  return holds(`the leader ${node} was demoted, and ${next.name} led ${seconds(took)} later`, [
    ...records,
    next.n,
  ]);
}

/** What a constraint on a node's label asks for. */
interface Wanted {
  readonly service: string;
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

const CONSTRAINT = /^node\.labels\.([^=!\s]+)\s*(==|!=)\s*(.+)$/;

const wantedOf = (story: Story): readonly Wanted[] =>
  story.operations
    .filter(({ kind, outcome }) => kind === 'create' && outcome === 'ok')
    .flatMap(({ about: service, spec }) =>
      (spec?.TaskTemplate.Placement?.Constraints ?? []).flatMap((text): Wanted[] => {
        const [, key, sign, value] = CONSTRAINT.exec(text) ?? [];
        if (key === undefined || value === undefined) return [];
        return [{ service, key, equal: sign === '==', value }];
      }),
    );

export const m9: Claim = (story) => {
  const opinions = wantedOf(story).flatMap((wanted) => [
    ...story.tasks
      .filter(({ service }) => service === wanted.service)
      .map((life) => placedByLabel(story, life, wanted)),
  ]);
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const kinds = [/ waited /, / off /];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed || !missing) return worstOf(opinions, '');
  return inconclusive('not both a task that waited for a label and one that kept off it were seen');
};

const NO_NODE = /^no suitable node \(scheduling constraints not satisfied on \d+ nodes?\)$/;

function placedByLabel(story: Story, life: TaskLife, { key, equal, value }: Wanted): Opinion {
  const place = `${life.service}.${life.place}`;
  const waited = life.sightings.find(({ state, err }) => state === 'pending' && NO_NODE.test(err));
  const placed = life.sightings.find(({ node }) => node !== '');
  const labelled = labellings(story, key, value);
  const evidence = [waited?.n, placed?.n, ...labelled.flatMap(({ records }) => records)];
  if (placed === undefined) return inconclusive(`${place} was never placed`, evidence);
  const has = labelled.some(
    ({ about, invokedMs }) => about === placed.node && invokedMs <= placed.atMs,
  );
  if (has !== equal)
    return fails(
      `${place} was put on ${placed.node}, which has ${has ? 'the' : 'no'} label ${key}=${value}`,
      evidence,
    );
  if (!Number.isFinite(ranMs(life))) return fails(`${place} never ran`, evidence);
  if (!equal)
    return labelled.some(({ completedMs }) => completedMs <= life.createdMs)
      ? holds(`${place} kept off ${key}=${value}, on ${placed.node}`, evidence)
      : inconclusive(`no node had ${key}=${value} when ${place} was made`, evidence);
  const first = labelled[0];
  if (waited === undefined || first === undefined || waited.atMs > first.completedMs)
    return inconclusive(`${place} did not have to wait for a label`, evidence);
  const took = ranMs(life) - first.completedMs;
  if (took > LOAD_MS) return fails(`${place} ran ${seconds(took)} after the label`, evidence);
  return holds(
    `${place} waited '${waited.err}' and ran on ${placed.node} ${seconds(took)} after it had ${key}=${value}`,
    evidence,
  );
}

/** The requests that gave a node the label. */
const labellings = (story: Story, key: string, value: string): readonly Operation[] =>
  story.operations.filter(
    ({ kind, body, outcome }) =>
      kind === 'set-node' &&
      outcome === 'ok' &&
      (body as { readonly Labels?: Readonly<Record<string, string>> }).Labels?.[key] === value,
  );

/** Whether the node was a worker in all that time. */
export const wasWorker = (story: Story, node: NodeName, fromMs: number, toMs: number): boolean =>
  [fromMs, toMs].every((atMs) => {
    const seen = nodeAt(story, node, atMs);
    return seen?.role === 'worker' && seen.reachability === '';
  });
