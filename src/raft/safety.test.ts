/**
 * Random outages from seeds: crashes that lose what was not synced, torn writes, cuts, loss,
 * reordering, duplication, membership changes, hand-overs, snapshots. The group checks each
 * step (see test-group.ts); afterwards everything heals, and the group must work again.
 */
import { describe, expect, test } from '@jest/globals';
import { addition, removal, seeded, TestGroup } from './test-group.ts';
import type { TestNode } from './test-group.ts';

const RUNS = 300;
const STEPS = 4500;

interface Run {
  readonly group: TestGroup;
  readonly random: () => number;
  readonly counts: Map<string, number>;
  proposals: number;
  newest: number;
}

// The counts prove that the runs do visit what they claim to visit.
test.each([0, 1, 2, 3, 4, 5])('no outage of batch %i breaks a safety property of Raft', (batch) => {
  const total = new Map<string, number>();
  for (let seed = batch; seed < RUNS; seed += 6) {
    const run = play(seed);
    for (const [name, count] of run.counts) total.set(name, (total.get(name) ?? 0) + count);
  }
  const names = ['elected', 'applied', 'crashed', 'restored', 'changed', 'overwritten'];
  expect(names.filter((name) => (total.get(name) ?? 0) < 10)).toEqual([]);
});

describe('a run from a seed', () => {
  test('is the same run each time', () => {
    const [first, second] = [play(7), play(7)];
    expect([...second.group.history]).toEqual([...first.group.history]);
    expect(second.counts).toEqual(first.counts);
  });
});

function play(seed: number): Run {
  const random = seeded(seed);
  const ids = ['1', '2', '3', '4', '5'].slice(0, seed % 2 === 0 ? 3 : 5);
  const group = new TestGroup(random, ids, 4);
  const run: Run = { group, random, counts: new Map(), proposals: 0, newest: ids.length };
  try {
    for (let step = 0; step < STEPS; step++) act(run);
    group.checkLogMatching();
    recover(run);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  count(run, 'elected', group.leaders.size);
  count(run, 'applied', group.history.size);
  return run;
}

/** One thing happens somewhere. Weights keep elections and progress both frequent. */
function act(run: Run): void {
  const { group, random } = run;
  const dice = random() * 1000;
  const node = pick(run, [...group.nodes.values()]);
  if (dice < 480) deliverOne(run);
  else if (dice < 860) host(run, node);
  else if (dice < 920) {
    if (node.alive) node.replica.tick();
  } else if (dice < 970) propose(run);
  else if (dice < 978) changeMembers(run);
  else if (dice < 980) node.replica.transferLeadership(pick(run, [...group.nodes.keys()]));
  else if (dice < 984) {
    if (node.alive) node.replica.campaign();
  } else if (dice < 990) group.compact(node, Math.floor(random() * 4));
  else if (dice < 997) crashOrStart(run, node);
  else cut(run);
}

function deliverOne({ group, random }: Run): void {
  const { network } = group;
  if (network.length === 0) return;
  const late = random() < 0.3;
  const at = late ? Math.floor(random() * network.length) : 0;
  const message = network[at];
  const fate = random();
  if (fate > 0.03) network.splice(at, 1);
  if (message !== undefined) group.deliver(message, fate < 0.93);
}

/** Slow disks: a parcel is taken now and finished at another time. */
function host(run: Run, node: TestNode): void {
  if (!node.alive) return;
  if (node.parcel === null) {
    run.group.begin(node);
    return;
  }
  const { parcel, disk } = node;
  const first = parcel.entries[0]?.index ?? Infinity;
  if ((disk.entries.at(-1)?.index ?? 0) >= first) count(run, 'overwritten');
  if (parcel.snapshot !== undefined) count(run, 'restored');
  run.group.finish(node);
}

/** To any leader, one that is cut off included: its entries will have to give way. */
function propose(run: Run): void {
  const leaders = [...run.group.nodes.values()].filter(
    ({ alive, replica }) => alive && replica.role === 'leader',
  );
  if (leaders.length > 0) pick(run, leaders).replica.propose(`p${run.proposals++}`);
}

/** Adds a member never seen before, or removes one, keeping the group between 2 and 6. */
function changeMembers(run: Run): void {
  const leader = run.group.leader();
  if (leader === null) return;
  const { members } = leader.replica.status();
  const grow = members.length <= 2 || (members.length < 6 && run.random() < 0.5);
  if (!grow) {
    if (leader.replica.proposeConfChange(removal(pick(run, members)))) count(run, 'changed');
    return;
  }
  const id = String(run.newest + 1);
  if (leader.replica.proposeConfChange(addition(id)) === null) return;
  run.newest++;
  run.group.start(id);
  count(run, 'changed');
}

function crashOrStart(run: Run, node: TestNode): void {
  if (!node.alive) {
    run.group.start(node.id);
    return;
  }
  if (run.random() < 0.6) return;
  run.group.crash(node.id, Math.floor(run.random() * 3));
  count(run, 'crashed');
}

function cut({ group, random }: Run): void {
  const dice = random();
  if (dice < 0.5) {
    group.heal();
    return;
  }
  const leader = group.leader()?.id;
  if (dice < 0.7 && leader !== undefined) {
    group.passes = ({ from, to }) => from !== leader && to !== leader;
    return;
  }
  const sides = new Map([...group.nodes.keys()].map((id) => [id, random() < 0.5]));
  const oneWay = random() < 0.3;
  group.passes = ({ from, to }) =>
    sides.get(from) === sides.get(to) || (oneWay && sides.get(from) === true);
}

/** All faults end: a leader must come, and all members must reach the same state. */
function recover(run: Run): void {
  const { group } = run;
  group.heal();
  for (const node of group.nodes.values()) {
    if (!node.alive) group.start(node.id);
  }
  for (let tick = 0; tick < 400; tick++) {
    group.tick();
    stopRemoved(group);
    const leader = group.leader();
    if (tick % 20 === 19) leader?.replica.propose(`last${tick}`);
    if (tick % 20 === 19) group.settle();
    if (tick > 60 && tick % 20 === 19 && agreed(group)) return;
  }
  throw new Error(`the group did not recover: ${summary(group)}`);
}

/** As Swarm's managers do: who is no longer a member is told, and shuts down. */
function stopRemoved(group: TestGroup): void {
  const leader = group.leader();
  const { members, termStartIndex, applied } = leader?.replica.status() ?? {};
  if (members === undefined || (applied ?? 0) < (termStartIndex ?? Infinity)) return;
  for (const { id, alive } of group.nodes.values()) {
    if (alive && !members.includes(id)) group.crash(id);
  }
}

function agreed(group: TestGroup): boolean {
  const leader = group.leader();
  if (leader === null) return false;
  return leader.replica.status().members.every((id) => {
    const { state, alive } = group.node(id);
    return alive && state === leader.state;
  });
}

function summary(group: TestGroup): string {
  return [...group.nodes.values()]
    .map(({ id, alive, replica }) => {
      const { role, term, commit, lastIndex, members } = replica.status();
      return `${id}${alive ? '' : ' (dead)'} ${role} t${term} c${commit}/${lastIndex} [${members.join()}]`;
    })
    .join('; ');
}

function pick<T>({ random }: Run, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

function count({ counts }: Run, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
