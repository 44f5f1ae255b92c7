import { describe, expect, test } from '@jest/globals';
import {
  bytesOf,
  durationOf,
  interpolated,
  mountOf,
  nanoCpusOf,
  portsOf,
  wordsOf,
} from './compose-values.ts';

test.each([
  ['10s', 1e10],
  ['1m30s', 9e10],
  ['1.5s', 1.5e9],
  ['0', 0],
  ['10us', 1e4],
  ['10', null],
  ['soon', null],
])('a duration %j is %p nanoseconds', (text, nanoseconds) => {
  expect(durationOf(text)).toBe(nanoseconds);
});

test.each([
  ['1024', 1024],
  ['50M', 50 * 1024 ** 2],
  ['1gb', 1024 ** 3],
  ['1GiB', 1024 ** 3],
  ['1.5k', 1536],
  ['much', null],
])('a size %j is %p bytes', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

test.each([
  ['0.5', 5e8],
  ['2', 2e9],
  ['half', null],
])('%j cores are %p billionths', (text, billionths) => {
  expect(nanoCpusOf(text)).toBe(billionths);
});

describe('ports', () => {
  const short = (text: string): readonly string[] | null =>
    portsOf(text)?.map(
      ({ PublishedPort, TargetPort, Protocol }) =>
        `${PublishedPort ?? ''}:${TargetPort}/${Protocol ?? ''}`,
    ) ?? null;
  test.each([
    ['80', [':80/tcp']],
    ['8080:80', ['8080:80/tcp']],
    ['53:53/udp', ['53:53/udp']],
    ['127.0.0.1:8080:80', ['8080:80/tcp']],
    ['8080-8081:80-81', ['8080:80/tcp', '8081:81/tcp']],
    ['81-80', null],
    ['a:b', null],
    ['1:2:3:4', null],
  ])('%j', (text, ports) => {
    expect(short(text)).toEqual(ports);
  });
});

test.each([
  ['data:/var/lib', { Type: 'volume', Source: 'data', Target: '/var/lib' }],
  ['./a:/b:ro', { Type: 'bind', Source: './a', Target: '/b', ReadOnly: true }],
  ['/anonymous', { Type: 'volume', Target: '/anonymous' }],
])('a mount %j', (text, mount) => {
  expect(mountOf(text)).toEqual(mount);
});

test('a command line is split as a shell would, its quotes taken off', () => {
  expect(wordsOf(`sh -c "sleep 10; exit" 'a b'`)).toEqual(['sh', '-c', 'sleep 10; exit', 'a b']);
});

describe('variables', () => {
  const variables = { TAG: '1.4', EMPTY: '' };
  test.each([
    ['api:$TAG', 'api:1.4', []],
    ['api:${TAG}', 'api:1.4', []],
    ['${NONE:-x}${EMPTY:-y}${EMPTY-z}', 'xy', []],
    ['$$TAG', '$TAG', []],
    ['${NONE}', '', ['NONE']],
  ])('%j', (text, value, missing) => {
    const unset: string[] = [];
    expect(interpolated(text, variables, (name) => unset.push(name))).toBe(value);
    expect(unset).toEqual(missing);
  });
});
