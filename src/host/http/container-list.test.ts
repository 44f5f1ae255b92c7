import { describe, expect, test } from '@jest/globals';
import { listByTask } from './container-list.ts';

const listOf = (filters: unknown): string =>
  `/v1.41/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`;
const filtersOf = (target: string | undefined): unknown =>
  JSON.parse(new URL(target ?? '', 'http://node').searchParams.get('filters') ?? 'null');

describe('a list of the containers of tasks', () => {
  test.each([
    ['as the CLI writes it', { 'is-task': { true: true }, name: { web: true } }],
    ['as a list', { 'is-task': ['1'], name: ['web'] }],
  ])('is asked for by their label, %s', (_, filters) => {
    const list = listByTask('GET', listOf(filters), '26.1');
    expect(list?.withoutTasks).toBe(false);
    expect(filtersOf(list?.target)).toEqual({ name: ['web'], label: ['com.docker.swarm.task.id'] });
    expect(list?.target).toMatch(/^\/v1\.41\/containers\/json\?all=1&/);
  });
  test('keeps the labels that were asked for', () => {
    const list = listByTask('GET', listOf({ 'is-task': ['true'], label: ['a=b'] }), '26.1');
    expect(filtersOf(list?.target)).toEqual({ label: ['a=b', 'com.docker.swarm.task.id'] });
  });
});

test('a list of all others leaves the tasks out of the answer', () => {
  const list = listByTask('GET', listOf({ 'is-task': ['false'] }), '26.1');
  expect(list?.withoutTasks).toBe(true);
  expect(filtersOf(list?.target)).toEqual({});
});

describe('left to dockerd is', () => {
  test.each([
    ['a list without the filter', 'GET', listOf({ name: ['web'] })],
    ['a list without filters', 'GET', '/containers/json'],
    ['a word that dockerd refuses', 'GET', listOf({ 'is-task': ['maybe'] })],
    ['two words', 'GET', listOf({ 'is-task': ['true', 'false'] })],
    ['filters that are no JSON', 'GET', '/containers/json?filters={'],
    ['another call', 'POST', listOf({ 'is-task': ['true'] })],
    ['another path', 'GET', '/containers/x/json?filters={"is-task":["true"]}'],
  ])('%s', (_, method, target) => {
    expect(listByTask(method, target, '26.1')).toBeNull();
  });
});
