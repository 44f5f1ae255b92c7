import { expect, test } from '@jest/globals';
import type { ServiceView } from '../../model/control.ts';
import type { Service, Task } from '../../model/objects.ts';
import type { Reader } from '../../swarm/tables.ts';
import { askedFrom, lengthened, shortened } from './known-objects.ts';

const thing = (id: string, version: number): Task & Service =>
  ({ id, meta: { version } }) as unknown as Task & Service;

/** A store with nothing but these. */
const storeOf = (...objects: readonly (Task & Service)[]): Reader =>
  ({
    get: (_kind: string, id: string) => objects.find((object) => object.id === id),
  }) as unknown as Reader;

const request = { method: 'list-tasks', filters: {} } as const;

test('of what the asker has as well only id and version are sent, and it is put back as it is there', () => {
  const [old, changed] = [thing('a', 3), thing('b', 9)];
  const asked = askedFrom(request, 9);
  const short = shortened(asked, [old, changed], storeOf(old, changed));
  expect(JSON.parse(JSON.stringify(short))).toEqual([['a', 3], { id: 'b', meta: { version: 9 } }]);
  const own = thing('a', 3);
  const whole = lengthened(request, short ?? [], storeOf(own, thing('b', 8))) as readonly Task[];
  expect(whole).toEqual([own, changed]);
  expect(whole[0]).toBe(own);
});

test.each([
  ['has another version', [thing('a', 4)]],
  ['has no more', []],
])('what the asker %s has to be asked for again', (_name, own) => {
  const stored = thing('a', 3);
  const short = shortened(askedFrom(request, 9), [stored], storeOf(stored)) ?? [];
  expect(lengthened(request, short, storeOf(...own))).toBeNull();
});

test('services come with their counts', () => {
  const services = { method: 'list-services', filters: {} } as const;
  const service = thing('a', 3);
  const view: ServiceView = { service, runningTasks: 1, desiredTasks: 2, completedTasks: 3 };
  const short = shortened(askedFrom(services, 9), [view], storeOf(service));
  expect(short).toEqual([['a', 3, 1, 2, 3]]);
  expect(lengthened(services, short ?? [], storeOf(service))).toEqual([view]);
});

test('what is not as it is stored goes as it is', () => {
  const stored = thing('a', 3);
  expect(shortened(askedFrom(request, 9), [{ ...stored }], storeOf(stored))).toEqual([stored]);
});

test('other requests, and those of an asker without a store, go as they are', () => {
  const get = { method: 'get-task', ref: 'a' } as const;
  expect(askedFrom(get, 9)).toEqual(get);
  expect(askedFrom(request, null)).toEqual(request);
  expect(shortened(request, [], storeOf())).toBeNull();
});
