/** Plays the claims of interop on one lab, and keeps what came of each. */
import { messageOf } from '../../src/model/errors.ts';
import type { LabOptions, Subject } from '../../src/lab/lab.ts';
import { createLab } from '../../src/lab/create-lab.ts';
import { CLAIMS, PROMOTION } from './claims.ts';
import type { Claim } from './claims.ts';
import { Stand } from './stand.ts';

export const DIRECTIONS = ['twin-managers', 'twin-agents'] as const satisfies readonly Subject[];
export type Direction = (typeof DIRECTIONS)[number];

/** In the order in which they are played. The promotion comes before the last, the node's farewell. */
export const claimsOf = (direction: Direction): readonly Claim[] =>
  direction === 'twin-agents' ? CLAIMS : [...CLAIMS.slice(0, -1), PROMOTION, ...CLAIMS.slice(-1)];

/** By title: `''` for a claim that held, or what was seen instead. */
export type Outcomes = ReadonlyMap<string, string>;

export async function playDirection(
  direction: Direction,
  basics: Pick<LabOptions, 'engine' | 'images' | 'rights' | 'twin'>,
  say: (line: string) => void,
): Promise<Outcomes> {
  const name = `interop-${direction}-${basics.engine}-${process.pid}`;
  const shape = { managers: 3, workers: 1, spares: 1 };
  const lab = await createLab({ ...basics, name, subject: direction, ...shape });
  try {
    await lab.formSwarm();
    return await playClaims(new Stand(lab), direction, say);
  } finally {
    await lab.down();
  }
}

async function playClaims(
  stand: Stand,
  direction: Direction,
  say: (line: string) => void,
): Promise<Outcomes> {
  const outcomes = new Map<string, string>();
  for (const claim of claimsOf(direction)) {
    const { title } = claim;
    const began = performance.now();
    let seen = '';
    try {
      await claim.play(stand);
    } catch (caught) {
      seen = messageOf(caught);
    }
    outcomes.set(title, seen);
    const seconds = (performance.now() - began) / 1000;
    const line = `${direction}, engine ${stand.lab.engine}: ${seconds.toFixed(1)} s: ${title}`;
    say(seen === '' ? line : `${line}: ${seen}\n${await stand.evidence(seconds)}`);
  }
  return outcomes;
}
