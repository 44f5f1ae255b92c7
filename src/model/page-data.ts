/** What the page carries of its timelines for its own script: short, since there are many. */
import type { BarTone } from './timeline.ts';

/** The tones by number. */
export const TONES: readonly BarTone[] = [
  ...(['calm', 'waiting', 'running', 'leaving', 'ended', 'failed', 'absent'] as const),
];

/** From, to (tenths of a second), tone, whether it stands at the foot of the row, what is written on it, and the whole of it. */
export type BarData = readonly [number, number, number, 0 | 1, string, string];

export interface LineData {
  readonly label: string;
  readonly kind: 'leader' | 'node' | 'slot';
  /** An index into the subjects. */
  readonly of: number;
  readonly bars: readonly BarData[];
}

/** From, to (tenths of a second), whether it is a fault, its text, the nodes that it was on. */
export type MomentData = readonly [number, number, 0 | 1, string, readonly string[]];

export interface TimelineData {
  readonly subjects: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Row by row, in each row one line for each subject. */
  readonly lines: readonly LineData[];
  /** By subject. */
  readonly moments: readonly (readonly MomentData[])[];
}
