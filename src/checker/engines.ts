/** Containers as each engine's plain API showed them, and whether that API answered. */
import type { NodeName } from '../model/fault.ts';
import type { ContainerSeen, EngineSeen, HistoryRecord } from '../model/history.ts';
import type { At } from './story.ts';

export interface ContainerLife {
  readonly id: string;
  readonly node: NodeName;
  readonly task: string;
  readonly service: string;
  readonly sightings: readonly At<ContainerSeen>[];
}

export type EngineAnswer = At<EngineSeen>;

export function readContainers(records: readonly HistoryRecord[]): readonly ContainerLife[] {
  const lives = new Map<string, At<ContainerSeen>[]>();
  for (const record of records) {
    if (record.type !== 'observe' || record.what !== 'container') continue;
    const line = lives.get(record.id) ?? [];
    lives.set(record.id, [...line, record]);
  }
  return [...lives].map(([id, sightings]) => ({
    id,
    sightings,
    node: sightings[0]?.node ?? '',
    task: sightings[0]?.task ?? '',
    service: sightings[0]?.service ?? '',
  }));
}

export function readEngines(
  records: readonly HistoryRecord[],
): ReadonlyMap<NodeName, readonly EngineAnswer[]> {
  const engines = new Map<NodeName, EngineAnswer[]>();
  for (const record of records) {
    if (record.type !== 'observe' || record.what !== 'engine') continue;
    engines.set(record.node, [...(engines.get(record.node) ?? []), record]);
  }
  return engines;
}

export const containerAt = (life: ContainerLife, atMs: number): At<ContainerSeen> | undefined =>
  life.sightings.findLast((seen) => seen.atMs <= atMs);

export const runsAt = (life: ContainerLife, atMs: number): boolean =>
  containerAt(life, atMs)?.state === 'running';
