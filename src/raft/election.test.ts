import { describe, expect, test } from '@jest/globals';
import { CAMPAIGN_TRANSFER } from './messages.ts';
import type { RaftId } from './messages.ts';
import { seeded, TestGroup } from './test-group.ts';
import type { TestMessage } from './test-group.ts';

describe('a group without a leader', () => {
  test.each([1, 3, 5])('of %i elects one', (size) => {
    const group = new TestGroup(seeded(size), names(size));
    group.tick(60);
    const leader = group.leader();
    expect(leader).not.toBeNull();
    for (const { replica } of group.nodes.values()) expect(replica.leader).toBe(leader?.id);
  });
  test('waits 10 to 19 ticks, drawn anew each time, before it campaigns', () => {
    const waits = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const group = new TestGroup(seeded(seed), ['1']);
      let ticks = 0;
      while (group.leader() === null) ticks += (group.tickNode('1', 1), 1);
      waits.add(ticks);
    }
    expect([...waits].sort()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });
  test('tells for how many ticks it has had none', () => {
    const group = new TestGroup(() => 0.99, names(3));
    group.tick(7);
    expect(group.replica('1').status().ticksSinceLeader).toBe(7);
    group.elect('2');
    expect(group.replica('1').status().ticksSinceLeader).toBe(0);
  });
});

describe('a vote', () => {
  test('is given once per term, and repeated to the same candidate', () => {
    const group = new TestGroup(() => 0, names(3));
    expect(answers(group, '1', [vote('2', 5), vote('3', 5), vote('2', 5)])).toEqual([
      'voteResp 2 t5 yes',
      'voteResp 3 t5 no',
      'voteResp 2 t5 yes',
    ]);
  });
  test('survives a crash', () => {
    const group = new TestGroup(() => 0, names(3));
    answers(group, '1', [vote('2', 5)]);
    group.crash('1');
    group.start('1');
    expect(answers(group, '1', [vote('3', 5)])).toEqual(['voteResp 3 t5 no']);
  });
  test('is refused to a shorter log, though its term is taken over', () => {
    const group = new TestGroup(() => 0, names(3));
    expect(answers(group, '1', [{ ...vote('2', 5), index: 2 }])).toEqual(['voteResp 2 t5 no']);
    expect(group.replica('1').term).toBe(5);
  });
  test('of an older term is not answered', () => {
    const group = new TestGroup(() => 0, names(3));
    answers(group, '1', [vote('2', 5)]);
    expect(answers(group, '1', [vote('3', 4)])).toEqual([]);
  });
  test('is ignored within the lease of a leader, term and all', () => {
    const group = led();
    group.tickNode('3', 9);
    expect(answers(group, '3', [vote('2', 50)])).toEqual([]);
    expect(group.replica('3').term).toBe(2);
  });
  test('is considered once the lease is over', () => {
    const group = led(() => 0.99);
    group.tickNode('3', 10);
    expect(answers(group, '3', [{ ...vote('2', 50), index: 4, logTerm: 2 }])).toEqual([
      'voteResp 2 t50 yes',
    ]);
  });
  test('is considered within the lease when the leader itself asked for it', () => {
    const group = led();
    const asked = { ...vote('2', 50), index: 4, logTerm: 2, context: CAMPAIGN_TRANSFER };
    expect(answers(group, '3', [asked])).toEqual(['voteResp 2 t50 yes']);
  });
});

describe('survivors of a leader that is lost', () => {
  const ELECTIONS = 1500;
  /** Ticks from the last heartbeat to the next leader, rounded up, and the terms that it took; survivor '2' has an entry more where `isAhead`. */
  const elections = (
    size: number,
    isAhead: boolean,
  ): readonly { readonly ticks: number; readonly terms: number }[] =>
    Array.from({ length: ELECTIONS }, (_, seed) => {
      const random = seeded(seed);
      const group = led(random, size);
      if (isAhead) group.passes = ({ to }) => to === '1' || to === '2';
      if (isAhead) group.replica('1').propose('written');
      group.settle();
      group.crash('1');
      group.heal();
      // Each ticks at a moment of its own within the same second, over and over.
      const survivors = names(size)
        .slice(1)
        .toSorted(() => random() - 0.5);
      let ticks = 0;
      for (; group.leader() === null; ticks += 1)
        for (const id of survivors) if (group.leader() === null) group.tickNode(id, 1);
      return { ticks, terms: (group.leader()?.replica.term ?? 0) - 2 };
    });
  const share = (all: readonly unknown[], some: readonly unknown[]): number =>
    some.length / all.length;

  test.each([3, 5])(
    'of %i have a leader within 29 ticks, and a lease defeats the first term in a tenth',
    (size) => {
      const all = elections(size, false);
      expect(Math.max(...all.map(({ ticks }) => ticks))).toBeLessThanOrEqual(29);
      const again = all.filter(({ terms }) => terms > 1);
      expect(share(all, again)).toBeCloseTo(0.1, 1);
      expect(all.filter(({ terms }) => terms > 2)).toEqual([]);
    },
  );
  test('may need more terms where one lacks an entry: 29 ticks are enough in seven of ten', () => {
    const all = elections(3, true);
    const within = all.filter(({ ticks }) => ticks <= 29);
    expect(share(all, within)).toBeGreaterThan(0.67);
    expect(share(all, within)).toBeLessThan(0.76);
    expect(
      share(
        all,
        all.filter(({ terms }) => terms > 1),
      ),
    ).toBeGreaterThan(0.5);
  });
});

describe("a candidate's own vote", () => {
  test('counts only once it is on disk', () => {
    const group = new TestGroup(() => 0, ['1']);
    const node = group.node('1');
    node.replica.campaign();
    group.begin(node);
    expect(node.replica.role).toBe('candidate');
    group.finish(node);
    expect(node.replica.role).toBe('leader');
  });
  test('does not count because an older one reached the disk', () => {
    const group = new TestGroup(() => 0, ['1']);
    const node = group.node('1');
    node.replica.campaign();
    group.begin(node);
    for (let ticks = 0; ticks < 10; ticks++) node.replica.tick();
    group.finish(node);
    expect(node.replica.status()).toMatchObject({ role: 'candidate', term: 3 });
    group.run(node);
    expect(node.replica.status()).toMatchObject({ role: 'leader', term: 3 });
  });
});

describe('a leader without a majority', () => {
  test.each([2, 3, 5])('of %i steps down within two election timeouts', (size) => {
    const group = led(() => 0, size);
    group.partition(['1']);
    group.tickNode('1', 9);
    expect(group.replica('1').role).toBe('leader');
    group.tickNode('1', 11);
    expect(group.replica('1').role).not.toBe('leader');
    expect(group.replica('1').leader).toBe('');
  });
  test('stays while a majority answers', () => {
    const group = led(() => 0, 5);
    group.partition(['1', '2', '3']);
    group.tickNode('1', 100);
    expect(group.replica('1').role).toBe('leader');
  });
});

describe('a member that was cut off', () => {
  test('comes back with a raised term and deposes the good leader (no pre-vote)', () => {
    const group = led(seeded(3));
    group.partition(['1', '2']);
    group.tick(60);
    expect(group.replica('1').role).toBe('leader');
    const raised = group.replica('3').term;
    expect(raised).toBeGreaterThan(group.replica('1').term);
    group.heal();
    group.tick(1);
    expect(group.leader()).toBeNull();
    group.tick(60);
    expect(group.leader()?.replica.term).toBeGreaterThanOrEqual(raised);
  });
  test('as a leader keeps nothing that the majority replaced', () => {
    const group = led(seeded(4));
    group.partition(['2', '3']);
    expect(group.replica('1').propose('lost')).toEqual({ index: 5, term: 2 });
    group.tick(50);
    group.leader()?.replica.propose('kept');
    group.heal();
    group.tick(60);
    expect([...group.history.values()].map(({ text }) => text.split(' ')[1])).toContain('kept');
    expect([...group.history.values()].map(({ text }) => text.split(' ')[1])).not.toContain('lost');
    expect(new Set([...group.nodes.values()].map(({ state }) => state)).size).toBe(1);
  });
});

describe('a leader of an older term', () => {
  test('is told the newer term, so that it stops', () => {
    const group = led();
    answers(group, '3', [{ ...vote('2', 50), context: CAMPAIGN_TRANSFER }]);
    const beat: TestMessage = { type: 'heartbeat', to: '3', from: '1', term: 2, commit: 0 };
    expect(answers(group, '3', [beat])).toEqual(['appResp 1 t50 yes']);
    group.tick(1);
    expect(group.replica('1').role).not.toBe('leader');
  });
});

describe('a leader that is asked', () => {
  test('hands its lead over in one round trip', () => {
    const group = led();
    const sent: string[] = [];
    group.watch = ({ type, from }) => sent.push(`${type} ${from}`);
    group.replica('1').transferLeadership('3');
    group.settle();
    expect(group.leader()?.id).toBe('3');
    expect(sent.slice(0, 3)).toEqual(['timeoutNow 1', 'vote 3', 'vote 3']);
  });
  test('first brings the next leader up to date, and takes no proposals meanwhile', () => {
    const group = led();
    group.partition(['1', '2']);
    group.replica('1').propose('x');
    group.settle();
    group.heal();
    group.replica('1').transferLeadership('3');
    expect(group.replica('1').propose('y')).toBeNull();
    expect(group.replica('1').status().transferee).toBe('3');
    group.tick(3);
    expect(group.leader()?.id).toBe('3');
  });
  test('gives up after an election timeout', () => {
    const group = led();
    group.partition(['1', '2']);
    group.replica('1').transferLeadership('3');
    group.tickNode('1', 9);
    expect(group.replica('1').propose('x')).toBeNull();
    group.tickNode('1', 1);
    expect(group.replica('1').status().transferee).toBe('');
    expect(group.replica('1').propose('x')).not.toBeNull();
  });
  test('ignores strangers and itself', () => {
    const group = led();
    group.replica('1').transferLeadership('9');
    group.replica('1').transferLeadership('1');
    expect(group.replica('1').status().transferee).toBe('');
  });
});

function names(size: number): RaftId[] {
  return Array.from({ length: size }, (_, at) => String(at + 1));
}

/** A group led by '1' in term 2; entry 4 is the leader's empty one with three members. */
function led(random: () => number = () => 0, size = 3): TestGroup {
  const group = new TestGroup(random, names(size));
  group.elect('1');
  return group;
}

function vote(from: RaftId, term: number): TestMessage & { type: 'vote' } {
  return { type: 'vote', to: '', from, term, index: 3, logTerm: 1, context: '' };
}

/** What a replica answers, as `type to term yes|no`. */
function answers(group: TestGroup, id: RaftId, messages: readonly TestMessage[]): string[] {
  const sent: string[] = [];
  for (const message of messages) group.replica(id).step({ ...message, to: id });
  group.watch = (message) => {
    const no = 'reject' in message && message.reject;
    sent.push(`${message.type} ${message.to} t${message.term} ${no ? 'no' : 'yes'}`);
  };
  group.run(group.node(id));
  group.network = [];
  return sent;
}
