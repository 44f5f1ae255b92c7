import { describe, expect, test } from '@jest/globals';
import type { RaftId } from './messages.ts';
import { TestGroup } from './test-group.ts';
import type { TestMessage } from './test-group.ts';

describe('a proposal', () => {
  test('is applied by everyone in the order of the log', () => {
    const group = led(3);
    for (const payload of ['a', 'b', 'c']) group.replica('1').propose(payload);
    group.settle();
    expect(texts(group).slice(-3)).toEqual(['2 a', '2 b', '2 c']);
    expect(states(group)).toBe(1);
  });
  test('is refused by everyone but the leader', () => {
    const group = led(3);
    expect(group.replica('2').propose('x')).toBeNull();
  });
  test('is committed by a majority, the silent rest notwithstanding', () => {
    const group = led(5);
    group.partition(['1', '2', '3']);
    group.replica('1').propose('x');
    group.settle();
    expect(texts(group).at(-1)).toBe('2 x');
  });
  test('is not committed by half of the members', () => {
    const group = led(4);
    group.partition(['1', '2']);
    const position = group.replica('1').propose('x');
    group.tick(5);
    expect(group.replica('1').status().commit).toBe((position?.index ?? 0) - 1);
  });
  test('is not committed by the followers plus a leader whose disk is still busy', () => {
    const group = led(2);
    const [leader, follower] = [group.node('1'), group.node('2')];
    const before = leader.replica.status().commit;
    leader.replica.propose('x');
    leader.parcel = leader.replica.ready();
    // A host that sends before the sync: the follower has it, the leader's disk not yet.
    for (const message of leader.parcel.messages) group.deliver(message);
    group.run(follower);
    for (const message of group.network.splice(0)) group.deliver(message);
    expect(leader.replica.status().commit).toBe(before);
    leader.replica.advance(leader.parcel);
    expect(leader.replica.status().commit).toBe(before + 1);
  });
  test('of one member alone is committed once its own disk has it', () => {
    const group = led(1);
    const node = group.node('1');
    node.replica.propose('x');
    group.begin(node);
    const before = node.replica.status().commit;
    group.finish(node);
    expect(node.replica.status().commit).toBe(before + 1);
  });
});

describe('an entry of an older term', () => {
  test('that a majority stores is committed only together with one of the leader’s own', () => {
    const group = led(3);
    const leader = group.replica('1');
    group.partition(['1']);
    leader.propose('old');
    group.settle();
    group.tickNode('1', 20);
    leader.campaign();
    group.run(group.node('1'));
    group.network = [];
    const { term, commit } = leader.status();
    leader.step({ type: 'voteResp', to: '1', from: '2', term, reject: false });
    group.run(group.node('1'));
    const acceptance = { type: 'appResp', to: '1', from: '2', term, reject: false } as const;
    leader.step({ ...acceptance, index: 5, rejectHint: 0, logTerm: 0 });
    expect([leader.role, leader.status().commit]).toEqual(['leader', commit]);
    leader.step({ ...acceptance, index: 6, rejectHint: 0, logTerm: 0 });
    expect(leader.status().commit).toBe(6);
  });
});

describe('a follower that is behind', () => {
  test('is found and filled within a few messages, whole terms at a time', () => {
    const group = led(3);
    group.partition(['1', '2']);
    for (let count = 0; count < 100; count++) group.replica('1').propose('');
    group.settle();
    const refusals: TestMessage[] = [];
    group.watch = (message) => {
      if (message.type === 'appResp' && message.reject) refusals.push(message);
    };
    group.heal();
    group.tick(2);
    expect(refusals.length).toBeLessThanOrEqual(1);
    expect(states(group)).toBe(1);
  });
  test('with entries of a lost leader drops all of them after one refusal or two', () => {
    const group = led(3);
    group.partition(['1'], ['2', '3']);
    for (let count = 0; count < 50; count++) group.replica('1').propose('lost');
    group.settle();
    group.tickNode('2', 10);
    group.tickNode('3', 10);
    group.elect('2');
    for (let count = 0; count < 50; count++) group.replica('2').propose('kept');
    group.settle();
    const refusals: TestMessage[] = [];
    group.watch = (message) => {
      if (message.type === 'appResp' && message.reject) refusals.push(message);
    };
    group.heal();
    group.tick(2);
    expect(refusals.length).toBeLessThanOrEqual(2);
    expect(states(group)).toBe(1);
    expect(texts(group).filter((text) => text.endsWith('lost'))).toEqual([]);
  });
  test('never has more than the window of unanswered appends', () => {
    const group = led(2);
    let appends = 0;
    group.watch = ({ type }) => (appends += type === 'app' ? 1 : 0);
    for (let count = 0; count < 20; count++) group.replica('1').propose('x');
    group.run(group.node('1'));
    expect(appends).toBe(4);
    group.settle();
    expect(states(group)).toBe(1);
  });
  test('gets its entries in messages of a bounded size', () => {
    const group = led(3);
    group.partition(['1', '2']);
    for (let count = 0; count < 9; count++) group.replica('1').propose('four');
    group.settle();
    const sizes: number[] = [];
    group.watch = (message) => {
      if (message.type === 'app' && message.to === '3') sizes.push(message.entries.length);
    };
    group.heal();
    group.tick(2);
    expect(Math.max(...sizes)).toBe(3);
    expect(states(group)).toBe(1);
  });
  test('beyond the kept log gets a snapshot, then the rest', () => {
    const group = led(3);
    group.partition(['1', '2']);
    for (let count = 0; count < 9; count++) group.replica('1').propose('x');
    group.settle();
    group.compact(group.node('1'), 0);
    group.replica('1').propose('after');
    group.settle();
    const types: string[] = [];
    group.watch = ({ type, to }) => {
      if (to === '3') types.push(type);
    };
    group.heal();
    group.tick(4);
    expect(types).toContain('snap');
    expect(states(group)).toBe(1);
    expect(group.replica('1').status().progress.get('3')).toEqual({
      match: 14,
      next: 15,
      state: 'replicate',
      recentActive: true,
    });
  });
  test('that took the snapshot gets the rest even before the host reports the delivery', () => {
    const group = led(3);
    group.partition(['1', '2']);
    for (let count = 0; count < 3; count++) group.replica('1').propose('x');
    group.settle();
    group.compact(group.node('1'), 0);
    group.heal();
    const { term } = group.replica('1');
    const head = { to: '1', from: '3', term } as const;
    const response = { ...head, type: 'appResp', rejectHint: 4, logTerm: 2 } as const;
    group.replica('1').step({ ...response, index: 4, reject: true });
    group.replica('1').step({ ...head, type: 'heartbeatResp' });
    expect(group.replica('1').status().progress.get('3')?.state).toBe('snapshot');
    group.replica('1').step({ ...response, index: 7, reject: false });
    expect(group.replica('1').status().progress.get('3')).toMatchObject({
      state: 'replicate',
      match: 7,
    });
  });
  test('gets the snapshot again when it was lost', () => {
    const group = led(3);
    group.partition(['1', '2']);
    group.replica('1').propose('x');
    group.settle();
    group.compact(group.node('1'), 0);
    let lost = 0;
    group.passes = ({ type }) => type !== 'snap' || ++lost > 2;
    group.tick(8);
    expect(lost).toBe(3);
    expect(states(group)).toBe(1);
  });
});

describe('a follower', () => {
  test('commits no entry of its own that the leader has not yet confirmed', () => {
    const group = led(3);
    group.partition(['1']);
    group.replica('1').propose('mine');
    group.settle();
    const { replica } = group.node('1');
    const head = { type: 'app', to: '1', from: '2', term: 3 } as const;
    replica.step({ ...head, index: 4, logTerm: 2, entries: [], commit: 5 });
    expect(replica.status()).toMatchObject({ lastIndex: 5, commit: 4, leader: '2' });
  });
  test('that holds all of a snapshot keeps its log and only commits', () => {
    const group = led(3);
    group.passes = ({ type }) => type !== 'appResp';
    group.replica('1').propose('x');
    group.settle();
    const { replica } = group.node('2');
    const snapshot = { index: 5, term: 2, members: ['1', '2', '3'], data: '' };
    expect(replica.status().commit).toBe(4);
    replica.step({ type: 'snap', to: '2', from: '1', term: 2, snapshot });
    expect(replica.status()).toMatchObject({ firstIndex: 1, commit: 5, applied: 4 });
    expect(replica.ready().snapshot).toBeUndefined();
  });
  test('does not campaign while a snapshot waits for its disk', () => {
    const group = led(3);
    const { replica } = group.node('2');
    const snapshot = { index: 50, term: 2, members: ['1', '2', '3'], data: '' };
    replica.step({ type: 'snap', to: '2', from: '1', term: 2, snapshot });
    replica.campaign();
    expect(replica.role).toBe('follower');
  });
});

describe('a crash', () => {
  test('of all members loses nothing that was committed', () => {
    const group = led(3);
    group.replica('1').propose('x');
    group.settle();
    for (const id of ['1', '2', '3']) group.crash(id);
    for (const id of ['1', '2', '3']) group.start(id);
    group.tick(40);
    group.leader()?.replica.propose('y');
    group.settle();
    expect(texts(group)).toContain('2 x');
    expect(states(group)).toBe(1);
  });
  test('that tore off the term of a stored entry does not go back behind that term', () => {
    const group = led(2);
    const node = group.node('2');
    const { hardState } = node.disk;
    node.disk = { ...node.disk, hardState: { ...hardState, term: 1, vote: '2' } };
    group.crash('2');
    group.start('2');
    expect(group.replica('2').status()).toMatchObject({ term: 2, vote: '' });
  });
});

function led(size: number): TestGroup {
  const ids: RaftId[] = Array.from({ length: size }, (_, at) => String(at + 1));
  const group = new TestGroup(() => 0, ids);
  group.elect('1');
  return group;
}

function texts(group: TestGroup): string[] {
  return [...group.history.values()].map(({ text }) => text);
}

/** How many different states the state machines are in. */
function states(group: TestGroup): number {
  return new Set([...group.nodes.values()].map(({ state }) => state)).size;
}
