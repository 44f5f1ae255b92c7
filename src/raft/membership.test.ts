import { describe, expect, test } from '@jest/globals';
import { addition, removal, seeded, TestGroup } from './test-group.ts';

describe('a joining member', () => {
  test('starts with nothing and gets the log', () => {
    const group = led(['1']);
    group.start('2');
    group.replica('1').proposeConfChange(addition('2'));
    group.settle();
    expect(group.node('2').state).toBe(group.node('1').state);
    expect(group.replica('2').status().members).toEqual(['1', '2']);
  });
  test('gets a snapshot that names it when the log is gone', () => {
    const group = led(['1']);
    group.compact(group.node('1'), 0);
    group.start('2');
    const named: (readonly string[])[] = [];
    group.watch = (message) => {
      if (message.type === 'snap') named.push(message.snapshot.members);
    };
    group.replica('1').proposeConfChange(addition('2'));
    group.tick(4);
    expect(named).toEqual([['1', '2']]);
    expect(group.node('2').state).toBe(group.node('1').state);
  });
  test('accepts a snapshot that does not name it, and does not campaign before it is a member', () => {
    const group = new TestGroup(() => 0);
    const { replica } = group.start('2');
    const snapshot = { index: 8, term: 3, members: ['1'], data: 's' };
    replica.step({ type: 'snap', to: '2', from: '1', term: 3, snapshot });
    group.settle();
    expect([group.node('2').state, group.node('2').applied]).toEqual(['s', 8]);
    group.tickNode('2', 50);
    expect([replica.role, replica.term]).toEqual(['follower', 3]);
  });
  test('without any members never campaigns', () => {
    const group = new TestGroup(() => 0);
    group.start('1');
    group.tickNode('1', 100);
    expect(group.replica('1').status()).toMatchObject({ role: 'follower', term: 0 });
  });
  test('does not make the leader step down before it could ever be heard from', () => {
    const group = led(['1']);
    group.tick(9);
    group.replica('1').proposeConfChange(addition('2'));
    group.settle();
    group.tick(1);
    expect(group.replica('1').role).toBe('leader');
    group.tick(9);
    expect(group.replica('1').role).toBe('leader');
    group.tick(1);
    expect(group.replica('1').role).not.toBe('leader');
  });
});

describe('a change of members', () => {
  test('is refused while another is under way', () => {
    const group = led(['1', '2', '3']);
    expect(group.replica('1').proposeConfChange(addition('4'))).not.toBeNull();
    expect(group.replica('1').proposeConfChange(removal('3'))).toBeNull();
    group.settle();
    expect(group.replica('1').proposeConfChange(removal('3'))).not.toBeNull();
  });
  test('is refused to a new leader before it applied its predecessor’s entries', () => {
    const group = led(['1', '2', '3']);
    group.passes = ({ type }) => type !== 'appResp';
    group.replica('1').proposeConfChange(addition('4'));
    group.settle();
    group.partition();
    for (const id of ['2', '3']) group.tickNode(id, 10);
    group.heal();
    group.replica('2').campaign();
    for (let turns = 0; turns < 3; turns++) turn(group);
    expect(group.replica('2').role).toBe('leader');
    expect(group.replica('2').proposeConfChange(addition('5'))).toBeNull();
    group.settle();
    expect(group.replica('2').proposeConfChange(addition('5'))).not.toBeNull();
  });
  test('is refused by everyone but the leader', () => {
    expect(led(['1', '2']).replica('2').proposeConfChange(addition('3'))).toBeNull();
  });
  test('that only updates a member changes nobody', () => {
    const group = led(['1', '2']);
    group.replica('1').proposeConfChange({ type: 'update', raftId: '2', context: 'address' });
    group.settle();
    expect(group.replica('2').status().members).toEqual(['1', '2']);
  });
  test('older than a snapshot that waits to be installed is not mixed into its members', () => {
    const group = led(['1', '2']);
    group.replica('1').proposeConfChange(addition('3'));
    const node = group.node('2');
    for (let turns = 0; turns < 9; turns++) {
      group.begin(node);
      if (node.parcel?.committed.some(({ kind }) => kind === 'conf') === true) break;
      turn(group);
    }
    const snapshot = { index: 50, term: 2, members: ['1', '2'], data: '' };
    node.replica.step({ type: 'snap', to: '2', from: '1', term: 2, snapshot });
    group.finish(node);
    expect(node.replica.status().members).toEqual(['1', '2']);
  });
  test('that is committed but not applied keeps a member from campaigning', () => {
    const group = led(['1', '2', '3']);
    group.replica('1').proposeConfChange(addition('4'));
    const node = group.node('2');
    for (let turns = 0; turns < 9; turns++) {
      group.begin(node);
      if (node.parcel?.committed.some(({ kind }) => kind === 'conf') === true) break;
      turn(group);
    }
    node.replica.campaign();
    expect(node.replica.role).toBe('follower');
    group.finish(node);
    node.replica.campaign();
    expect(node.replica.role).toBe('candidate');
  });
});

describe('a removed member', () => {
  test('makes room for what was waiting for a larger majority', () => {
    const group = led(['1', '2', '3', '4']);
    group.partition();
    const { replica } = group.node('1');
    replica.proposeConfChange(removal('4'));
    replica.propose('x');
    group.settle();
    const head = { type: 'appResp', to: '1', term: 2, reject: false } as const;
    replica.step({ ...head, from: '2', index: 7, rejectHint: 0, logTerm: 0 });
    replica.step({ ...head, from: '3', index: 6, rejectHint: 0, logTerm: 0 });
    expect(replica.status().commit).toBe(6);
    const node = group.node('1');
    group.begin(node);
    expect(node.parcel?.committed.at(-1)?.index).toBe(6);
    replica.applyConfChange(removal('4'));
    expect(replica.status().commit).toBe(7);
  });
  test('no longer counts: what waited for it is committed', () => {
    const group = led(['1', '2', '3', '4']);
    group.crash('4');
    group.replica('1').proposeConfChange(removal('4'));
    group.settle();
    group.crash('3');
    group.replica('1').propose('x');
    group.settle();
    expect([...group.history.values()].at(-1)?.text).toBe('2 x');
  });
  test('cannot campaign', () => {
    const group = led(['1', '2', '3']);
    group.replica('1').proposeConfChange(removal('3'));
    group.settle();
    group.tickNode('3', 50);
    expect(group.replica('3').status()).toMatchObject({ role: 'follower', members: ['1', '2'] });
  });
  test('that does not know it yet cannot depose the leader', () => {
    const group = led(['1', '2', '3']);
    group.partition(['1', '2']);
    group.replica('1').proposeConfChange(removal('3'));
    group.settle();
    group.heal();
    group.tick(60);
    expect(group.replica('3').role).toBe('candidate');
    expect([group.replica('1').role, group.replica('1').term]).toEqual(['leader', 2]);
  });
  test('that leads tells the others, then steps down', () => {
    const group = new TestGroup(seeded(1), ['1', '2', '3']);
    group.elect('1');
    group.replica('1').proposeConfChange(removal('1'));
    group.settle();
    expect(group.replica('1').status()).toMatchObject({ role: 'follower', leader: '' });
    expect(group.replica('2').status().members).toEqual(['2', '3']);
    group.tick(30);
    expect(['2', '3']).toContain(group.leader()?.id);
  });
  test('that was being handed the lead ends the hand-over', () => {
    const group = led(['1', '2', '3']);
    group.partition(['1', '2']);
    group.replica('1').proposeConfChange(removal('3'));
    group.replica('1').transferLeadership('3');
    group.settle();
    expect(group.replica('1').status().transferee).toBe('');
    expect(group.replica('1').propose('x')).not.toBeNull();
  });
});

function led(ids: readonly string[]): TestGroup {
  const group = new TestGroup(() => 0, ids);
  group.elect('1');
  return group;
}

/** One parcel of every host and one round of messages. */
function turn(group: TestGroup): void {
  for (const node of group.nodes.values()) {
    group.begin(node);
    group.finish(node);
  }
  for (const message of group.network.splice(0)) group.deliver(message);
}
