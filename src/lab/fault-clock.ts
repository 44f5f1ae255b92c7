/** A skewed clock, of the twin's daemon only: containers share the host's clock, and the daemon adds an offset it reads from a file. */
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import type { NodeFault } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import { eventually } from './eventually.ts';
import { runIn } from './node-exec.ts';

type Skew = NodeFault & { readonly kind: 'skew-clock' };

/** The daemon reads this file at each tick (1 s): an offset in milliseconds. It outlives a restart, as a wrong clock does. */
export const CLOCK_FILE = '/var/lib/docker/swarmtwin/clock-offset';
const DEADLINE_MS = 10_000;
const LOOKED = "GET /swarmtwin/clock of the twin's daemon";

/** Sets the daemon's clock off, and proves it by the daemon's own answer. */
export async function skewClock(bench: Bench, fault: Skew, node: BenchNode): Promise<Bite> {
  if (node.kind !== 'twin')
    throw new SwarmtwinError(
      'bad-usage',
      `the clock of ${node.name} is the clock of this machine`,
      'Only the twin can have a clock of its own; leave this fault out for real Swarm.',
    );
  if (!Number.isInteger(fault.offsetMs))
    throw new SwarmtwinError(
      'bad-usage',
      `a clock offset of ${fault.offsetMs} ms`,
      'Give whole milliseconds.',
    );
  const what = `skew-clock ${node.name} by ${fault.offsetMs} ms`;
  try {
    const before = await offsetOf(node);
    const span = await spanOf(() => setOffset(node, fault.offsetMs));
    const proof = {
      looked: LOOKED,
      before: `${before} ms off`,
      after: `${fault.offsetMs} ms off`,
    };
    return { proof, span, undo: () => straightenClock(node, what) };
  } catch (error) {
    throw notBitten(what, messageOf(error), error);
  }
}

/** Sets the daemon's clock right again. */
export async function straightenClock(node: BenchNode, what: string): Promise<Proved> {
  try {
    const before = await offsetOf(node);
    const span = await spanOf(() => setOffset(node, 0));
    return { proof: { looked: LOOKED, before: `${before} ms off`, after: '0 ms off' }, span };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

/** Writes the file in one piece and waits until the daemon says the same. */
async function setOffset(node: BenchNode, offsetMs: number): Promise<void> {
  const folder = CLOCK_FILE.slice(0, CLOCK_FILE.lastIndexOf('/'));
  await runIn(
    node.containerId,
    `mkdir -p ${folder} && echo ${offsetMs} > ${CLOCK_FILE}.new && mv ${CLOCK_FILE}.new ${CLOCK_FILE}`,
  );
  const waiting = {
    what: `the daemon of ${node.name} to say ${offsetMs} ms`,
    deadlineMs: DEADLINE_MS,
    everyMs: 100,
    code: 'lab-failed',
    next: 'Does this twin know GET /swarmtwin/clock?',
  } as const;
  await eventually(waiting, async () => ((await offsetOf(node)) === offsetMs ? true : undefined));
}

/** What the daemon says of its clock. */
export async function offsetOf(node: BenchNode): Promise<number> {
  const answer = await node.client.call('GET', '/swarmtwin/clock', { deadlineMs: 3000 });
  if (answer.kind === 'no-answer') throw new Error(`${answer.code}: ${answer.message}`);
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${answer.body.trim()}`);
  const said: unknown = JSON.parse(answer.body);
  if (typeof said === 'object' && said !== null && 'offsetMs' in said) return Number(said.offsetMs);
  throw new Error(`the daemon said ${answer.body.trim()}`);
}
