import { expect, test } from '@jest/globals';
import { readTables } from './ports-of.ts';

const TEXT = `
/proc/net/tcp:  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
/proc/net/tcp:   0: 0B00007F:8B2D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
/proc/net/tcp:   1: 020012C6:9C40 030012C6:0949 01 00000000:00000000 00:00000000 00000000     0        0 2 1
/proc/net/tcp6:   0: 00000000000000000000000000000000:1F0A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1
/proc/net/tcp6:   1: 00000000000000000000000000000000:0949 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1
/proc/net/udp:   5: 00000000:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5 2
/proc/net/udp6:  6: 00000000000000000000000000000000:1F0A 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6 2
`;

test('where a node listens and what it is connected to is read from the tables of its kernel, without what only itself can reach', () => {
  expect(readTables(TEXT)).toEqual({
    listens: ['2377/tcp', '4789/udp', '7946/tcp', '7946/udp'],
    connected: ['2377/tcp'],
  });
});

test('a node without a socket listens nowhere', () => {
  expect(readTables('')).toEqual({ listens: [], connected: [] });
});
