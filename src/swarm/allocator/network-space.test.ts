import { describe, expect, test } from '@jest/globals';
import { networkId } from '../../model/ids.ts';
import type { Network } from '../../model/objects.ts';
import type { NetworkSpec } from '../../model/specs.ts';
import { NetworkSpace } from './network-space.ts';

const VNIS = 'com.docker.network.driver.overlay.vxlanid_list';

const network = (name: string, spec: Partial<NetworkSpec> = {}): Network => ({
  id: networkId(name),
  meta: { version: 1, createdAt: 0, updatedAt: 0 },
  spec: { Name: name, Labels: {}, Driver: { Name: 'overlay' }, ...spec },
});
const given = (name: string, ...Configs: { Subnet?: string; Gateway?: string; Range?: string }[]) =>
  network(name, { IPAM: { Configs } });
const subnetsOf = (allocated: Network | null): readonly (string | undefined)[] | undefined =>
  allocated?.ipam?.Configs.map(({ Subnet }) => Subnet);
const addresses = (space: NetworkSpace, name: string, count: number): readonly (string | null)[] =>
  Array.from({ length: count }, () => space.takeAddress(name));

describe('subnets', () => {
  test('come from the default pool one after another, and begin anew at its end', () => {
    const space = new NetworkSpace(['10.0.0.0/22'], 24);
    const take = (name: string): readonly (string | undefined)[] | undefined =>
      subnetsOf(space.allocate(network(name)));
    expect(take('a')).toEqual(['10.0.0.0/24']);
    expect(take('b')).toEqual(['10.0.1.0/24']);
    space.free('a');
    expect(take('c')).toEqual(['10.0.2.0/24']);
    expect(take('d')).toEqual(['10.0.3.0/24']);
    expect(take('e')).toEqual(['10.0.0.0/24']);
    expect(take('f')).toBeUndefined();
  });

  test("are of Swarm's own pool where the swarm was given none, and of all pools that it was given", () => {
    expect(subnetsOf(new NetworkSpace([], 0).allocate(network('a')))).toEqual(['10.0.0.0/24']);
    const space = new NetworkSpace(['172.20.0.0/25', '10.5.0.0/16'], 25);
    expect(subnetsOf(space.allocate(network('a')))).toEqual(['172.20.0.0/25']);
    expect(subnetsOf(space.allocate(network('b')))).toEqual(['10.5.0.0/25']);
  });

  test('that were asked for are not given again, and never overlap', () => {
    const space = new NetworkSpace(['10.0.0.0/8'], 24);
    expect(subnetsOf(space.allocate(given('a', { Subnet: '10.0.0.0/23' })))).toEqual([
      '10.0.0.0/23',
    ]);
    expect(space.allocate(given('b', { Subnet: '10.0.1.128/25' }))).toBeNull();
    expect(subnetsOf(space.allocate(network('c')))).toEqual(['10.0.2.0/24']);
    expect(
      subnetsOf(space.allocate(given('d', { Subnet: '10.7.0.0/24' }, { Subnet: '10.8.0.0/24' }))),
    ).toEqual(['10.7.0.0/24', '10.8.0.0/24']);
  });

  test('of a network that could not be had whole are free again', () => {
    const space = new NetworkSpace([], 0);
    space.allocate(given('a', { Subnet: '10.9.0.0/24' }));
    expect(
      space.allocate(given('b', { Subnet: '10.8.0.0/24' }, { Subnet: '10.9.0.0/24' })),
    ).toBeNull();
    expect(space.allocate(given('c', { Subnet: '10.8.0.0/24' }))).not.toBeNull();
  });
});

describe('VXLAN numbers', () => {
  const vnisOf = (allocated: Network | null): string | undefined =>
    allocated?.driverState?.Options?.[VNIS];

  test('count up from 4096, one a subnet, over those that were asked for', () => {
    const space = new NetworkSpace([], 0);
    const asked = network('a', {
      Driver: { Name: 'overlay', Options: { [VNIS]: '4097', x: 'y' } },
    });
    expect(space.allocate(asked)?.driverState).toEqual({
      Name: 'overlay',
      Options: { [VNIS]: '4097', x: 'y' },
    });
    expect(
      vnisOf(space.allocate(given('b', { Subnet: '1.0.0.0/24' }, { Subnet: '2.0.0.0/24' }))),
    ).toBe('4096,4098');
    expect(vnisOf(space.allocate({ ...asked, id: networkId('c') }))).toBeUndefined();
    space.free('b');
    expect(vnisOf(space.allocate(network('d')))).toBe('4099');
  });
});

describe('addresses', () => {
  test('follow the gateway, and each other; a free one is given again only after all the others', () => {
    const space = new NetworkSpace(['10.0.0.0/8'], 29);
    expect(space.allocate(network('a'))?.ipam?.Configs[0]?.Gateway).toBe('10.0.0.1');
    expect(addresses(space, 'a', 2)).toEqual(['10.0.0.2/29', '10.0.0.3/29']);
    space.freeAddress('a', '10.0.0.2/29');
    expect(addresses(space, 'a', 5)).toEqual([
      '10.0.0.4/29',
      '10.0.0.5/29',
      '10.0.0.6/29',
      '10.0.0.2/29',
      null,
    ]);
  });

  test("stay within the range, and keep off a gateway of one's own choice", () => {
    const space = new NetworkSpace([], 0);
    space.allocate(
      given('a', { Subnet: '10.1.0.0/24', Range: '10.1.0.8/30', Gateway: '10.1.0.9' }),
    );
    expect(addresses(space, 'a', 4)).toEqual(['10.1.0.8/24', '10.1.0.10/24', '10.1.0.11/24', null]);
  });

  test('of a leader before are taken, and so is all that its networks had', () => {
    const before = new NetworkSpace([], 0);
    const [one, two] = [before.allocate(network('a')), before.allocate(network('b'))];
    const space = new NetworkSpace([], 0);
    for (const known of [one, two])
      if (known !== null) expect(space.allocate(known)).toEqual(known);
    expect(space.takeAddress('a', '10.0.0.2/24')).toBe('10.0.0.2/24');
    expect(space.takeAddress('a', '10.0.0.2/24')).toBeNull();
    expect(space.takeAddress('a')).toBe('10.0.0.3/24');
    expect(subnetsOf(space.allocate(network('c')))).toEqual(['10.0.2.0/24']);
  });

  test('are none on networks that each node has for itself, and on those that nobody knows', () => {
    const space = new NetworkSpace([], 0);
    expect(space.allocate(network('host', { Driver: { Name: 'host' } }))).toMatchObject({
      driverState: { Name: 'host' },
      ipam: { Configs: [] },
    });
    expect(space.takeAddress('host')).toBe('');
    expect(space.takeAddress('nope')).toBeNull();
  });
});
