/** CPU starvation: a quota on the node's container, and all that runs in it. */
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import type { NodeFault } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import { ask, hostDocker } from './docker.ts';
import { runIn } from './node-exec.ts';

const PERIOD_US = 100_000;
/** Below this share one busy loop must run into the quota, even on a machine with other work. */
const SURELY_THROTTLED = 0.3;
const PATIENT_LOOPS = 20;

type Starvation = NodeFault & { readonly kind: 'starve-cpu' };

/**
 * Reads the kernel's own numbers, whichever control group version, before and after busy loops in the node: one short loop, or as many as it takes to be held
 * back, since a machine that gives the node little time keeps it below its quota for a while.
 */
const look = (loops: number): string =>
  [
    'v1=/sys/fs/cgroup/cpu; v2=/sys/fs/cgroup',
    'if [ -e $v1/cpu.cfs_quota_us ]; then quota=$(cat $v1/cpu.cfs_quota_us); stat=$v1/cpu.stat; else quota=$(cut -d" " -f1 $v2/cpu.max); stat=$v2/cpu.stat; fi',
    'throttled() { sed -n "s/^nr_throttled //p" $stat; }',
    'before=$(throttled)',
    `for _ in $(seq ${loops}); do timeout 0.6 bash -c "while :; do :; done" || true; [ "$(throttled)" = "$before" ] || break; done`,
    'echo "$quota $(( $(throttled) - before ))"',
  ].join('\n');

interface CpuLook {
  /** Microseconds per period; Infinity for no limit. */
  readonly quotaUs: number;
  /** Periods in which the node was held back during a short busy loop. */
  readonly throttled: number;
}

/** Leaves the node a share of one core. */
export async function starveCpu(bench: Bench, fault: Starvation, node: BenchNode): Promise<Bite> {
  if (!(fault.share >= 0.01 && fault.share <= 1))
    throw new SwarmtwinError(
      'bad-usage',
      `a CPU share of ${fault.share}`,
      'Give 0.01 to 1 of one core.',
    );
  const what = `starve-cpu ${node.name} to ${fault.share}`;
  const quotaUs = Math.round(fault.share * PERIOD_US);
  try {
    const before = await lookAt(node);
    const span = await spanOf(() => setQuota(node, quotaUs));
    const after = await lookAt(node, PATIENT_LOOPS);
    if (after.quotaUs !== quotaUs) throw new Error(`the kernel says ${lookText(after)}`);
    if (fault.share <= SURELY_THROTTLED && after.throttled < 1)
      throw new Error(`a busy loop was not held back: ${lookText(after)}`);
    const proof = { looked: LOOKED, before: lookText(before), after: lookText(after) };
    return { proof, span, undo: () => feedCpu(node, what) };
  } catch (error) {
    await setQuota(node, -1);
    throw notBitten(what, messageOf(error), error);
  }
}

/** Takes the quota away. */
export async function feedCpu(node: BenchNode, what: string): Promise<Proved> {
  try {
    const span = await spanOf(() => setQuota(node, -1));
    const after = await lookAt(node);
    if (after.quotaUs !== Infinity || after.throttled > 0) throw new Error(lookText(after));
    return { proof: { looked: LOOKED, before: what, after: lookText(after) }, span };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

const LOOKED =
  "the kernel's quota of the node's control group, and whether a busy loop runs into it";

async function setQuota(node: BenchNode, quotaUs: number): Promise<void> {
  await ask(
    `setting the CPU quota of ${node.name}`,
    hostDocker().getContainer(node.containerId).update({ CpuPeriod: PERIOD_US, CpuQuota: quotaUs }),
  );
}

async function lookAt(node: BenchNode, loops = 1): Promise<CpuLook> {
  return parseLook(await runIn(node.containerId, look(loops), 60_000));
}

/** Reads `QUOTA THROTTLED`; no quota is -1 in version 1 of control groups and `max` in version 2. */
export function parseLook(text: string): CpuLook {
  const [quota = '', throttled = '0'] = text.trim().split(' ');
  const quotaUs = Number(quota);
  return {
    quotaUs: Number.isFinite(quotaUs) && quotaUs > 0 ? quotaUs : Infinity,
    throttled: Number(throttled),
  };
}

const lookText = (look: CpuLook): string =>
  `quota ${look.quotaUs === Infinity ? 'none' : `${look.quotaUs} of ${PERIOD_US} µs`}, throttled ${look.throttled} times`;
