/** Claims M6 and M7: what managers and workers answer about their swarm. */
import { wasWorker } from './claims-m-roles.ts';
import { answersTo, isFounder, listedAt, managersAt, type InfoTold } from './membership.ts';
import type { Operation } from './operations.ts';
import { fails, holds, inconclusive, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { nodeAt } from './story.ts';
import type { Story } from './story.ts';

const SECOND_NS = 1e9;
const DAY_NS = 86_400 * SECOND_NS;

/** A fresh swarm's settings, by their places (behaviour.md 11.3 and 15). */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  DefaultAddrPool: ['10.0.0.0/8'],
  SubnetSize: 24,
  DataPathPort: 4789,
  'Spec.Orchestration.TaskHistoryRetentionLimit': 5,
  'Spec.Raft.SnapshotInterval': 10_000,
  'Spec.Raft.KeepOldSnapshots': 0,
  'Spec.Raft.HeartbeatTick': 1,
  'Spec.Raft.ElectionTick': 10,
  'Spec.Dispatcher.HeartbeatPeriod': 5 * SECOND_NS,
  'Spec.CAConfig.NodeCertExpiry': 90 * DAY_NS,
  'Spec.EncryptionConfig.AutoLockManagers': false,
  RootRotationInProgress: false,
};

function at(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((each, part) => (each as Record<string, unknown> | undefined)?.[part], object);
}

/** Which of the settings is another; '' when none is. */
function unlikeDefaults(cluster: unknown): string {
  const wrong = Object.entries(DEFAULTS).find(
    ([path, value]) => JSON.stringify(at(cluster, path)) !== JSON.stringify(value),
  );
  return wrong === undefined
    ? ''
    : `${wrong[0]} is ${JSON.stringify(at(cluster, wrong[0]))}, not ${JSON.stringify(wrong[1])}`;
}

export const m6: Claim = (story) => {
  const members = answersTo(story, '/info').filter(
    (answer) => !isFounder(story, answer) && nodeAt(story, answer.node, answer.invokedMs),
  );
  const opinions = [
    ...members.map((answer) =>
      nodeAt(story, answer.node, answer.invokedMs)?.role === 'manager'
        ? managersInfo(story, answer)
        : workersInfo(story, answer),
    ),
    ...answersTo(story, '/swarm').map((answer) => inspected(answer)),
  ];
  const failed = opinions.some(({ verdict }) => verdict === 'fails');
  const kinds = [/^a manager/, /^a worker/, /^the swarm/];
  const missing = kinds.some((kind) => !opinions.some(({ reason }) => kind.test(reason)));
  if (failed || !missing) return worstOf(opinions, '');
  return inconclusive('not all of a manager, a worker and the swarm were asked');
};

function managersInfo(story: Story, { node, value, records, invokedMs }: Operation): Opinion {
  const info = value as InfoTold;
  const listed = listedAt(story, invokedMs);
  const managers = managersAt(story, invokedMs);
  const wrong = [
    wrongOfItself(story, node, info, invokedMs),
    info.ControlAvailable === true ? '' : 'has no control',
    info.Nodes === listed.length ? '' : `counts ${info.Nodes ?? 0} nodes of ${listed.length}`,
    info.Managers === managers.length
      ? ''
      : `counts ${info.Managers ?? 0} managers of ${managers.length}`,
    unlikeDefaults(info.Cluster),
  ].find((text) => text !== '');
  return wrong === undefined
    ? holds(`a manager, ${node}, tells its id, address, the counts and all settings`, records)
    : fails(`the manager ${node}: ${wrong}`, records);
}

function workersInfo(story: Story, { node, value, records, invokedMs }: Operation): Opinion {
  const info = value as InfoTold;
  const known = Object.keys(info).filter(
    (field) => ['Nodes', 'Managers', 'Cluster'].includes(field) && info[field as 'Nodes'] !== 0,
  );
  const wrong = [
    wrongOfItself(story, node, info, invokedMs),
    info.ControlAvailable === false ? '' : 'claims to have control',
    known.length === 0 ? '' : `tells ${known.join(', ')}`,
  ].find((text) => text !== '');
  return wrong === undefined
    ? holds(
        `a worker, ${node}, tells its id, its address and the managers' addresses only`,
        records,
      )
    : fails(`the worker ${node}: ${wrong}`, records);
}

/** Id, address, state, and where the managers are. */
function wrongOfItself(story: Story, node: string, info: InfoTold, atMs: number): string {
  const addressOf = (name: string): string =>
    story.header.nodes.find((each) => each.name === name)?.address ?? '';
  const managers = managersAt(story, atMs).map((name) => `${addressOf(name)}:2377`);
  const told = (info.RemoteManagers ?? []).map(({ Addr }) => Addr);
  const facts: readonly (readonly [boolean, string])[] = [
    [info.NodeID === nodeAt(story, node, atMs)?.id, 'has another id than is listed'],
    [info.NodeAddr === addressOf(node), `is at ${info.NodeAddr ?? 'no address'}`],
    [info.LocalNodeState === 'active', `is ${info.LocalNodeState ?? 'in no state'}`],
    [
      told.toSorted().join() === managers.toSorted().join(),
      `names the managers ${told.join(', ')}`,
    ],
  ];
  return facts.find(([isTrue]) => !isTrue)?.[1] ?? '';
}

function inspected({ node, value, records }: Operation): Opinion {
  const wrong = unlikeDefaults(value);
  return wrong === ''
    ? holds(`the swarm has the settings of a fresh one, as ${node} tells`, records)
    : fails(`the swarm as ${node} tells it: ${wrong}`, records);
}

const WORKERS_TEXT =
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";

/** What any node answers for itself. */
const OWN = /^\/(info|containers|exec|swarm\/(init|join|leave))/;

export const m7: Claim = (story) => {
  const asked = story.operations.filter(
    ({ node, path, invokedMs, completedMs }) =>
      !OWN.test(path) && wasWorker(story, node, invokedMs, completedMs),
  );
  const wrong = asked.find(({ status, text }) => status !== 503 || text !== WORKERS_TEXT);
  if (wrong !== undefined)
    return fails(
      `the worker ${wrong.node} answered ${wrong.method} ${wrong.path} with ${wrong.status} '${wrong.text}'`,
      wrong.records,
    );
  const writes = asked.filter(({ write }) => write).length;
  if (writes === 0 || writes === asked.length)
    return inconclusive('no worker was asked both to tell and to change something');
  return holds(
    `workers refused ${asked.length - writes} reads and ${writes} writes of the swarm with the one text`,
    asked.flatMap(({ records }) => records),
  );
};
