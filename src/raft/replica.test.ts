import { describe, expect, test } from '@jest/globals';
import { addition, TestGroup } from './test-group.ts';

describe('a parcel', () => {
  test('is the only one out until the host is done with it', () => {
    const { replica } = fresh();
    replica.campaign();
    const parcel = replica.ready();
    replica.tick();
    expect(replica.hasReady()).toBe(false);
    expect(() => replica.ready()).toThrow('before advance()');
    replica.advance(parcel);
    expect(() => {
      replica.advance(parcel);
    }).toThrow('not out');
  });
  test('holds each piece of news once', () => {
    const group = new TestGroup(() => 0, ['1', '2']);
    group.elect('1');
    for (const { replica } of group.nodes.values()) expect(replica.hasReady()).toBe(false);
  });
  test('asks for a sync for a vote and for entries, not for a commit index alone', () => {
    const group = new TestGroup(() => 0, ['1', '2']);
    const { replica } = group.node('2');
    group.elect('1');
    replica.step({ type: 'vote', to: '2', from: '1', term: 9, index: 9, logTerm: 9, context: '' });
    group.elect('1');
    group.replica('1').propose('x');
    group.run(group.node('1'));
    for (const message of group.network.splice(0)) group.deliver(message);
    group.begin(group.node('2'));
    expect(group.node('2').parcel).toMatchObject({ mustSync: true });
    group.finish(group.node('2'));
    for (const message of group.network.splice(0)) group.deliver(message);
    group.run(group.node('1'));
    for (const message of group.network.splice(0)) group.deliver(message);
    group.begin(group.node('2'));
    expect(group.node('2').parcel).toMatchObject({ mustSync: false, entries: [] });
    expect(group.node('2').parcel?.committed).toHaveLength(1);
    expect(group.node('2').parcel?.hardState).toBeDefined();
  });
  test('tells who leads, when that changes', () => {
    const group = new TestGroup(() => 0, ['1']);
    const { replica } = group.node('1');
    replica.campaign();
    const roles: string[] = [];
    while (replica.hasReady()) {
      const parcel = replica.ready();
      if (parcel.softState !== undefined) {
        roles.push(`${parcel.softState.role} ${parcel.softState.leader}`);
      }
      replica.advance(parcel);
    }
    expect(roles).toEqual(['candidate ', 'leader 1']);
  });
});

describe('a new group', () => {
  test('begins with its first member, who then leads at once', () => {
    const { group, replica } = fresh();
    group.settle();
    replica.campaign();
    group.settle();
    expect(replica.status()).toMatchObject({
      role: 'leader',
      leader: '1',
      term: 2,
      commit: 2,
      applied: 2,
      members: ['1'],
      termStartIndex: 2,
    });
  });
  test('is not begun over an old one', () => {
    const group = new TestGroup(() => 0, ['1']);
    expect(() => {
      group.replica('1').bootstrap([addition('1')]);
    }).toThrow('never ran');
  });
});

describe('a restart', () => {
  test('applies again what came after the snapshot, members included', () => {
    const group = new TestGroup(() => 0, ['1']);
    group.elect('1');
    group.compact(group.node('1'), 0);
    group.start('2');
    group.replica('1').proposeConfChange(addition('2'));
    group.settle();
    group.crash('1');
    const { replica } = group.start('1');
    expect(replica.status()).toMatchObject({ applied: 2, members: ['1'] });
    group.settle();
    expect(replica.status()).toMatchObject({ applied: 3, members: ['1', '2'] });
  });
});

describe('what outsiders say', () => {
  test('about a leader’s followers changes nothing', () => {
    const group = new TestGroup(() => 0, ['1', '2', '3']);
    group.elect('1');
    const { replica } = group.node('1');
    const before = JSON.stringify([replica.status(), ...replica.status().progress]);
    const head = { to: '1', from: '9', term: 2 } as const;
    replica.step({ ...head, type: 'appResp', index: 4, reject: false, rejectHint: 0, logTerm: 0 });
    replica.step({ ...head, type: 'heartbeatResp' });
    replica.step({ ...head, type: 'heartbeat', commit: 0 });
    replica.step({ ...head, type: 'voteResp', reject: true });
    expect(JSON.stringify([replica.status(), ...replica.status().progress])).toBe(before);
    expect(replica.hasReady()).toBe(false);
  });
  test('cannot make a follower commit what it does not have', () => {
    const group = new TestGroup(() => 0, ['1', '2']);
    const { replica } = group.node('1');
    replica.step({ type: 'heartbeat', to: '1', from: '2', term: 2, commit: 99 });
    expect(replica.status().commit).toBe(2);
  });
  test('cannot make a leader believe in entries it does not have', () => {
    const group = new TestGroup(() => 0, ['1', '2']);
    group.elect('1');
    const { replica } = group.node('1');
    const head = { type: 'appResp', to: '1', from: '2', term: 2 } as const;
    replica.step({ ...head, index: 99, reject: false, rejectHint: 0, logTerm: 0 });
    expect(replica.status().progress.get('2')?.match).toBe(3);
  });
});

function fresh() {
  const group = new TestGroup(() => 0);
  const { replica } = group.start('1');
  replica.bootstrap([addition('1')]);
  group.run(group.node('1'));
  return { group, replica };
}
