/** The shapes of partitions people name, as values of `LinkFault`. Pure. */
import type { DirectedLink, LinkFault, NodeName, Plane } from '../model/fault.ts';
import { allLinks } from './lab-plan.ts';

/** One node (or a few) on one side, everybody else on the other. */
export function away(
  nodes: readonly NodeName[],
  all: readonly NodeName[],
  plane: Plane,
): LinkFault {
  const rest = all.filter((name) => !nodes.includes(name));
  return { kind: 'partition', groups: [[...nodes], rest], plane };
}

/** Two halves; of an odd number the first one has one more. */
export function halves(all: readonly NodeName[], plane: Plane): LinkFault {
  const middle = Math.ceil(all.length / 2);
  return { kind: 'partition', groups: [all.slice(0, middle), all.slice(middle)], plane };
}

/** Two halves that do not hear each other, and one node, the bridge, that hears and is heard by both. */
export function bridge(middle: NodeName, all: readonly NodeName[], plane: Plane): LinkFault {
  const others = all.filter((name) => name !== middle);
  const left = others.slice(0, Math.ceil(others.length / 2));
  const cut = allLinks(others).filter(({ from, to }) => left.includes(from) !== left.includes(to));
  return dropped(cut, plane);
}

/** Every node hears a majority, and no two nodes hear the same one: each hears its nearest neighbours on a ring. */
export function majoritiesRing(all: readonly NodeName[], plane: Plane): LinkFault {
  const heardOthers = Math.floor(all.length / 2);
  const before = Math.floor(heardOthers / 2);
  const after = heardOthers - before;
  const cut = allLinks(all).filter(({ from, to }) => {
    const ahead = (all.indexOf(from) - all.indexOf(to) + all.length) % all.length;
    return ahead > after && all.length - ahead > before;
  });
  return dropped(cut, plane);
}

/** What `from` sends to `to` is lost; the other way everything passes. */
export function oneWay(
  from: readonly NodeName[],
  to: readonly NodeName[],
  plane: Plane,
): LinkFault {
  const cut = from.flatMap((sender) =>
    to.filter((hearer) => hearer !== sender).map((hearer) => ({ from: sender, to: hearer })),
  );
  return dropped(cut, plane);
}

/** A node that can send and hears nothing. */
export function deaf(node: NodeName, all: readonly NodeName[], plane: Plane): LinkFault {
  return oneWay(
    all.filter((name) => name !== node),
    [node],
    plane,
  );
}

/** A node that hears and cannot be heard. */
export function mute(node: NodeName, all: readonly NodeName[], plane: Plane): LinkFault {
  return oneWay(
    [node],
    all.filter((name) => name !== node),
    plane,
  );
}

function dropped(links: readonly DirectedLink[], plane: Plane): LinkFault {
  return { kind: 'links', links, toxic: { kind: 'drop' }, plane };
}
