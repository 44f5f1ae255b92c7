import { describe, expect, test } from '@jest/globals';
import type { Result } from '../model/result.ts';
import type { Stream } from '../swarm/session.ts';
import { VirtualTime } from '../swarm/virtual-time.ts';
import type { Served } from './connection.ts';
import type { LinkEffect } from './link.ts';
import { LiveList } from './live-list.ts';
import { SimulatedNetwork, type Host } from './network.ts';

/** A process that is always there, and notes what it hears. */
class Listener implements Host {
  readonly name: string;
  readonly opened = new Set<Stream>();
  readonly served = new LiveList<Served>(({ isServed }) => isServed);
  readonly heard: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  isAlive(): boolean {
    return true;
  }

  isListening(): boolean {
    return true;
  }

  isFrozen(): boolean {
    return false;
  }

  run(work: () => void): void {
    work();
  }

  runWith<S>(work: (subject: S) => void, subject: S): void {
    work(subject);
  }
}

interface Answer {
  readonly afterMs: number;
  readonly error: string;
}

/** Two machines, a and b, with effects on the link from a to b. */
class Pair {
  readonly time = new VirtualTime();
  readonly network = new SimulatedNetwork<Listener>(this.time, 'pair');
  readonly a = new Listener('a');
  readonly b = new Listener('b');

  constructor(...effects: readonly LinkEffect[]) {
    this.network.attach(this.a);
    this.network.attach(this.b);
    for (const effect of effects) this.network.add('a', 'b', effect);
  }

  /** The n-th of some calls, all asked at this moment. */
  call(number: number, mayRepeat = false, deadlineMs = 60_000): Answer[] {
    const begin = this.time.now;
    const answers: Answer[] = [];
    this.network.call<null>(
      this.a,
      'b:2377',
      deadlineMs,
      (to, answer) => {
        to.heard.push(number);
        answer({ ok: true, value: null });
      },
      (result: Result<null>) => {
        const error = result.ok ? '' : result.error.text;
        answers.push({ afterMs: this.time.now - begin, error });
      },
      mayRepeat,
    );
    return answers;
  }

  /** What a stream that b sends to a brings, and how it ends. */
  stream(): { readonly messages: number[]; readonly ends: string[]; send(n: number): void } {
    const messages: number[] = [];
    const ends: string[] = [];
    let send: (message: number) => void = () => undefined;
    this.network.stream<number>(
      this.a,
      'b:2377',
      {
        message: (message) => messages.push(message),
        end: (error) => ends.push(error?.text ?? ''),
      },
      (_, sink) => {
        send = (message) => {
          sink.send(message);
        };
      },
    );
    this.time.advance(100);
    return {
      ...{ messages, ends },
      send: (message) => {
        send(message);
      },
    };
  }
}

const slow = (effect: Partial<Extract<LinkEffect, { kind: 'slow' }>>): LinkEffect => ({
  ...{ kind: 'slow', delayMs: 0, jitterMs: 0, loss: 0, duplication: 0 },
  ...effect,
});

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
const ascending = (numbers: readonly number[]): readonly number[] =>
  numbers.toSorted((a, b) => a - b);

describe('a slow link', () => {
  test('delays what is sent over it, and not what comes back', () => {
    const pair = new Pair(slow({ delayMs: 300 }));
    const answers = pair.call(1);
    pair.time.advance(1000);
    expect(answers).toEqual([{ afterMs: 302, error: '' }]);
  });

  test('with jitter, calls of one moment arrive in another order', () => {
    const pair = new Pair(slow({ jitterMs: 100 }));
    for (const n of upTo(20)) pair.call(n);
    pair.time.advance(1000);
    expect(pair.b.heard).not.toEqual(upTo(20));
    expect(ascending(pair.b.heard)).toEqual(upTo(20));
  });

  test('with jitter, the messages of one stream stay in order', () => {
    const pair = new Pair();
    pair.network.add('b', 'a', slow({ jitterMs: 100 }));
    const stream = pair.stream();
    for (const n of upTo(20)) stream.send(n);
    pair.time.advance(1000);
    expect(stream.messages).toEqual(upTo(20));
  });

  test('with loss, what is lost comes after 200 ms, or after 600, or later', () => {
    const pair = new Pair(slow({ loss: 0.5 }));
    const answers = upTo(40).map((n) => pair.call(n));
    pair.time.advance(60_000);
    const times = new Set(answers.map(([answer]) => answer?.afterMs ?? 0));
    expect(ascending([...times]).slice(0, 3)).toEqual([2, 202, 602]);
  });

  test('that loses everything is as good as cut', () => {
    const pair = new Pair(slow({ loss: 1 }));
    const answers = pair.call(1, false, 5000);
    pair.time.advance(6000);
    expect([pair.network.isCut('a', 'b'), pair.b.heard]).toEqual([true, []]);
    expect(answers).toEqual([{ afterMs: 5000, error: expect.stringContaining('deadline') }]);
  });

  test('with duplication, a message that bears it arrives twice, another once', () => {
    const pair = new Pair(slow({ duplication: 1 }));
    const answers = [pair.call(1, true), pair.call(2)];
    pair.time.advance(100);
    expect(pair.b.heard).toEqual([1, 1, 2]);
    expect(answers.map((each) => each.length)).toEqual([1, 1]);
  });

  test('hits no stream and no call that goes the other way only', () => {
    const pair = new Pair();
    pair.network.add('b', 'a', slow({ delayMs: 300 }));
    pair.call(1);
    pair.time.advance(2);
    expect(pair.b.heard).toEqual([1]);
  });
});

describe('a link that is reset', () => {
  test('ends what is open at once, and what is begun after one delay', () => {
    const pair = new Pair();
    const { ends } = pair.stream();
    const heal = pair.network.add('a', 'b', { kind: 'reset' });
    expect(ends).toEqual([expect.stringContaining('connection reset by peer')]);
    const answers = pair.call(1);
    pair.time.advance(100);
    expect(answers).toEqual([{ afterMs: 1, error: expect.stringContaining('reset by peer') }]);
    heal();
    const healed = pair.call(2);
    pair.time.advance(100);
    expect([healed[0]?.error, pair.b.heard]).toEqual(['', [2]]);
  });
});

describe('a link that is cut one way', () => {
  test('loses what is sent over it, and still bears what comes back', () => {
    const pair = new Pair();
    const stream = pair.stream();
    pair.network.add('a', 'b', { kind: 'drop' });
    const answers = pair.call(1, false, 5000);
    stream.send(7);
    pair.time.advance(5000);
    expect(pair.b.heard).toEqual([]);
    expect(answers).toEqual([{ afterMs: 5000, error: expect.stringContaining('deadline') }]);
    expect(stream.messages).toEqual([7]);
  });

  test('is noticed on an open stream after 10 s without an answer to a ping', () => {
    const pair = new Pair();
    const { ends } = pair.stream();
    pair.network.add('a', 'b', { kind: 'drop' });
    pair.time.advance(9900);
    expect(ends).toEqual([]);
    pair.time.advance(200);
    expect(ends).toEqual([expect.stringContaining('keepalive ping failed')]);
  });
});
