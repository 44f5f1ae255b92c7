import { expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import type { RaftMessage } from '../../swarm/manager/consensus-ports.ts';
import { Outbox } from './outbox.ts';

type Append = Extract<RaftMessage, { readonly type: 'app' }>;

const append = (index: number, commit: number, entries: number, term = 3): Append => ({
  ...{ type: 'app', to: 'b', from: 'a', term, index, logTerm: term, commit },
  entries: Array.from({ length: entries }, (_, at) => ({
    ...{ index: index + 1 + at, term, kind: 'normal' as const, payload: null },
  })),
});
const heartbeat: RaftMessage = { type: 'heartbeat', to: 'b', from: 'a', term: 3, commit: 9 };

/** An outbox to a member that answers when it is told to. */
class Scene {
  readonly delivered: RaftMessage[] = [];
  readonly told: string[] = [];
  readonly outbox: Outbox;
  readonly #answers: ((error: SwarmError | null) => void)[] = [];

  constructor() {
    this.outbox = new Outbox((message) => {
      this.delivered.push(message);
      return new Promise((resolve, reject) => {
        this.#answers.push((error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
  }

  send(name: string, message: RaftMessage): void {
    this.outbox.push(message, (error) => {
      this.told.push(`${name} ${error?.code ?? 'delivered'}`);
    });
  }

  async answer(error: SwarmError | null = null): Promise<void> {
    this.#answers.shift()?.(error);
    await new Promise(setImmediate);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('messages go one at a time and in order, and each is told when it was delivered', async () => {
  const scene = new Scene();
  scene.send('first', append(1, 1, 1));
  scene.send('second', heartbeat);
  expect(scene.delivered).toHaveLength(1);
  await scene.answer();
  expect(scene.delivered).toEqual([append(1, 1, 1), heartbeat]);
  expect(scene.told).toEqual(['first delivered']);
});

test('after a failure all that waits is dropped and told so, and the next message is tried anew', async () => {
  const scene = new Scene();
  scene.send('first', append(1, 1, 1));
  scene.send('second', heartbeat);
  await scene.answer(new SwarmError('Unavailable', 'gone'));
  expect(scene.told).toEqual(['first Unavailable', 'second Unavailable']);
  scene.send('third', heartbeat);
  await scene.answer();
  expect(scene.told.at(-1)).toBe('third delivered');
});

test('the news of a commit goes with the next entries', async () => {
  const scene = new Scene();
  scene.send('notice', append(4, 4, 0));
  scene.send('entries', append(4, 4, 1));
  await scene.answer();
  expect(scene.delivered).toEqual([append(4, 4, 1)]);
  expect(scene.told).toEqual(['notice delivered', 'entries delivered']);
  await pause(50);
  expect(scene.delivered).toHaveLength(1);
});

test('the news of a commit goes by itself where no entries come', async () => {
  const scene = new Scene();
  scene.send('notice', append(4, 4, 0));
  expect(scene.delivered).toEqual([]);
  await pause(50);
  expect(scene.delivered).toEqual([append(4, 4, 0)]);
  await scene.answer();
  expect(scene.told).toEqual(['notice delivered']);
});

test.each([
  ['a heartbeat', heartbeat],
  ['entries of another term', append(4, 4, 1, 4)],
  ['entries that follow others than it knows of', append(3, 4, 1)],
])('the news of a commit goes before %s', async (_name, message) => {
  const scene = new Scene();
  scene.send('notice', append(4, 4, 0));
  scene.send('other', message);
  await scene.answer();
  expect(scene.delivered).toEqual([append(4, 4, 0), message]);
});

test('a forgotten member hears nothing more', async () => {
  const scene = new Scene();
  scene.send('notice', append(4, 4, 0));
  scene.outbox.close();
  await pause(50);
  expect(scene.delivered).toEqual([]);
});
