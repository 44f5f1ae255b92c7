/** Which swarms may be drawn, as people write it: `managers=3,workers=2`, `managers=1..5`. */
import { SwarmtwinError } from '../../model/errors.ts';
import { ANY_SHAPE, type Limits } from './draw.ts';

const MOST: Readonly<Record<keyof Limits, number>> = { managers: 7, workers: 20 };
const LEAST: Readonly<Record<keyof Limits, number>> = { managers: 1, workers: 0 };

/** What is left out may be anything. @throws SwarmtwinError `bad-usage` */
export function parseShape(text: string): Limits {
  const limits: Record<keyof Limits, Limits['managers']> = { ...ANY_SHAPE };
  for (const part of text.split(',')) {
    const [, role, low = '', high = low] =
      /^(managers|workers)=(\d+)(?:\.\.(\d+))?$/.exec(part) ?? [];
    if (role !== 'managers' && role !== 'workers') throw badShape(text);
    const range = [Number(low), Number(high)] as const;
    if (range[0] < LEAST[role] || range[1] > MOST[role] || range[0] > range[1])
      throw badShape(text);
    limits[role] = range;
  }
  return limits;
}

const badShape = (text: string): SwarmtwinError =>
  new SwarmtwinError(
    'bad-usage',
    `${text} is no shape to explore`,
    `Write managers=3,workers=2 or ranges such as managers=1..5; there are ${LEAST.managers} to ${MOST.managers} managers and ${LEAST.workers} to ${MOST.workers} workers.`,
  );
