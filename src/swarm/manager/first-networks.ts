/** The networks that every swarm has from its beginning (SwarmKit: manager.becomeLeader). */
import { networkId } from '../../model/ids.ts';
import type { Network } from '../../model/objects.ts';
import { drawId, type Random } from '../../model/random.ts';
import type { NetworkSpec } from '../../model/specs.ts';
import { PREDEFINED_LABEL } from '../allocator/network-needs.ts';
import type { Reader } from '../tables.ts';
import type { Transaction } from '../transaction.ts';

/** moby: the engines' own networks that services can be on, by the driver of the same name. */
const PREDEFINED = ['bridge', 'host'];

const INGRESS: NetworkSpec = {
  Name: 'ingress',
  Labels: {},
  Driver: {},
  Ingress: true,
  IPAM: { Driver: {}, Configs: [] },
};

/** The network of published ports is made once: whoever removes it has none. */
export function createIngress(transaction: Transaction, random: Random): void {
  transaction.create('network', draft(INGRESS, random));
}

/** Made anew by each leader that finds one missing. */
export function createPredefined(transaction: Transaction, random: Random): void {
  for (const Name of missingPredefined(transaction)) {
    const Labels = { [PREDEFINED_LABEL]: 'true' };
    transaction.create('network', draft({ Name, Labels, Driver: { Name } }, random));
  }
}

export const missingPredefined = (read: Reader): readonly string[] => {
  const names = read.all('network').map(({ spec }) => spec.Name.toLowerCase());
  return PREDEFINED.filter((name) => !names.includes(name));
};

const draft = (spec: NetworkSpec, random: Random): Omit<Network, 'meta'> => ({
  id: networkId(drawId(random)),
  spec,
});
