/** Faults of links. A simulated swarm has no gossip and no overlay, so the data plane has nothing that a cut could touch. */
import { SwarmtwinError } from '../model/errors.ts';
import type { DirectedLink, LinkFault, LinkToxic } from '../model/fault.ts';
import type { Bite } from './bite.ts';
import type { LinkEffect } from './link.ts';
import type { World } from './world.ts';

export const cutLinks = (world: World, links: readonly DirectedLink[]): Bite =>
  withEffect(world, links, { kind: 'drop' });

type Slowness = Omit<Extract<LinkEffect, { readonly kind: 'slow' }>, 'kind'>;

export function slowLinks(world: World, links: readonly DirectedLink[], slowness: Slowness): Bite {
  const { delayMs, jitterMs, loss, duplication } = slowness;
  return withEffect(world, links, { kind: 'slow', delayMs, jitterMs, loss, duplication });
}

export function breakLinks(world: World, fault: LinkFault): Bite {
  const names = [...world.machines.keys()];
  const links = fault.kind === 'links' ? fault.links : between(fault.groups, names);
  if (fault.plane === 'data') return untouched(links);
  return withEffect(world, links, effectOf(fault.kind === 'links' ? fault.toxic : DROP));
}

const DROP: LinkToxic = { kind: 'drop' };

function effectOf(toxic: LinkToxic): LinkEffect {
  switch (toxic.kind) {
    case 'latency':
      return {
        kind: 'slow',
        delayMs: toxic.latencyMs,
        jitterMs: toxic.jitterMs,
        loss: 0,
        duplication: 0,
      };
    case 'slow-close':
      return { kind: 'slow-close', delayMs: toxic.delayMs };
    case 'reset':
      return { kind: 'reset' };
    default:
      return DROP_EFFECT;
  }
}

const DROP_EFFECT: LinkEffect = { kind: 'drop' };

/** Between different groups; a node in no group is a group of its own. */
function between(
  groups: readonly (readonly string[])[],
  names: readonly string[],
): readonly DirectedLink[] {
  const groupOf = (name: string): number | string => {
    const at = groups.findIndex((group) => group.includes(name));
    return at < 0 ? name : at;
  };
  return names.flatMap((from) =>
    names.filter((to) => groupOf(from) !== groupOf(to)).map((to) => ({ from, to })),
  );
}

function withEffect(world: World, links: readonly DirectedLink[], effect: LinkEffect): Bite {
  refuseStrangers(world, links);
  const words = links.map(({ from, to }) => `${from}→${to}`).join(' ');
  let removers: readonly (() => void)[] = [];
  return {
    looked: `${words}: what the simulated network does to it`,
    look: () =>
      removers.length === 0 ? `no ${effect.kind} of this fault` : `${effect.kind} on it`,
    bite: () => {
      removers = links.map(({ from, to }) => world.network.add(from, to, effect));
    },
    undo: () => {
      for (const remove of removers) remove();
      removers = [];
    },
  };
}

const untouched = (links: readonly DirectedLink[]): Bite => ({
  looked: `the data plane of ${links.length} links`,
  look: () => 'a simulated swarm has no gossip and no overlay: nothing to cut',
  bite: () => undefined,
  undo: () => undefined,
});

function refuseStrangers(world: World, links: readonly DirectedLink[]): void {
  for (const { from, to } of links) {
    const stranger = [from, to].find((name) => !world.machines.has(name));
    if (stranger === undefined && from !== to) continue;
    throw new SwarmtwinError(
      'bad-scenario',
      stranger === undefined
        ? `a link from ${from} to itself`
        : `there is no node ${stranger} in this swarm`,
      `Its nodes are ${[...world.machines.keys()].join(', ')}.`,
    );
  }
}
