/**
 * Cuts of gossip and overlay traffic: rules in the hearer's own packet filter that drop what one other node sends. The fault's id is in each rule's comment,
 * so rules of different faults live side by side and the node itself tells what is cut. A copy in a file outlives a kill.
 */
import type { DirectedLink } from '../model/fault.ts';
import type { BenchNode } from './bench.ts';
import { CUTS_FILE, CUT_CHAIN } from './boot-rules.ts';
import { runIn } from './node-exec.ts';

/** A cut as a node's packet filter tells it, with what it has dropped. */
export interface SeenCut {
  readonly faultId: string;
  readonly fromAddress: string;
  readonly packets: number;
}

/** What a node's chain says. */
export interface SeenChain {
  readonly cuts: readonly SeenCut[];
  /** Packets to the overlay port that were let through, by sender's address. */
  readonly passed: ReadonlyMap<string, number>;
}

/** Rules that drop all that `fromAddress` sends on the data plane, replies on connections we opened included. */
export function cutRules(faultId: string, fromAddress: string): readonly string[] {
  const matches = [
    '-p udp -m udp --dport 7946',
    '-p udp -m udp --dport 4789',
    '-p tcp -m tcp --dport 7946',
    '-p tcp -m tcp --sport 7946',
  ];
  return matches.map(
    (match) => `-s ${fromAddress}/32 ${match} -m comment --comment ${faultId} -j DROP`,
  );
}

/** Adds a fault's cuts to the node that would hear. `fromAddresses` are the nodes that are not to be heard. */
export async function addCuts(
  hearer: BenchNode,
  faultId: string,
  fromAddresses: readonly string[],
): Promise<void> {
  const lines = fromAddresses
    .flatMap((address) => cutRules(faultId, address))
    .map((rule) => `-I ${CUT_CHAIN} 1 ${rule}`);
  await runIn(hearer.containerId, restoreScript(lines));
}

/** Removes the rules of one fault from a node; of all faults without an id. */
export async function removeCuts(hearer: BenchNode, faultId?: string): Promise<void> {
  const comment = faultId ?? '[a-z0-9-]*';
  const script = [
    'set -e -o pipefail',
    `{ echo '*filter'; iptables --wait 10 -S ${CUT_CHAIN} | { grep -E -- '--comment "?${comment}"? ' || true; } | sed 's/^-A/-D/'; echo COMMIT; } | iptables-restore --wait 10 --noflush`,
    KEEP_COPY,
  ].join('\n');
  await runIn(hearer.containerId, script);
}

/** Reads the chain with its counters. */
export async function readChain(node: BenchNode): Promise<SeenChain> {
  return parseChain(
    await runIn(
      node.containerId,
      `iptables-save --counters --table filter | grep -- '-A ${CUT_CHAIN}' || true`,
    ),
  );
}

/** Reads lines of `iptables-save --counters`: `[packets:bytes] -A CHAIN …`. */
export function parseChain(text: string): SeenChain {
  const cuts: SeenCut[] = [];
  const passed = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^\[(\d+):\d+\] -A \S+ -s ([\d.]+)\/32 (.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const faultId = /--comment "?([a-z0-9-]+)"?/.exec(match[3] ?? '')?.[1];
    const packets = Number(match[1]);
    if (faultId === undefined) passed.set(match[2], packets);
    else cuts.push({ faultId, fromAddress: match[2], packets });
  }
  return { cuts, passed };
}

/** Sends one short packet to the overlay port of each address: too short to mean anything there, long enough to be counted. */
export async function sendProbes(sender: BenchNode, toAddresses: readonly string[]): Promise<void> {
  const lines = toAddresses.map((address) => `printf x > /dev/udp/${address}/4789 || true`);
  await runIn(sender.containerId, lines.join('\n'));
}

/** Groups the cuts of a fault by the node that is not to hear. */
export function bySide(
  cuts: readonly DirectedLink[],
  side: 'from' | 'to',
): ReadonlyMap<string, readonly string[]> {
  const other = side === 'from' ? 'to' : 'from';
  const groups = new Map<string, string[]>();
  for (const cut of cuts) groups.set(cut[side], [...(groups.get(cut[side]) ?? []), cut[other]]);
  return groups;
}

/** The copy holds the whole chain in the form of iptables-restore, counting rules included. */
const KEEP_COPY = `{ echo '*filter'; echo ':${CUT_CHAIN} - [0:0]'; iptables --wait 10 -S ${CUT_CHAIN} | grep '^-A'; echo COMMIT; } > ${CUTS_FILE}`;

function restoreScript(lines: readonly string[]): string {
  return [
    'set -e -o pipefail',
    `iptables-restore --wait 10 --noflush <<'RULES'\n*filter\n${lines.join('\n')}\nCOMMIT\nRULES`,
    KEEP_COPY,
  ].join('\n');
}
