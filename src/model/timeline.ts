/** A history as a picture: what a report draws. Times are milliseconds, 0 is the first fault (or the first request, where there is none). */
import type { DifferenceView, EvidenceLine, FaultShown } from './evidence.ts';
import type { NodeName } from './fault.ts';
import type { Subject } from './history.ts';
import type { Since } from './since.ts';
import type { EngineMatrix, Exclusion, ScenarioVerdict } from './verdict.ts';

/** How a bar is coloured. */
export type BarTone = 'calm' | 'waiting' | 'running' | 'leaving' | 'ended' | 'failed' | 'absent';

export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tone: BarTone;
  /** At the foot of the row: a task that is to go or has gone, beside the one that takes its place. */
  readonly thin?: boolean;
  /** Short, written on the bar where there is room. */
  readonly text: string;
  /** Whole, for whoever points at it. */
  readonly title: string;
}

export interface TimelineRow {
  readonly kind: 'leader' | 'node' | 'slot';
  /** `leader`, `n1`, or `web.2`. */
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** A fault, a heal or a request, drawn across all rows. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'fault' | 'request';
  readonly text: string;
  /** Of a fault: the nodes that it was on. */
  readonly nodes?: readonly NodeName[];
}

export interface Timeline {
  readonly subject: Subject;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: readonly TimelineRow[];
  readonly moments: readonly Moment[];
}

export interface ReportedScenario {
  readonly verdict: ScenarioVerdict;
  readonly seed: string;
  readonly timelines: readonly Timeline[];
  /** The records that claims and illegal steps name, in words, by subject. */
  readonly evidence: Readonly<Partial<Record<Subject, readonly EvidenceLine[]>>>;
  readonly differences: readonly DifferenceView[];
  readonly faults: readonly FaultShown[];
}

/** All that a report says. */
export interface RunReport {
  /** When the run began, as people write it. */
  readonly begun: string;
  readonly seconds: number;
  /** What the run ran on: engine, kernel, cores, memory. */
  readonly facts: Readonly<Record<string, string>>;
  readonly scenarios: readonly ReportedScenario[];
  readonly exclusions: readonly Exclusion[];
  /** Absent where there is no run before to compare with. */
  readonly since?: Since;
  /** There only where several lines of engines were played. */
  readonly matrix?: EngineMatrix;
}
