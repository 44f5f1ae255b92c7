/** Claims M8 and M10: what a swarm takes of the machines under it, their ports and their clocks. */
import { LOAD_MS } from '../model/bounds.ts';
import type { PortsSeen } from '../model/history.ts';
import { q7 } from './claims-q-majority.ts';
import { r1 } from './claims-r.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { replicasOf, type Operation } from './operations.ts';
import { createsOf } from './claims-s.ts';
import { leaderAt, nodeAt } from './story.ts';
import type { At, FaultSpan, Story } from './story.ts';
import { lastOf, ranMs } from './task-lives.ts';

const CONTROL = '2377/tcp';
/** Every node, whatever its role: gossip of members, and data of overlay networks. */
const EVERYWHERE = ['7946/tcp', '7946/udp', '4789/udp'];

export const m8: Claim = (story) => {
  const looks = story.ports.map((seen) => ({ seen, role: roleOf(story, seen) }));
  const opinions = looks.map(({ seen, role }) => portsRight(seen, role));
  const roles = new Set(looks.map(({ role }) => role));
  if (!roles.has('manager') || !roles.has('worker'))
    return inconclusive('not both a manager and a worker were looked at');
  return worstOf(opinions, '');
};

const roleOf = (story: Story, { node, atMs }: At<PortsSeen>): 'manager' | 'worker' | undefined =>
  nodeAt(story, node, atMs)?.role;

function portsRight(
  { node, n, listens, connected }: At<PortsSeen>,
  role: 'manager' | 'worker' | undefined,
): Opinion {
  const wanted = role === 'manager' ? [CONTROL, ...EVERYWHERE] : EVERYWHERE;
  const missing = wanted.filter((port) => !listens.includes(port));
  const who = `${node}, a ${role ?? 'node of no swarm'},`;
  if (missing.length > 0) return fails(`${who} does not listen on ${missing.join(', ')}`, [n]);
  if (role === 'manager') return holds(`${who} listens on ${wanted.join(', ')}`, [n]);
  if (listens.includes(CONTROL)) return fails(`${who} listens on ${CONTROL}`, [n]);
  if (!connected.includes(CONTROL)) return fails(`${who} is connected to no ${CONTROL}`, [n]);
  return holds(`${who} listens on ${wanted.join(', ')} and is connected to ${CONTROL}`, [n]);
}

export const m10: Claim = (story) => {
  const skews = story.faults.filter(({ fault }) => fault.kind === 'skew-clock');
  const fromMs = Math.max(...skews.map(({ bittenMs }) => bittenMs));
  const toMs = Math.min(...skews.map(({ healBeginMs }) => healBeginMs));
  if (skews.length === 0 || fromMs >= toMs) return inconclusive('no clock was set off');
  const within = ({ beginMs }: FaultSpan): boolean => beginMs >= fromMs && beginMs < toMs;
  const apart: Story = { ...story, faults: story.faults.filter(within) };
  const placed = createsOf(story)
    .filter(({ invokedMs }) => invokedMs >= fromMs && invokedMs < toMs)
    .map((create) => placedOf(story, create, skews));
  if (placed.length === 0) return inconclusive('nothing was placed while clocks were apart');
  const worst = worstOf([...placed, q7(apart), r1(apart)], '');
  const clocks = skews.map(({ fault, nodes }) => skewText(fault, nodes)).join(', ');
  return { ...worst, reason: `with clocks apart (${clocks}): ${worst.reason}` };
};

const skewText = (fault: FaultSpan['fault'], [node = '']: FaultSpan['nodes']): string =>
  fault.kind === 'skew-clock' ? `${node} by ${seconds(fault.offsetMs)}` : node;

/** All of a new service runs, on nodes that are there. */
function placedOf(story: Story, create: Operation, skews: readonly FaultSpan[]): Opinion {
  const { about, spec, invokedMs, records } = create;
  const wanted = replicasOf(spec) ?? 0;
  const first = story.tasks.filter(
    ({ service, sightings }) => service === about && (sightings[0]?.atMs ?? 0) >= invokedMs,
  );
  const ran = first.filter((life) => ranMs(life) - invokedMs <= LOAD_MS);
  const evidence = [...records, ...first.map((life) => lastOf(life)?.n)];
  const slots = new Set(ran.map(({ slot }) => slot)).size;
  if (slots < wanted)
    return fails(
      `of ${wanted} tasks of ${about} ${slots} ran within ${seconds(LOAD_MS)}`,
      evidence,
    );
  const leader = leaderAt(story, invokedMs) ?? '';
  const isOff = skews.some(({ nodes }) => nodes.includes(leader));
  return holds(
    `${about} was placed on ${[...new Set(ran.map(({ node }) => node))].sort().join(' ')} by ${leader}, whose clock is ${isOff ? 'off' : 'right'}`,
    evidence,
  );
}
