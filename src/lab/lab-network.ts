/** A network of a lab's own, with a subnet that no other lab, process or interface has. */
import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import pRetry from 'p-retry';
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import { ask, hostDocker } from './docker.ts';
import type { Labels } from './labels.ts';
import { freePrefixes } from './subnet.ts';

/** Others pick at the same time; each clash shows a taken subnet more. */
const TRIES = 20;

export interface LabNetwork {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
}

/** Creates the network. The labels depend on the subnet, so they come from a function of it. */
export async function createLabNetwork(
  name: string,
  labels: (prefix: string) => Labels,
): Promise<LabNetwork> {
  const tried = `creating the network ${name}`;
  return pRetry(
    async () => {
      const prefix = await pickPrefix();
      const network = await ask(
        tried,
        hostDocker().createNetwork({
          Name: name,
          Driver: 'bridge',
          CheckDuplicate: true,
          Labels: labels(prefix),
          IPAM: {
            Driver: 'default',
            Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }],
          },
        }),
      );
      return { id: network.id, name, prefix };
    },
    {
      retries: TRIES,
      minTimeout: 10,
      maxTimeout: 200,
      randomize: true,
      shouldRetry: ({ error }) => /overlaps/i.test(messageOf(error)),
    },
  );
}

async function pickPrefix(): Promise<string> {
  const networks = await ask('listing networks', hostDocker().listNetworks());
  const taken = networks.flatMap((network) =>
    (network.IPAM?.Config ?? []).map((config) => config.Subnet ?? ''),
  );
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((address) => address.cidr ?? ''),
  );
  const free = freePrefixes([...taken, ...own]);
  const prefix = free[free.length > 0 ? randomInt(free.length) : 0];
  if (prefix === undefined)
    throw new SwarmtwinError(
      'lab-failed',
      'every subnet of 198.18.0.0/15 is taken on this engine',
      'Remove old labs with `swarmtwin lab gc --all`.',
    );
  return prefix;
}
