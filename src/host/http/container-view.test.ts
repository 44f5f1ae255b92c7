import { describe, expect, test } from '@jest/globals';
import { containerView, type ContainerView } from './container-view.ts';

const FOLDER = '/run/swarmtwin/dependencies';

const viewOf = (method: string, target: string): ContainerView | null =>
  containerView(method, target, { behaveLike: '26.1', taskFiles: FOLDER });
const listOf = (filters: unknown): string =>
  `/v1.41/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`;
const filtersOf = (target: string | undefined): unknown =>
  JSON.parse(new URL(target ?? '', 'http://node').searchParams.get('filters') ?? 'null');
const edited = (target: string, body: unknown): unknown =>
  JSON.parse(viewOf('GET', target)?.edit(JSON.stringify(body)) ?? 'null');

describe('a list of the containers of tasks', () => {
  test.each([
    ['as the CLI writes it', { 'is-task': { true: true }, name: { web: true } }],
    ['as a list', { 'is-task': ['1'], name: ['web'] }],
  ])('is asked for by their label, %s', (_, filters) => {
    const list = viewOf('GET', listOf(filters));
    expect(filtersOf(list?.target)).toEqual({ name: ['web'], label: ['com.docker.swarm.task.id'] });
    expect(list?.target).toMatch(/^\/v1\.41\/containers\/json\?all=1&/);
  });
  test('keeps the labels that were asked for', () => {
    const list = viewOf('GET', listOf({ 'is-task': ['true'], label: ['a=b'] }));
    expect(filtersOf(list?.target)).toEqual({ label: ['a=b', 'com.docker.swarm.task.id'] });
  });
});

test('a list of all others leaves the tasks out of the answer', () => {
  const target = listOf({ 'is-task': ['false'] });
  expect(filtersOf(viewOf('GET', target)?.target)).toEqual({});
  const of = (name: string): object => ({ Labels: { [name]: 'x' } });
  const all = [of('com.docker.swarm.task.id'), of('colour'), { Labels: null }];
  expect(edited(target, all)).toEqual([of('colour'), { Labels: null }]);
});

describe('asked of dockerd as it came is', () => {
  test.each([
    ['a list without the filter', listOf({ name: ['web'] })],
    ['a list without filters', '/containers/json'],
    ['a word that dockerd refuses', listOf({ 'is-task': ['maybe'] })],
    ['two words', listOf({ 'is-task': ['true', 'false'] })],
    ['filters that are no JSON', '/containers/json?filters={'],
    ['one container', '/containers/x/json?filters={"is-task":["true"]}'],
  ])('%s', (_, target) => {
    expect(viewOf('GET', target)?.target).toBe(target);
  });
  test.each([
    ['POST', '/containers/create'],
    ['GET', '/containers/x/logs'],
    ['HEAD', '/containers/x/archive'],
    ['GET', '/images/json'],
  ])('%s %s, and not touched', (method, target) => {
    expect(viewOf(method, target)).toBeNull();
  });
});

describe('the files of secrets and configs', () => {
  const ours = { Type: 'bind', Source: `${FOLDER}/task/1`, Target: '/run/secrets/word' };
  const others = { Type: 'volume', Source: 'kept', Target: '/data' };
  test('are no mounts of a container that is inspected', () => {
    const container = (mounts: readonly object[]): object => ({
      Id: 'x',
      HostConfig: { Memory: 1, Mounts: mounts },
      Mounts: mounts,
    });
    expect(edited('/v1.45/containers/x/json', container([ours, others]))).toEqual(
      container([others]),
    );
  });
  test('leave a container without mounts as one that never had any', () => {
    const shown = edited('/containers/x/json', { HostConfig: { Mounts: [ours] }, Mounts: [ours] });
    expect(shown).toEqual({ HostConfig: {}, Mounts: [] });
  });
  test('are no mounts in a list', () => {
    const list = [{ Id: 'x', Mounts: [others, ours] }, { Id: 'y' }];
    expect(edited('/containers/json', list)).toEqual([{ Id: 'x', Mounts: [others] }, { Id: 'y' }]);
  });
  test('where there are none, nothing is touched', () => {
    const body = '{"Id": "x","Large": 9223372036854775807}\n';
    expect(viewOf('GET', '/containers/x/json')?.edit(body)).toBe(body);
  });
});
