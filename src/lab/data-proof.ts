/** Proofs for the data plane: a packet sent by each sender is counted by the hearer's drop rule, or as let through. */
import type { DirectedLink } from '../model/fault.ts';
import { benchNode } from './bench.ts';
import type { Bench, BenchNode } from './bench.ts';
import { bySide, readChain, sendProbes } from './data-cuts.ts';
import type { SeenChain } from './data-cuts.ts';

/** What the proof starts from. */
export const cutText = 'no rule of this fault in any node';

/** Every cut is in its hearer's filter, and a packet over it is counted as dropped and not as let through. Throws with what is wrong. */
export async function proveCuts(
  bench: Bench,
  id: string,
  cuts: readonly DirectedLink[],
  able: ReadonlySet<string>,
): Promise<string> {
  const [before, after] = await probed(bench, cuts, able);
  const words = provable(cuts, able).map(({ from, to }) => {
    const address = benchNode(bench, from).address;
    const dropped = droppedBy(after.get(to), id, address) - droppedBy(before.get(to), id, address);
    const passed = passedOf(after.get(to), address) - passedOf(before.get(to), address);
    if (dropped < 1 || passed > 0)
      throw new Error(`of a probe ${from}→${to}, ${dropped} dropped and ${passed} let through`);
    return `${from}→${to} ${dropped} dropped`;
  });
  const unseen = cuts.length - words.length;
  if (unseen > 0) words.push(`${unseen} links of nodes that are down cannot be probed`);
  return words.join(', ');
}

/** No rule of the fault is left, and where no other cut stands a packet is let through. */
export async function proveUncut(
  bench: Bench,
  id: string,
  cuts: readonly DirectedLink[],
  able: ReadonlySet<string>,
): Promise<string> {
  const [before, after] = await probed(bench, cuts, able);
  const words = provable(cuts, able).flatMap(({ from, to }) => {
    const address = benchNode(bench, from).address;
    const others = after.get(to)?.cuts.filter((cut) => cut.fromAddress === address) ?? [];
    if (others.some((cut) => cut.faultId === id)) throw new Error(`${to} still cuts off ${from}`);
    if (others.length > 0) return [];
    const passed = passedOf(after.get(to), address) - passedOf(before.get(to), address);
    if (passed < 1) throw new Error(`a probe ${from}→${to} was not let through`);
    return [`${from}→${to} ${passed} let through`];
  });
  return words.join(', ');
}

type Chains = ReadonlyMap<string, SeenChain>;

/** The chains of all hearers before and after a probe over every link. */
async function probed(
  bench: Bench,
  cuts: readonly DirectedLink[],
  able: ReadonlySet<string>,
): Promise<readonly [Chains, Chains]> {
  const links = provable(cuts, able);
  const hearers = [...bySide(links, 'to').keys()].map((name) => benchNode(bench, name));
  const before = await chainsOf(hearers);
  await Promise.all(
    [...bySide(links, 'from')].map(([sender, targets]) =>
      sendProbes(
        benchNode(bench, sender),
        targets.map((target) => benchNode(bench, target).address),
      ),
    ),
  );
  return [before, await chainsOf(hearers)];
}

async function chainsOf(hearers: readonly BenchNode[]): Promise<Chains> {
  return new Map(
    await Promise.all(
      hearers.map(async (hearer) => [hearer.name, await readChain(hearer)] as const),
    ),
  );
}

/** A probe needs a sender that runs scripts and a hearer that counts. */
const provable = (
  cuts: readonly DirectedLink[],
  able: ReadonlySet<string>,
): readonly DirectedLink[] => cuts.filter(({ from, to }) => able.has(from) && able.has(to));

const droppedBy = (chain: SeenChain | undefined, id: string, address: string): number =>
  (chain?.cuts ?? [])
    .filter((cut) => cut.faultId === id && cut.fromAddress === address)
    .reduce((sum, cut) => sum + cut.packets, 0);

const passedOf = (chain: SeenChain | undefined, address: string): number =>
  chain?.passed.get(address) ?? 0;
