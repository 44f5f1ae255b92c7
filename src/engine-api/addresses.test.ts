/** Addresses of init and join, as moby resolves them. */
import { describe, expect, test } from '@jest/globals';
import {
  completeAddress,
  resolveAdvertise,
  resolveListen,
  resolveLocal,
  systemAddress,
} from './addresses.ts';
import { handle } from './handler.ts';
import { canonicalIp, isGlobalUnicast } from './ip-text.ts';
import { LeaderNode } from './leader-node.ts';
import type { SystemInterface } from './node-view.ts';
import { requestOf } from './recording.ts';

const face = (name: string, ...addresses: string[]): SystemInterface => ({
  name,
  up: true,
  loopback: name === 'lo',
  ofEngine: name.startsWith('docker'),
  addresses,
});
const LO = face('lo', '127.0.0.1', '::1');
const ETH0 = face('eth0', '10.1.0.2', 'fe80::1');
const ETH1 = face('eth1', '10.2.0.2');

test.each([
  ['0.0.0.0:2377', '0.0.0.0:2377'],
  ['10.0.0.1', '10.0.0.1:2377'],
  [':4000', '0.0.0.0:4000'],
  ['tcp://1.2.3.4:1', '1.2.3.4:1'],
  ['eth0', 'eth0:2377'],
  ['[::1]:3000', '[::1]:3000'],
  ['[::1]', '[::1]:2377'],
  ['a:b:c', 'a:b:c'],
  ['unix:///x', 'unix:///x'],
])('%s is completed to %s', (given, complete) => {
  expect(completeAddress(given, 'ListenAddr')).toBe(complete);
});

test.each([
  ['::FFFF:1.2.3.4', '1.2.3.4'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['01.2.3.4', null],
  ['nowhere', null],
])('%s is written %s', (given, canonical) => {
  expect(canonicalIp(given)).toBe(canonical);
});

test.each([
  ['10.0.0.1', true],
  ['127.0.0.9', false],
  ['169.254.1.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['2001:db8::1', true],
  ['fe80::1', false],
  ['ff02::1', false],
])('whether %s can be reached from afar: %p', (ip, reachable) => {
  expect(isGlobalUnicast(ip)).toBe(reachable);
});

describe('an interface can be named', () => {
  test('for listening', () => {
    expect(resolveListen('eth1:2377', [LO, ETH1])).toEqual({ host: '10.2.0.2', port: '2377' });
  });

  test('but not one with two addresses of one kind', () => {
    const both = face('eth2', '10.3.0.1', '10.3.0.2');
    expect(() => resolveListen('eth2:2377', [both])).toThrow(
      'interface eth2 has more than one IPv4 address (10.3.0.1 and 10.3.0.2)',
    );
  });

  test('nor one without any', () => {
    expect(() => resolveListen('eth3:2377', [face('eth3')])).toThrow(
      'interface eth3 has no usable IPv4 or IPv6 address',
    );
  });
});

describe("the machine's own address", () => {
  test('is the only one that others can reach, those of the engine aside', () => {
    expect(systemAddress([LO, ETH0, face('docker0', '172.17.0.1')])).toBe('10.1.0.2');
  });

  test('cannot be chosen among interfaces', () => {
    expect(() => systemAddress([LO, ETH0, ETH1])).toThrow(
      'could not choose an IP address to advertise since this system has multiple addresses on different interfaces (10.1.0.2 on eth0 and 10.2.0.2 on eth1)',
    );
  });

  test('cannot be chosen on one interface', () => {
    expect(() => systemAddress([face('eth0', '10.1.0.2', '10.1.0.3')])).toThrow(
      'could not choose an IP address to advertise since this system has multiple addresses on interface eth0 (10.1.0.2 and 10.1.0.3)',
    );
  });

  test('may not exist', () => {
    expect(() => systemAddress([LO])).toThrow("could not find the system's IP address");
  });

  test('is needed when the advertised one is not the machine’s', () => {
    expect(resolveLocal('0.0.0.0', '10.1.0.2', [ETH0, ETH1])).toBe('10.1.0.2');
    expect(resolveLocal('0.0.0.0', '8.8.8.8', [ETH0])).toBe('10.1.0.2');
    expect(() => resolveLocal('0.0.0.0', '8.8.8.8', [ETH0, ETH1])).toThrow(
      'must specify a listening address because the address to advertise is not recognized as a system address',
    );
  });
});

test('an advertised address without a port takes the listening one', () => {
  expect(resolveAdvertise('10.1.0.2', '4000', [ETH0])).toEqual({ host: '10.1.0.2', port: '4000' });
  expect(resolveAdvertise('eth0:5000', '4000', [ETH0])).toEqual({ host: '10.1.0.2', port: '5000' });
});

function send(path: string, body: unknown): LeaderNode {
  const node = LeaderNode.outside();
  node.ownInterfaces = [LO, ETH0];
  handle(node, requestOf({ method: 'POST', path, body }), ({ status }) => {
    expect(status).toBe(200);
  });
  return node;
}

test('an init reaches the node resolved, with the defaults of everything it leaves out', () => {
  const body = { ListenAddr: '0.0.0.0', Spec: { Orchestration: { TaskHistoryRetentionLimit: 2 } } };
  const [init] = send('/swarm/init', body).inits;
  expect(init).toMatchObject({
    listenAddr: '0.0.0.0:2377',
    advertiseAddr: '10.1.0.2:2377',
    localAddr: '10.1.0.2',
    dataPathPort: 4789,
    availability: 'active',
    spec: {
      Name: 'default',
      Orchestration: { TaskHistoryRetentionLimit: 2 },
      Raft: { SnapshotInterval: 10_000, ElectionTick: 10 },
      CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
    },
  });
});

test('a join reaches the node with the first manager only, and a wrong advertised address is left out', () => {
  const body = {
    ListenAddr: '0.0.0.0:2377',
    AdvertiseAddr: 'nowhere',
    RemoteAddrs: ['10.9.0.1', '10.9.0.2'],
    JoinToken: 't',
    Availability: 'drain',
  };
  expect(send('/swarm/join', body).joins).toEqual([
    {
      listenAddr: '0.0.0.0:2377',
      advertiseAddr: '',
      dataPathAddr: '',
      remoteAddr: '10.9.0.1:2377',
      joinToken: 't',
      availability: 'drain',
    },
  ]);
});
