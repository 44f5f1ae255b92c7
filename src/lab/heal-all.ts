/** Puts a lab right, whatever is wrong with it and whoever did it: everything is read from the world. */
import type { Proof } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { proveClean } from './control-proof.ts';
import { readChain, removeCuts } from './data-cuts.ts';
import { notHealed } from './bite.ts';
import { eventually } from './eventually.ts';
import { offsetOf, straightenClock } from './fault-clock.ts';
import { feedCpu } from './fault-cpu.ts';
import { emptyDisk, isFilled } from './fault-disk.ts';
import { bringBack } from './fault-down.ts';
import { allLinks } from './lab-plan.ts';
import { stateOf } from './node-state.ts';

const LINKS_DEADLINE_MS = 10_000;

/** Nodes first, since only a node that runs can be put right inside; then the links. Gives a proof for each thing that was wrong. */
export async function healAll(bench: Bench): Promise<readonly Proof[]> {
  bench.owed.clear();
  const perNode = await Promise.all(bench.nodes.map((node) => healNode(bench, node)));
  return [...perNode.flat(), await healLinks(bench)];
}

async function healNode(bench: Bench, node: BenchNode): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  const state = await stateOf(bench, node);
  // First of all: a starved node takes long to start.
  if (state.cpuQuota > 0 && state.isRunning && !state.isPaused)
    proofs.push((await feedCpu(node, `the CPU quota of ${node.name}`)).proof);
  if (!state.isRunning || state.isPaused || !state.isPlugged)
    proofs.push((await bringBack(bench, node, `${node.name} down`)).proof);
  if ((await stateOf(bench, node)).cpuQuota > 0)
    proofs.push((await feedCpu(node, `the CPU quota of ${node.name}`)).proof);
  if (bench.identity.diskBytes > 0 && (await isFilled(node)))
    proofs.push((await emptyDisk(node, `the full disk of ${node.name}`)).proof);
  if (await isSkewed(node))
    proofs.push((await straightenClock(node, `the clock of ${node.name}`)).proof);
  proofs.push(...(await healCuts(node)));
  return proofs;
}

/** A twin that does not know of clocks has none that is wrong. */
async function isSkewed(node: BenchNode): Promise<boolean> {
  if (node.kind === 'swarm') return (await offsetOf(node)) !== 0;
  const answer = await node.client.call('GET', '/swarmtwin/clock', { deadlineMs: 3000 });
  return answer.kind === 'answer' && answer.status === 200 && (await offsetOf(node)) !== 0;
}

async function healCuts(node: BenchNode): Promise<readonly Proof[]> {
  const before = (await readChain(node)).cuts.length;
  if (before === 0) return [];
  await removeCuts(node);
  const after = (await readChain(node)).cuts.length;
  if (after > 0) throw notHealed(`the cuts in ${node.name}`, `${after} rules are left`);
  const looked = `the packet filter of ${node.name}`;
  return [{ looked, before: `${before} rules`, after: 'no rule' }];
}

async function healLinks(bench: Bench): Promise<Proof> {
  const before = await bench.proxies.toxics();
  await bench.proxies.reset();
  const links = allLinks(bench.nodes.map((node) => node.name));
  const waiting = {
    what: 'the links of the lab',
    deadlineMs: LINKS_DEADLINE_MS,
    everyMs: 100,
    code: 'heal-not-taken',
    next: 'Look at the nodes with `swarmtwin lab status`.',
  } as const;
  const after = await eventually(waiting, async () => {
    const left = await bench.proxies.toxics();
    if (left.length > 0) throw new Error(`${left.length} toxics are left`);
    return links.length === 0 ? 'no links' : proveClean(bench, [], links);
  });
  return { looked: 'all links', before: `${before.length} toxics`, after };
}
