import { expect, test } from '@jest/globals';
import { freePrefixes, rangeOf } from './subnet.ts';

test('with nothing taken there are 512 subnets', () => {
  const free = freePrefixes([]);
  expect([free.length, free[0], free.at(-1)]).toEqual([512, '198.18.0', '198.19.255']);
});

test('a taken subnet is not offered, whether smaller, equal or larger', () => {
  const free = freePrefixes(['198.18.5.0/24', '198.18.6.128/25', '198.19.0.0/16', 'fe80::/64', '']);
  expect(free).toHaveLength(512 - 2 - 256);
  expect(free).not.toContain('198.18.5');
  expect(free).not.toContain('198.18.6');
});

test('the default route leaves nothing', () => {
  expect(freePrefixes(['0.0.0.0/0'])).toEqual([]);
});

test('a CIDR is a range even when written with a host part', () => {
  expect(rangeOf('10.0.0.7/30')).toEqual({ start: 0x0a000004, end: 0x0a000007 });
});
