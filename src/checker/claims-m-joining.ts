/** Claims M1, M2 and M5: how a swarm is founded, entered and left. */
import { downBound, LOAD_MS } from '../model/bounds.ts';
import {
  answersTo,
  isFounder,
  managersAt,
  TOKEN_MARK,
  type InfoTold,
  type MemberTold,
  type SwarmTold,
} from './membership.ts';
import type { Operation } from './operations.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { nodeAt } from './story.ts';
import type { Story } from './story.ts';

const ID = /^[0-9a-z]{25}$/;

export const m1: Claim = (story) =>
  worstOf(
    story.operations
      .filter(({ path }) => path === '/swarm/init')
      .map((operation) => founded(story, operation)),
    'no node founded a swarm',
  );

function founded(story: Story, init: Operation): Opinion {
  const { node, records } = init;
  if (init.outcome !== 'ok')
    return fails(`init on ${node} was answered ${init.status} '${init.text}'`, records);
  const [info, self, swarm] = (['/info', '/nodes/', '/swarm'] as const).map((path) =>
    answersTo(story, path).find(
      (answer) => answer.node === node && answer.invokedMs >= init.completedMs,
    ),
  );
  if (info === undefined || self === undefined || swarm === undefined)
    return inconclusive(`${node} was not asked for all that a founder says of itself`, records);
  const evidence = [init, info, self, swarm].flatMap((operation) => operation.records);
  const wrong = wrongWithFounder(init.value, info.value as InfoTold, self.value as MemberTold);
  if (wrong !== '') return fails(`${node}, which founded a swarm, ${wrong}`, evidence);
  const { Worker, Manager } = (swarm.value as SwarmTold).JoinTokens;
  if (!TOKEN_MARK.test(Worker) || !TOKEN_MARK.test(Manager) || Worker === Manager)
    return fails(`${node} has no two join tokens to show: ${Worker}, ${Manager}`, evidence);
  return holds(
    `${node} was answered its node id, is manager and leader of a swarm of one, and says by which tokens and at which address others join`,
    evidence,
  );
}

/** What is not as a founder has it; '' when nothing is. */
function wrongWithFounder(id: unknown, info: InfoTold, self: MemberTold): string {
  if (typeof id !== 'string' || !ID.test(id)) return `was answered ${JSON.stringify(id)}`;
  const [manager, ...others] = info.RemoteManagers ?? [];
  const facts: readonly (readonly [boolean, string])[] = [
    [info.NodeID === id && self.ID === id, 'has another id than it was answered'],
    [info.LocalNodeState === 'active', `is ${info.LocalNodeState ?? 'in no state'}`],
    [info.ControlAvailable === true, 'has no control'],
    [info.Nodes === 1 && info.Managers === 1, 'is not alone in its swarm'],
    [self.Spec.Role === 'manager', `is a ${self.Spec.Role ?? 'nothing'}`],
    [self.ManagerStatus?.Leader === true, 'is not the leader'],
    [self.ManagerStatus?.Reachability === 'reachable', 'is not reachable'],
    [manager?.NodeID === id && others.length === 0, 'does not name itself as the one to join at'],
    [manager?.Addr === `${info.NodeAddr ?? ''}:2377`, `is joined at ${manager?.Addr ?? 'nowhere'}`],
  ];
  return facts.find(([isTrue]) => !isTrue)?.[1] ?? '';
}

const REFUSED_TOKEN =
  'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster';

export const m2: Claim = (story) => {
  const told = tokensTold(story);
  const malformed = told.find(({ worker, manager }) => !(isWhole(worker) && isWhole(manager)));
  if (malformed !== undefined)
    return fails(
      `the tokens are ${malformed.worker} and ${malformed.manager}`,
      malformed.operation.records,
    );
  const joins = story.operations.filter(({ path }) => path === '/swarm/join');
  const opinions = [...joins.map((join) => joined(story, join, told)), ...rotated(story, told)];
  const failed = opinions.filter(({ verdict }) => verdict === 'fails');
  const kinds = [/ as worker$/, / as manager$/, / was refused$/, / was rotated/];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed.length > 0 || !missing) return worstOf(opinions, '');
  return inconclusive('not all was tried: each token, a rotation and the token from before it');
};

interface TokensTold {
  readonly worker: string;
  readonly manager: string;
  readonly operation: Operation;
}

/** What the managers of the scenario's own swarm said. */
const tokensTold = (story: Story): readonly TokensTold[] =>
  answersTo(story, '/swarm')
    .filter((operation) => !isFounder(story, operation))
    .map((operation) => {
      const { Worker: worker, Manager: manager } = (operation.value as SwarmTold).JoinTokens;
      return { worker, manager, operation };
    });

const isWhole = (mark: string): boolean => TOKEN_MARK.test(mark);

function joined(story: Story, join: Operation, told: readonly TokensTold[]): Opinion {
  const { JoinToken: token } = join.body as { readonly JoinToken: string };
  const now = told.findLast(({ operation }) => operation.completedMs <= join.invokedMs);
  const { node } = join;
  if (now === undefined) return inconclusive('which tokens were in force is not known');
  const role = token === now.worker ? 'worker' : token === now.manager ? 'manager' : '';
  const evidence = [...join.records, ...now.operation.records];
  if (role === '') {
    if (join.outcome === 'fail' && join.status === 400 && join.text === REFUSED_TOKEN)
      return holds(`${node} with a token that is no longer in force was refused`, evidence);
    return fails(
      `${node} with a token that is no longer in force was answered ${join.status} '${join.text}'`,
      evidence,
    );
  }
  if (join.outcome !== 'ok')
    return fails(`${node} with the ${role}'s token was refused: '${join.text}'`, evidence);
  const seen = story.nodes
    .get(node)
    ?.find(({ atMs, state }) => atMs >= join.invokedMs && state === 'ready');
  if (seen === undefined) return fails(`${node} joined and was never seen ready`, evidence);
  if (seen.role !== role)
    return fails(`${node} with the ${role}'s token came in as ${seen.role}`, [...evidence, seen.n]);
  return holds(`${node} with the ${role}'s token came in as ${role}`, [...evidence, seen.n]);
}

/** Each rotation: the one token is another, and the other is not. */
function rotated(story: Story, told: readonly TokensTold[]): readonly Opinion[] {
  return story.operations.flatMap((operation) => {
    const which = /rotate(Worker|Manager)Token=true/.exec(operation.path)?.[1]?.toLowerCase();
    if (which === undefined || operation.outcome !== 'ok') return [];
    const role = which === 'worker' ? 'worker' : 'manager';
    const other = role === 'worker' ? 'manager' : 'worker';
    const before = told.findLast((each) => each.operation.completedMs <= operation.invokedMs);
    const after = told.find((each) => each.operation.invokedMs >= operation.completedMs);
    if (before === undefined || after === undefined)
      return [inconclusive('the tokens were not read before and after a rotation')];
    const evidence = [before.operation, operation, after.operation].flatMap((each) => each.records);
    if (before[role] === after[role])
      return [fails(`the ${role}'s token is the same after its rotation`, evidence)];
    if (before[other] !== after[other])
      return [fails(`the ${other}'s token changed with the ${role}'s`, evidence)];
    return [holds(`the ${role}'s token was rotated, the ${other}'s stayed`, evidence)];
  });
}

const MANAGER =
  'You are attempting to leave the swarm on a node that is participating as a manager. ';
const LAST =
  'Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ';
const RESTORE =
  'The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.';

export const m5: Claim = (story) => {
  const opinions = [
    ...story.operations
      .filter(({ path }) => path.startsWith('/swarm/leave'))
      .map((operation) => left(story, operation)),
    ...story.operations
      .filter(({ method, path }) => method === 'DELETE' && path.startsWith('/nodes/'))
      .map((operation) => removed(story, operation)),
  ];
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const kinds = [/ was refused to leave/, / was Down /, / was not removed/, / was removed/];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed || !missing) return worstOf(opinions, '');
  return inconclusive(
    'not all was tried: a manager and a worker that leave, a node that is up and one that is down removed',
  );
};

function left(story: Story, leave: Operation): Opinion {
  const { node, invokedMs, records } = leave;
  const founder = isFounder(story, leave);
  const before = nodeAt(story, node, invokedMs);
  const role = founder ? 'manager' : (before?.role ?? '');
  const isForced = leave.path.includes('force=1');
  if (role === 'manager' && !isForced) {
    const text = `${MANAGER}${founder ? LAST : `${lossOfQuorum(story, invokedMs)}${RESTORE}`}`;
    return leave.outcome === 'fail' && leave.status === 503 && leave.text === text
      ? holds(`the manager ${node} was refused to leave without force`, records)
      : fails(
          `the manager ${node}, leaving, was answered ${leave.status} '${leave.text}'`,
          records,
        );
  }
  if (leave.outcome !== 'ok')
    return fails(
      `the ${role} ${node}, leaving, was answered ${leave.status} '${leave.text}'`,
      records,
    );
  if (founder) return holds(`the manager ${node} left by force`, records);
  return listedAsDown(story, leave, before?.id ?? '');
}

/** The sentence about the quorum, where one is due (moby: Cluster.Leave). */
function lossOfQuorum(story: Story, atMs: number): string {
  const states = managersAt(story, atMs).map((name) => nodeAt(story, name, atMs)?.reachability);
  const reachable = states.filter((state) => state === 'reachable').length;
  const unreachable = states.length - reachable;
  return reachable - 2 > unreachable
    ? ''
    : `Removing this node leaves ${reachable - 1} managers out of ${states.length}. Without a Raft quorum your swarm will be inaccessible. `;
}

/** The node stays in the list, down, until somebody removes it. */
function listedAsDown(story: Story, leave: Operation, id: string): Opinion {
  const { node, invokedMs, records } = leave;
  const bound = downBound(story.header.settings);
  const down = story.nodes
    .get(node)
    ?.find((seen) => seen.id === id && seen.atMs >= invokedMs && seen.state === 'down');
  const took = (down?.atMs ?? Infinity) - invokedMs;
  const evidence = [...records, down?.n];
  if (took > bound.ms)
    return fails(
      `${node}, which left, was down after ${seconds(took)}, bound ${bound.formula}`,
      evidence,
    );
  const unlisted = story.unlisted.get(id);
  const removal = story.operations.find(
    (operation) =>
      operation.method === 'DELETE' &&
      operation.path.startsWith(`/nodes/${id}`) &&
      operation.outcome === 'ok',
  );
  if (unlisted !== undefined && unlisted.atMs < (removal?.invokedMs ?? Infinity))
    return fails(`${node} left the list without being removed`, [...evidence, unlisted.n]);
  return holds(
    `${node} was Down ${seconds(took)} after it left, and listed until it was removed`,
    evidence,
  );
}

function removed(story: Story, removal: Operation): Opinion {
  const id = /^\/nodes\/([^/?]+)/.exec(removal.path)?.[1] ?? '';
  const line = [...story.nodes.values()].flat().filter((seen) => seen.id === id);
  const before = line.findLast(({ atMs }) => atMs <= removal.invokedMs);
  const { outcome, status, text, records } = removal;
  const node = before?.name ?? removal.about;
  const evidence = [...records, before?.n];
  if (before?.state === 'ready' && !removal.path.includes('force=1')) {
    const expected = `rpc error: code = FailedPrecondition desc = node ${id} is not down and can't be removed`;
    return outcome === 'fail' && status === 400 && text === expected
      ? holds(`${node}, which is up, was not removed without force`, evidence)
      : fails(`the removal of ${node}, which is up, was answered ${status} '${text}'`, evidence);
  }
  if (outcome !== 'ok')
    return fails(
      `the removal of ${node}, which is ${before?.state ?? 'unknown'}, was answered ${status} '${text}'`,
      evidence,
    );
  const took = (story.unlisted.get(id)?.atMs ?? Infinity) - removal.completedMs;
  if (took > LOAD_MS) return fails(`${node} is still listed after its removal`, evidence);
  return holds(`${node} was removed and is not listed`, [...evidence, story.unlisted.get(id)?.n]);
}
