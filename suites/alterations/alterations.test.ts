/**
 * What the judge sees. Histories that real Swarm was recorded with are altered in one thing at a time, as the seed says, and judged against themselves as they
 * were: each row of the table says what has to notice, or why nothing need to. Rules of chance that grow too wide turn rows of the first kind red; what is
 * mended turns rows of the second kind red, and they move up.
 */
import { describe, expect, test } from '@jest/globals';
import { SCENARIOS } from '../scenarios.ts';
import { inTime, toldOf } from './altering.ts';
import type { Alter } from './altering.ts';
import * as answers from './of-answers.ts';
import * as clients from './of-clients.ts';
import * as containers from './of-containers.ts';
import * as histories from './of-histories.ts';
import * as nodes from './of-nodes.ts';
import * as services from './of-services.ts';
import * as tasks from './of-tasks.ts';
import { illegalSteps } from '../../src/checker/illegal-steps.ts';
import { judgeClaims } from '../../src/checker/judge.ts';
import { compareHistories } from '../../src/checker/sameness.ts';
import { strainOf } from '../../src/checker/strain.ts';
import { timingsOf } from '../../src/checker/timing.ts';
import type { HistoryRecord } from '../../src/model/history.ts';
import { createRandom } from '../../src/model/random.ts';
import { isOutside } from '../../src/model/verdict.ts';
import { recordedHistory } from '../../src/command/recorded.ts';

type Records = readonly HistoryRecord[];

const RECORDED = SCENARIOS.map((scenario) => recordedHistory('26.1', scenario));
/** So many histories of those that have something of the kind. */
const TRIED = 4;

/** What the judge says of one history by itself. */
interface Alone {
  readonly rules: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  readonly outside: number;
}

const known = new Map<Records, Alone>();

function alone(records: Records): Alone {
  const found = known.get(records) ?? {
    rules: new Set(illegalSteps(records).map(({ rule, text }) => `rule ${rule}: ${text}`)),
    failed: new Set(
      judgeClaims(records)
        .filter(
          ({ verdict, reason }) => verdict === 'fails' || reason.includes('otherwise it fails'),
        )
        .map(({ id }) => `claim ${id}`),
    ),
    outside: timingsOf(records).filter(isOutside).length,
  };
  if (RECORDED.includes(records)) known.set(records, found);
  return found;
}

/** All that the judge says of the altered history and did not say of it as it was, each as what notices it. */
function noticed(before: Records, after: Records): ReadonlySet<string> {
  const [was, is] = [alone(before), alone(after)];
  const { sameness, differences } = compareHistories(before, after);
  return new Set([
    ...(sameness === 'inconclusive' && differences.length === 0 ? ['cannot be judged'] : []),
    ...differences.map(({ field }) => partOf(field)),
    ...[...is.rules].filter((rule) => !was.rules.has(rule)).map((rule) => rule.split(':')[0] ?? ''),
    ...[...is.failed].filter((claim) => !was.failed.has(claim)),
    ...(is.outside > was.outside ? ['a time outside its range'] : []),
  ]);
}

/** A field without the names in it. */
const partOf = (field: string): string =>
  field
    .replace(/^(operations|answers|steps|control)\..*/, '$1')
    .replace(/^(end\.\w+).*/, '$1')
    .replace(/^(services|nodes)\.[^.]*\.(\w+).*/, '$1.*.$2');

interface Trial {
  readonly scenario: string;
  readonly noticed: ReadonlySet<string>;
}

/** On a machine that was short of time some rules are not asked. */
const isStrained = (records: Records): boolean =>
  strainOf(toldOf(records, createRandom('')).story) !== null;

function tried(name: string, alter: Alter, by = ''): readonly Trial[] {
  const random = createRandom(name);
  const order = RECORDED.map((records) => ({ records, at: random.next() }));
  const trials: Trial[] = [];
  for (const { records } of order.sort((a, b) => a.at - b.at)) {
    const altered = trials.length < TRIED ? alter(toldOf(records, random.fork())) : null;
    const [header] = records;
    if (altered === null || header?.type !== 'header') continue;
    if (by.startsWith('rule') && isStrained(records)) continue;
    trials.push({ scenario: header.scenario.name, noticed: noticed(records, altered) });
  }
  return trials;
}

/** As a swarm would have been recorded; what is wrong with the record itself stays so. */
const recorded =
  (alter: Alter): Alter =>
  (told) => {
    const altered = alter(told);
    return altered === null ? null : inTime(altered);
  };

type Row = readonly [alteration: string, alter: Alter, by: string];

const OF_TASKS: readonly Row[] = [
  ['a slot has a number beyond the replicas', tasks.slotBeyond, 'rule beyond-slots'],
  ['a replacement is in another slot', tasks.replacementElsewhere, 'services.*.slots'],
  ['a task is on a drained or paused node', tasks.onUnavailableNode, 'rule misplaced'],
  ['a task is on a node that is down', tasks.onDownNode, 'rule misplaced'],
  ['a task is on a node that its constraints forbid', tasks.onForbiddenNode, 'rule misplaced'],
  ['all tasks of a service are on one node', tasks.crowded, 'rule not-emptiest'],
  ['a task is not seen to run', tasks.runningUnseen, 'services.*.slots'],
  ['two states of a task are exchanged', tasks.statesSwapped, 'rule state-back'],
  ['an error has another text', tasks.errorOther, 'services.*.slots'],
  ['an error is lost', tasks.errorLost, 'services.*.slots'],
  ['an exit code is another', tasks.exitOther, 'services.*.slots'],
  ['a task ends otherwise', tasks.endOther, 'services.*.slots'],
  ["a task's message is another", tasks.messageOther, 'services.*.slots'],
  ['a task has another image', tasks.imageOther, 'services.*.slots'],
  ['a task has another environment', tasks.environmentOther, 'services.*.slots'],
  ['a task is never told to go', tasks.neverToldToGo, 'services.*.slots'],
  ['an old task more is kept', tasks.oldTaskMore, 'end.tasks'],
  ['an old task is thrown away early', tasks.forgottenEarly, 'end.tasks'],
  ['an old task is kept too long', tasks.keptTooLong, 'end.tasks'],
  ['a task is missing', tasks.taskLess, 'services.*.slots'],
  ['a task comes back after its removal', tasks.cameBack, 'rule came-back'],
  ['a slot is filled 30 s later', tasks.refillLate, 'a time outside its range'],
  ['a replacement does not wait', tasks.withoutDelay, 'services.*.slots'],
];

const OF_SERVICES: readonly Row[] = [
  ['a step of an update is not seen', services.updateStepUnseen, 'services.*.update'],
  ['an update pauses for a while', services.updateStepMore, 'services.*.update'],
  ['an update pauses for a moment', services.briefUpdateStepMore, 'rule no-updater'],
  ['an update has another message', services.updateMessageOther, 'services.*.update'],
  ['an update is in another state', services.updateStateOther, 'services.*.update'],
  ['a label more is in a spec', services.labelMore, 'services.*.spec'],
  ['a label more is in the spec of an update', services.specOfLastFormOther, 'services.*.spec'],
  ['a variable of the environment is lost', services.environmentLost, 'services.*.spec'],
  ['a secret is lost', services.secretLost, 'services.*.spec'],
  ["a secret's mode is another", services.secretModeOther, 'services.*.spec'],
  ['a constraint is lost', services.constraintLost, 'services.*.spec'],
  ['an update has another parallelism', services.updateConfigOther, 'services.*.spec'],
  ['the previous spec is lost', services.previousSpecLost, 'services.*.previousSpec'],
  ['a version goes back', services.versionBack, 'rule version-back'],
  ['a removed service stays', services.neverRemoved, 'end.services'],
  ['a service goes by itself', services.removedByItself, 'end.services'],
];

const OF_NODES: readonly Row[] = [
  ['a lost node is never down', nodes.neverDown, 'nodes.*.state'],
  ['a node is down for another reason', nodes.downMessageOther, 'nodes.*.state'],
  ['a healthy node is down for a while', nodes.downByItself, 'nodes.*.state'],
  ['a node is paused by itself', nodes.pausedByItself, 'nodes.*.spec'],
  ['a manager is a worker for a while', nodes.demotedByItself, 'nodes.*.spec'],
  ['a node has a label more', nodes.nodeLabelMore, 'nodes.*.spec'],
  ['a node has lost its labels', nodes.nodeLabelLost, 'nodes.*.spec'],
  ['an engine has a label more', nodes.engineLabelMore, 'nodes.*.spec'],
  ['two managers lead', nodes.twoLeaders, 'rule two-leaders'],
  ['a node is no longer listed', nodes.unlistedByItself, 'end.nodes'],
];

const OF_ANSWERS: readonly Row[] = [
  ['a refusal has another code', answers.codeOther, 'operations'],
  ['a refusal has another text', answers.textOther, 'operations'],
  ['a success has another code', answers.successCodeOther, 'operations'],
  ['what was done is refused', answers.refusedInstead, 'operations'],
  ['what was answered is not', answers.unknownInstead, 'operations'],
  ['an answer says something else', answers.bodyOther, 'answers'],
  ['a wait passes its bound', answers.waitLate, 'steps'],
  ['a manager without a leader says so otherwise', answers.lookTextOther, 'control'],
  ['a manager without a leader has another code', answers.lookCodeOther, 'control'],
  ['a manager answers without a quorum', answers.answersWithoutQuorum, 'control'],
  ['a manager without a leader says nothing', answers.hangsInstead, 'control'],
  ['a client reads what nobody wrote', clients.neverWritten, 'claim L1'],
  ['a client reads what was written by a write that failed', clients.failedAndWritten, 'claim L1'],
  ['a client reads what is long gone', clients.longGone, 'claim L2'],
];

const OF_CONTAINERS: readonly Row[] = [
  ['the container of a task never ran', containers.neverRan, 'rule unlike-its-container'],
  ['a container runs on when its task has ended', containers.ranOn, 'end.containers'],
  [
    'a container stops, and nobody hears of it',
    containers.stoppedUnheard,
    'rule unlike-its-container',
  ],
  ['a task has two containers', containers.ranTwice, 'rule one-container'],
  ['a container runs on another node', containers.ranElsewhere, 'rule one-container'],
  ['a container runs for no task', containers.ranForNobody, 'rule one-container'],
  ['a task is said to have another container', containers.otherContainerTold, 'rule one-container'],
];

const OF_MACHINES: readonly Row[] = [
  ['a secret lies on a disk', histories.secretOnDisk, 'claim C2'],
  ['a port is not listened on', histories.portNotListenedOn, 'claim M8'],
];

const OF_RECORDS: readonly Row[] = [
  ['the history is cut off', histories.cutOff, 'cannot be judged'],
  ['the run was aborted', histories.aborted, 'cannot be judged'],
  ['an engine could not be watched', histories.engineUnwatched, 'cannot be judged'],
  ['a fault was never proved', histories.neverBit, 'cannot be judged'],
];

const SEEN: readonly Row[] = [
  ...[OF_TASKS, OF_SERVICES, OF_NODES, OF_ANSWERS, OF_CONTAINERS, OF_MACHINES]
    .flat()
    .map(([name, alter, by]): Row => [name, recorded(alter), by]),
  ...OF_RECORDS,
];

/** What two runs of real Swarm do otherwise by chance, with where that is declared. */
const OPEN: readonly Row[] = [
  ['two tasks have exchanged their slots', tasks.slotsExchanged, 'ties: services.*.slots'],
  ['two tasks have exchanged their nodes', tasks.nodesExchanged, 'ties: end.placement'],
  ['a task is not seen to start', tasks.startingUnseen, 'passing states: services.*.slots'],
  ['a task starts 0.3 s later', tasks.startLater, 'times decide nothing within their ranges'],
  ['a brief step of an update is not seen', services.briefUpdateStepUnseen, 'brief: all'],
  ['another manager leads', nodes.leaderOther, 'elections: nodes.*'],
  ['a calm node is unknown for a while', nodes.unknownByItself, 'elections: nodes.*.state'],
  ['a calm manager is unreachable', nodes.unreachableByItself, 'elections: nodes.*.reachability'],
  ['a container is not seen before it runs', containers.createdUnseen, 'the end counts, and rules'],
];

describe('the judge sees it where', () => {
  test.each(SEEN)('%s', (name, alter, by) => {
    const trials = tried(name, alter, by);
    expect(trials.length).toBeGreaterThan(0);
    const unseen = trials.filter((trial) => !trial.noticed.has(by));
    expect(unseen.map(({ scenario, noticed: others }) => [scenario, ...others])).toEqual([]);
  });
});

describe('nothing is said of it where', () => {
  test.each(OPEN)('%s', (name, alter) => {
    const trials = tried(name, recorded(alter));
    expect(trials.some((trial) => trial.noticed.size === 0)).toBe(true);
  });
});

test('nothing is said of a history that was not altered', () => {
  const said = RECORDED.map((records) => noticed(records, inTime(records)));
  expect(said.flatMap((each) => [...each])).toEqual([]);
});
