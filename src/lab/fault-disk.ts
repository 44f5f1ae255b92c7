/** A full data disk: one big file in the node's data, on a disk of the node's own. */
import { SwarmtwinError, messageOf } from '../model/errors.ts';
import type { NodeFault } from '../model/fault.ts';
import type { Bench, BenchNode } from './bench.ts';
import { notBitten, notHealed, spanOf } from './bite.ts';
import type { Bite, Proved } from './bite.ts';
import { execIn, runIn } from './node-exec.ts';

type Filling = NodeFault & { readonly kind: 'fill-disk' };

const DATA = '/var/lib/docker';
const FILL = `${DATA}/.swarmtwin-fill`;
const TRIAL = `${DATA}/.swarmtwin-trial`;
/** Others write meanwhile; a few pages more or less are no miss. */
const SLACK_BYTES = 1 << 20;

/** Fills the node's data disk until `freeBytes` are left. Only in a lab with disks of its own. */
export async function fillDisk(bench: Bench, fault: Filling, node: BenchNode): Promise<Bite> {
  if (bench.identity.diskBytes === 0)
    throw new SwarmtwinError(
      'bad-usage',
      `the nodes of this lab share the disk of the host, and filling ${node.name} would fill it for everybody`,
      'Create the lab with `diskBytes` (`lab up --disk`).',
    );
  if (!Number.isInteger(fault.freeBytes) || fault.freeBytes < 0)
    throw new SwarmtwinError(
      'bad-usage',
      `${fault.freeBytes} bytes left free`,
      'Give a whole number of bytes.',
    );
  const what = `fill-disk ${node.name} to ${fault.freeBytes} bytes`;
  try {
    const before = await freeBytes(node);
    if (before <= fault.freeBytes) throw new Error(`only ${before} bytes are free already`);
    const span = await spanOf(() =>
      runIn(node.containerId, `fallocate -l ${before - fault.freeBytes} ${FILL}`),
    );
    const after = await freeBytes(node);
    const trial = await tryWriting(node, fault.freeBytes + SLACK_BYTES);
    if (after > fault.freeBytes + SLACK_BYTES || !/No space left/i.test(trial))
      throw new Error(`${after} bytes free; ${trial}`);
    const proof = {
      looked: LOOKED,
      before: `${before} bytes free`,
      after: `${after} bytes free; ${trial}`,
    };
    return { proof, span, undo: () => emptyDisk(node, what) };
  } catch (error) {
    await execIn(node.containerId, `rm -f ${FILL} ${TRIAL}`);
    throw notBitten(what, messageOf(error), error);
  }
}

/** Takes the filling away. */
export async function emptyDisk(node: BenchNode, what: string): Promise<Proved> {
  try {
    const before = await freeBytes(node);
    const span = await spanOf(() => runIn(node.containerId, `rm -f ${FILL}`));
    const after = await freeBytes(node);
    const trial = await tryWriting(node, SLACK_BYTES);
    if (trial !== WRITTEN) throw new Error(`${after} bytes free; ${trial}`);
    return {
      proof: {
        looked: LOOKED,
        before: `${before} bytes free`,
        after: `${after} bytes free; ${trial}`,
      },
      span,
    };
  } catch (error) {
    throw notHealed(what, messageOf(error), error);
  }
}

/** Whether a filling is there. */
export async function isFilled(node: BenchNode): Promise<boolean> {
  return (await execIn(node.containerId, `test -e ${FILL}`)).exitCode === 0;
}

const LOOKED = "the free bytes of the node's data disk, and a trial write";
const WRITTEN = 'a trial write succeeds';

async function freeBytes(node: BenchNode): Promise<number> {
  const text = await runIn(node.containerId, `df -B1 --output=avail ${DATA} | tail -n 1`);
  return Number(text.trim());
}

/** Writes a file of this size and removes it; tells what the system said. */
async function tryWriting(node: BenchNode, bytes: number): Promise<string> {
  const outcome = await execIn(
    node.containerId,
    `head -c ${bytes} /dev/zero > ${TRIAL}; code=$?; rm -f ${TRIAL}; exit $code`,
  );
  return outcome.exitCode === 0 ? WRITTEN : outcome.stderr.trim();
}
