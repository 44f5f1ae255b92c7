/** What a node's own network says: where it listens, and which control ports it is connected to. */
import type { LabNode } from './lab.ts';
import { runIn } from './node-exec.ts';

const LISTENING_TCP = '0A';
const ESTABLISHED = '01';
const UNCONNECTED_UDP = '07';
/** The kernel's own sockets (VXLAN) stand in these tables too. */
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => `/proc/net/${name}`);

export interface PortsFound {
  readonly looked: string;
  /** Where others can reach it, `2377/tcp` say, in order. */
  readonly listens: readonly string[];
  /** The ports at the far end of its connections of TCP, `2377/tcp` say. */
  readonly connected: readonly string[];
}

/** @throws SwarmtwinError `lab-failed` where the node does not run */
export async function portsOf(node: Pick<LabNode, 'containerId'>): Promise<PortsFound> {
  const text = await runIn(node.containerId, `grep -H : ${TABLES.join(' ')}`);
  return { looked: `${TABLES.join(', ')} of the node`, ...readTables(text) };
}

/** Of lines as `grep -H` gives them. */
export function readTables(text: string): Pick<PortsFound, 'listens' | 'connected'> {
  const sockets = text.split('\n').flatMap((line) => {
    const found =
      /net\/(tcp|udp)6?:\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{2}) /.exec(
        line,
      );
    if (found === null) return [];
    const [, kind = '', address = '', local = '', remote = '', state = ''] = found;
    const portText = (hex: string): string => `${Number.parseInt(hex, 16)}/${kind}`;
    return [{ isOwn: isLoopback(address), near: portText(local), far: portText(remote), state }];
  });
  const listening = new Set([LISTENING_TCP, UNCONNECTED_UDP]);
  const listens = sockets.filter(({ isOwn, state }) => !isOwn && listening.has(state));
  const connected = sockets.filter(({ state }) => state === ESTABLISHED);
  return {
    listens: inOrder(listens.map(({ near }) => near)),
    connected: inOrder(connected.map(({ far }) => far)),
  };
}

/** 127.0.0.0/8, written in the machine's own order of bytes, and ::1. */
const isLoopback = (address: string): boolean =>
  address.length === 8 ? address.endsWith('7F') : address === '00000000000000000000000001000000';

const inOrder = (ports: readonly string[]): readonly string[] =>
  [...new Set(ports)].sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1),
  );
