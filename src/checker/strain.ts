/** Whether the machine under the lab kept up with what it was asked to do. */
import type { StrainSeen } from '../model/history.ts';
import type { At, Story } from './story.ts';
import { seconds } from './opinion.ts';

/** Single seconds of strain come with every start of a container; this many of them in one run do not. */
const STRAINED_SECONDS = 5;

export interface Strain {
  readonly reason: string;
  readonly evidence: readonly number[];
}

/** Why lateness and brief states in this history may be the machine's doing; null when it kept up. */
export function strainOf({ strain, endMs }: Story): Strain | null {
  if (strain.length < STRAINED_SECONDS) return null;
  const worst = strain.reduce((a, b) => (b.lagMs > a.lagMs ? b : a));
  const reason = `the machine was short of processor time in ${strain.length} of ${seconds(endMs)} (pressure up to ${highest(strain)}, the recorder up to ${seconds(worst.lagMs)} late)`;
  return { reason, evidence: [worst.n] };
}

const highest = (strain: readonly At<StrainSeen>[]): string =>
  Math.max(...strain.map(({ pressure }) => pressure)).toFixed(2);
