import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import { nodeId } from '../../model/ids.ts';
import { createRandom } from '../../model/random.ts';
import { failed, ok, type Result } from '../../model/result.ts';
import { VirtualTime } from '../virtual-time.ts';
import type { Member } from './consensus-ports.ts';
import { RequestRouter } from './request-router.ts';

const READ = { method: 'list-nodes', filters: {} } as const;
const A: Member = { raftId: '1', nodeId: nodeId('a'), addr: 'a:2377' };
const BROKEN = failed(new SwarmError('Unavailable', 'connection reset by peer'));

/** A router whose view of consensus is what the test says. */
class Bench {
  readonly time = new VirtualTime();
  readonly forwards: { readonly to: string; readonly deadlineMs: number }[] = [];
  /** What the leader answers, one after another; undefined for none. */
  answers: (Result<never> | Result<readonly []> | undefined)[] = [];
  isSelf = false;
  member: Member | null = A;
  reachable = true;
  healthy = true;
  ticks = 0;
  result: Result<unknown> | null = null;
  readonly router = new RequestRouter(
    {
      clock: { now: () => this.time.now },
      timers: this.time,
      random: createRandom('router'),
      log: () => undefined,
    },
    {
      leader: {
        isSelf: () => this.isSelf,
        member: () => this.member,
        isReachable: () => this.reachable,
        ticksSinceLeader: () => this.ticks,
      },
      execute: (_request, done) => {
        done(ok([]));
      },
      forward: (to, _request, deadlineMs, done) => {
        this.forwards.push({ to: to.addr, deadlineMs });
        const answer = this.answers.shift();
        if (answer !== undefined) done(answer);
      },
      health: (_addr, _deadlineMs, done) => {
        done(this.healthy ? ok(null) : failed(new SwarmError('Unavailable', 'no')));
      },
    },
  );

  ask(budgetMs?: number): this {
    this.router.control(READ, (result) => (this.result = result), budgetMs);
    return this;
  }

  get text(): string {
    const { result } = this;
    return result === null ? 'none' : result.ok ? 'ok' : result.error.message;
  }
}

describe('a request', () => {
  test('is carried out here when this manager leads', () => {
    const bench = new Bench();
    bench.isSelf = true;
    expect(bench.ask().text).toBe('ok');
    expect(bench.forwards).toEqual([]);
    expect(bench.time.armed).toBe(0);
  });

  test('goes to the leader with what is left of its budget', () => {
    const bench = new Bench();
    bench.reachable = false;
    bench.ask();
    bench.time.advance(2500);
    bench.reachable = true;
    bench.answers = [ok([])];
    bench.time.advance(1000);
    expect(bench.forwards).toEqual([{ to: 'a:2377', deadlineMs: 17_000 }]);
    expect(bench.text).toBe('ok');
  });

  test('waits for a leader that is unknown or unreachable, until its 20 s are over', () => {
    for (const member of [null, A]) {
      const bench = new Bench();
      bench.member = member;
      bench.reachable = false;
      bench.ask();
      bench.time.advance(19_999);
      expect(bench.text).toBe('none');
      bench.time.advance(1);
      expect(bench.text).toBe('context deadline exceeded');
      expect(bench.time.armed).toBe(0);
    }
  });

  test('keeps to a smaller budget, also while the leader does not answer', () => {
    const bench = new Bench().ask(5000);
    expect(bench.forwards[0]?.deadlineMs).toBe(5000);
    bench.time.advance(5000);
    expect(bench.text).toBe('context deadline exceeded');
  });

  test('is refused at once after more than ten ticks without a leader', () => {
    const bench = new Bench();
    bench.member = null;
    bench.ticks = 11;
    expect(bench.ask().text).toMatch(/^The swarm does not have a leader\./);
  });

  test('that came before waits its 20 s, however long there is no leader by then', () => {
    const bench = new Bench();
    bench.member = null;
    bench.ticks = 10;
    expect(bench.ask().text).toBe('none');
    bench.ticks = 11;
    bench.time.advance(19_999);
    expect(bench.text).toBe('none');
    bench.time.advance(1);
    expect(bench.text).toBe('context deadline exceeded');
  });

  test('whose connection broke waits likewise, and is refused where there is no leader by then', () => {
    const [early, late] = [new Bench(), new Bench()];
    for (const bench of [early, late]) {
      bench.answers = [BROKEN, ok([])];
      bench.ask();
      bench.member = null;
      bench.ticks = bench === early ? 10 : 11;
      bench.time.advance(500);
    }
    expect(late.text).toMatch(/^The swarm does not have a leader\./);
    early.ticks = 12;
    early.time.advance(3000);
    expect(early.text).toBe('none');
    early.member = A;
    early.time.advance(1000);
    expect(early.text).toBe('ok');
  });

  test('whose connection broke is repeated once a leader is healthy', () => {
    const bench = new Bench();
    bench.answers = [BROKEN, ok([])];
    bench.healthy = false;
    bench.ask();
    bench.time.advance(3000);
    expect(bench.forwards).toHaveLength(1);
    bench.healthy = true;
    bench.time.advance(500);
    expect(bench.forwards).toHaveLength(2);
    expect(bench.text).toBe('ok');
  });

  test('whose connection breaks twice is given up with that error', () => {
    const bench = new Bench();
    bench.answers = [BROKEN, BROKEN, ok([])];
    bench.ask();
    bench.time.advance(20_000);
    expect(bench.forwards).toHaveLength(2);
    expect(bench.text).toBe('connection reset by peer');
  });

  test('that the leader refuses is not repeated', () => {
    const bench = new Bench();
    bench.answers = [failed(new SwarmError('InvalidArgument', 'no')), ok([])];
    expect(bench.ask().text).toBe('no');
    expect(bench.forwards).toHaveLength(1);
  });

  test('ends when the manager stops, and with it its timers', () => {
    const bench = new Bench().ask();
    bench.router.stop();
    expect(bench.text).toBe('raft: failed to process the request: node is stopped');
    expect(bench.time.armed).toBe(0);
  });

  describe('of a request that another manager handed on', () => {
    const handedOn = (bench: Bench): Bench => {
      bench.router.handedOn('b:2377', READ, (result) => (bench.result = result));
      return bench;
    };

    test('the leader carries it out', () => {
      const bench = new Bench();
      bench.isSelf = true;
      expect(handedOn(bench).result).toEqual(ok([]));
    });

    test('a manager that knows another leader refuses it, and passes nothing on', () => {
      const bench = handedOn(new Bench());
      expect(bench.text).toBe('more than one redirect to leader from: [b:2377]');
      expect(bench.forwards).toEqual([]);
    });

    test('a manager without a leader waits for one', () => {
      const bench = new Bench();
      bench.member = null;
      handedOn(bench);
      expect(bench.result).toBeNull();
      bench.isSelf = true;
      bench.time.advance(1000);
      expect(bench.result).toEqual(ok([]));
    });
  });
});
