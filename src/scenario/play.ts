/** Plays a scenario to several subjects at the same time, each in a cluster of its own. */
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Target, TargetMaker } from '../target/target.ts';
import type { HistorySink } from './recorder.ts';
import { runScenario } from './run-scenario.ts';

/** One side of a comparison: how its cluster is made, and where its history goes. */
export interface Side {
  readonly subject: Subject;
  readonly make: TargetMaker;
  readonly sink: HistorySink;
}

export interface PlayPorts {
  /** Told of each record of each side. */
  readonly onRecord?: (scenario: Scenario, subject: Subject, record: HistoryRecord) => void;
  readonly interrupted?: () => string | undefined;
}

/** What came of one side: a history, or why there is none (the cluster did not come up). */
export interface PlayedSide {
  readonly subject: Subject;
  readonly records: readonly HistoryRecord[];
  readonly error?: SwarmtwinError;
  /** Why something of its cluster is still there. What was seen of the cluster counts all the same. */
  readonly left?: SwarmtwinError;
}

/**
 * The sides in the order given. Every cluster that came up is down again when this resolves, or its side says what is left; a failing side does not stop the
 * other.
 */
export function playScenario(
  scenario: Scenario,
  sides: readonly Side[],
  ports: PlayPorts = {},
): Promise<readonly PlayedSide[]> {
  return Promise.all(sides.map((side) => playSide(scenario, side, ports)));
}

async function playSide(scenario: Scenario, side: Side, ports: PlayPorts): Promise<PlayedSide> {
  const { subject } = side;
  const tried = `playing ${scenario.suite}/${scenario.name} to ${subject}`;
  const opened: Target[] = [];
  const kept: HistoryRecord[] = [];
  let played: PlayedSide;
  try {
    const target = await side.make(scenario);
    opened.push(target);
    const { interrupted } = ports;
    const records = await runScenario(scenario, target, {
      sink: side.sink,
      watchers: [
        (record) => {
          kept.push(record);
          ports.onRecord?.(scenario, subject, record);
        },
      ],
      ...(interrupted === undefined ? {} : { interrupted }),
    });
    played = { subject, records };
  } catch (caught) {
    const error = SwarmtwinError.from(caught, 'lab-failed', tried, 'Run it again with --verbose.');
    played = { subject, records: kept, error };
  }
  try {
    for (const target of opened) await target.stop();
    return played;
  } catch (caught) {
    const left = SwarmtwinError.from(caught, 'lab-failed', tried, 'Type `swarmtwin lab gc`.');
    return { ...played, left };
  }
}
