/**
 * The packet rules a node boots with. They are in force before its dockerd runs, in chains of our own at the head of OUTPUT and INPUT: a killed node comes
 * back in a fresh network namespace, and must not speak to anybody past the proxies for a moment.
 */
import { CONTROL_PORT, linkPort } from './lab-plan.ts';
import type { LabPlan, PlannedNode } from './lab-plan.ts';

/** In table nat: sends control traffic for each other node to that link's proxy. */
export const LINK_CHAIN = 'SWARMTWIN-LINKS';
/** In table filter: fault rules first, then one counting rule per other node. */
export const CUT_CHAIN = 'SWARMTWIN-CUTS';
/** Fault rules of the data plane as they were last, so that a cut outlives a kill of the node. */
export const CUTS_FILE = '/etc/swarmtwin-cuts';

/** Rules in the form of iptables-restore, for one node. */
export function bootRules(plan: LabPlan, node: PlannedNode): string {
  const others = plan.nodes.filter((other) => other !== node);
  return [
    '*nat',
    `:${LINK_CHAIN} - [0:0]`,
    ...others.map(
      (to) =>
        `-A ${LINK_CHAIN} -d ${to.address}/32 -p tcp -m tcp --dport ${CONTROL_PORT} -j DNAT --to-destination ${plan.proxyAddress}:${linkPort(node, to)}`,
    ),
    `-I OUTPUT 1 -p tcp -m tcp --dport ${CONTROL_PORT} -j ${LINK_CHAIN}`,
    'COMMIT',
    '*filter',
    `:${CUT_CHAIN} - [0:0]`,
    ...others.map((from) => countingRule(from.address)),
    'COMMIT',
    '',
  ].join('\n');
}

/** Counts what was let through from an address on the overlay's data port; the last word of a data plane proof. */
export function countingRule(fromAddress: string): string {
  return `-A ${CUT_CHAIN} -s ${fromAddress}/32 -p udp -m udp --dport 4789`;
}

/** Succeeds once the boot rules are in force; the jump to the cuts is the last of them. */
export const RULES_IN_FORCE = `for _ in $(seq 100); do iptables --wait 10 -C INPUT -j ${CUT_CHAIN} 2>/dev/null && exit 0; sleep 0.1; done; echo 'no boot rules within 10 s' >&2; exit 1`;

/** The node's entry: our rules, then the image's own entry point. `SWARMTWIN_RULES` carries the rules. */
export const BOOT_COMMAND: readonly string[] = [
  '/usr/bin/tini',
  '--',
  '/bin/bash',
  '-c',
  [
    'set -e',
    'printf "%s" "$SWARMTWIN_RULES" | iptables-restore --wait 10 --noflush',
    `if [ -s ${CUTS_FILE} ]; then iptables-restore --wait 10 --noflush < ${CUTS_FILE}; fi`,
    `iptables --wait 10 -I INPUT 1 -j ${CUT_CHAIN}`,
    'exec /usr/local/lib/swarmtwin/entrypoint.sh',
  ].join('\n'),
];
