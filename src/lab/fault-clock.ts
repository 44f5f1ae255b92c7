/**
 * A skewed clock. Containers share the host's clock, so it is the daemon's own that is set off: the twin's adds an offset that it reads from a file, and in a real dockerd
 * the code that tells it the time is changed (vdso-clock.pl).
 */
import { readFileSync } from 'node:fs';
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
/** What an answer of the Engine API takes on a loaded machine: so far a clock may seem off that is not. */
const NEAR_MS = 2000;

/** How one kind of daemon is told another time, and asked for the one it has. */
interface DaemonClock {
  readonly looked: string;
  set(node: BenchNode, offsetMs: number): Promise<void>;
  /** By how much it is off, in ms. */
  offset(node: BenchNode): Promise<number>;
  /** Whether it says that it is so much off. */
  says(node: BenchNode, offsetMs: number): Promise<boolean>;
}

const TWIN: DaemonClock = {
  looked: "GET /swarmtwin/clock of the twin's daemon",
  set: writeOffset,
  offset: offsetOfTwin,
  says: async (node, offsetMs) => (await offsetOfTwin(node)) === offsetMs,
};

const REAL: DaemonClock = {
  looked: "SystemTime in GET /info of dockerd, beside the machine's clock",
  set: async (node, offsetMs) => {
    await runVdsoClock(node, String(offsetMs));
  },
  offset: async (node) => Number(await runVdsoClock(node)),
  says: async (node, offsetMs) => Math.abs((await errorOfReal(node)) - offsetMs) < NEAR_MS,
};

const clockOf = ({ kind }: BenchNode): DaemonClock => (kind === 'twin' ? TWIN : REAL);

/** Sets the daemon's clock off, and proves it by the daemon's own answer. */
export async function skewClock(_bench: Bench, fault: Skew, node: BenchNode): Promise<Bite> {
  const { offsetMs } = fault;
  if (!Number.isInteger(offsetMs))
    throw new SwarmtwinError(
      'bad-usage',
      `a clock offset of ${offsetMs} ms`,
      'Give whole milliseconds.',
    );
  const what = `skew-clock ${node.name} by ${offsetMs} ms`;
  const { looked } = clockOf(node);
  try {
    const before = await offsetOf(node);
    const span = await spanOf(() => setOffset(node, offsetMs));
    const proof = { looked, before: `${before} ms off`, after: `${offsetMs} ms off` };
    return { proof, span, undo: () => straightenClock(node, what) };
  } catch (error) {
    throw notBitten(what, messageOf(error), error);
  }
}

/** Sets the daemon's clock right again. A real one that was started anew meanwhile is right already. */
export async function straightenClock(node: BenchNode, what: string): Promise<Proved> {
  try {
    const before = await offsetOf(node);
    const span = await spanOf(() => setOffset(node, 0));
    const { looked } = clockOf(node);
    return { proof: { looked, before: `${before} ms off`, after: '0 ms off' }, span };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

/** By how much the daemon's clock is off, in ms. */
export const offsetOf = (node: BenchNode): Promise<number> => clockOf(node).offset(node);

async function setOffset(node: BenchNode, offsetMs: number): Promise<void> {
  const clock = clockOf(node);
  await clock.set(node, offsetMs);
  const waiting = {
    what: `the daemon of ${node.name} to say ${offsetMs} ms`,
    deadlineMs: DEADLINE_MS,
    everyMs: 100,
    code: 'lab-failed',
    next: `Look at its answer: ${clock.looked}.`,
  } as const;
  await eventually(waiting, async () => ((await clock.says(node, offsetMs)) ? true : undefined));
}

/** Writes the file in one piece. */
async function writeOffset(node: BenchNode, offsetMs: number): Promise<void> {
  const folder = CLOCK_FILE.slice(0, CLOCK_FILE.lastIndexOf('/'));
  await runIn(
    node.containerId,
    `mkdir -p ${folder} && echo ${offsetMs} > ${CLOCK_FILE}.new && mv ${CLOCK_FILE}.new ${CLOCK_FILE}`,
  );
}

async function offsetOfTwin(node: BenchNode): Promise<number> {
  const said = await ask(node, '/swarmtwin/clock');
  if (typeof said === 'object' && said !== null && 'offsetMs' in said) return Number(said.offsetMs);
  throw new Error(`the daemon said ${JSON.stringify(said)}`);
}

/** How far the time that dockerd tells lies from that of its machine, which it was asked between. */
async function errorOfReal(node: BenchNode): Promise<number> {
  const before = await machineTime(node);
  const said = await ask(node, '/info');
  const after = await machineTime(node);
  const { SystemTime = '' } = said as { readonly SystemTime?: string };
  return Date.parse(SystemTime) - (before + after) / 2;
}

const machineTime = async ({ containerId }: BenchNode): Promise<number> =>
  Number(await runIn(containerId, 'date +%s%3N'));

async function runVdsoClock(node: BenchNode, ...args: readonly string[]): Promise<string> {
  const script = readFileSync(new URL('vdso-clock.pl', import.meta.url)).toString('base64');
  const said = await runIn(
    node.containerId,
    `echo ${script} | base64 -d | perl - "$(cat /run/docker.pid)" ${args.join(' ')}`,
  );
  return said.trim();
}

async function ask(node: BenchNode, path: string): Promise<unknown> {
  const answer = await node.client.call('GET', path, { deadlineMs: 5000 });
  if (answer.kind === 'no-answer') throw new Error(`${answer.code}: ${answer.message}`);
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${answer.body.trim()}`);
  return JSON.parse(answer.body);
}
