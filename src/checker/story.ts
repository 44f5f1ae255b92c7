/**
 * What a history tells, put in order: operations from call to answer, faults from begin to heal, and the life of every task, node,
 * service and container as it was seen. Claims and comparison read nothing else.
 */
import type { Fault, NodeName } from '../model/fault.ts';
import { isInstant, nodesUnder } from '../model/history.ts';
import type {
  ControlSeen,
  EndRecord,
  FaultRecord,
  GoneSeen,
  HeaderRecord,
  HeldSeen,
  HistoryRecord,
  NodeSeen,
  PortsSeen,
  ServiceSeen,
  StrainSeen,
} from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { isOfClient, readAsked, registersOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { readOperations } from './operations.ts';
import type { Operation } from './operations.ts';
import { readTasks } from './task-lives.ts';
import type { TaskLife } from './task-lives.ts';
import { readContainers, readEngines } from './engines.ts';
import type { ContainerLife, EngineAnswer } from './engines.ts';

/** Something seen, when, and in which record. */
export type At<T> = T & { readonly atMs: number; readonly n: number };

export interface FaultSpan {
  readonly name: string;
  readonly fault: Fault;
  /** The nodes it was on. */
  readonly nodes: readonly NodeName[];
  readonly beginMs: number;
  /** When it was proved to be in force; the beginning where the proof never came. */
  readonly bittenMs: number;
  readonly isProved: boolean;
  /** Infinity when it was never healed. */
  readonly healBeginMs: number;
  readonly healedMs: number;
  readonly records: readonly number[];
}

export interface Story {
  readonly header: HeaderRecord;
  readonly scenario: Scenario;
  /** Absent when the history was cut off. */
  readonly end: EndRecord | undefined;
  readonly endMs: number;
  readonly all: readonly NodeName[];
  readonly managers: readonly NodeName[];
  /** Without those of several clients at work, whose registers are in none of the other lists either. */
  readonly operations: readonly Operation[];
  readonly asked: readonly Asked[];
  readonly faults: readonly FaultSpan[];
  readonly tasks: readonly TaskLife[];
  /** By name, as the eye saw them. */
  readonly nodes: ReadonlyMap<NodeName, readonly At<NodeSeen>[]>;
  readonly services: ReadonlyMap<string, readonly At<ServiceSeen>[]>;
  readonly control: ReadonlyMap<NodeName, readonly At<ControlSeen>[]>;
  readonly containers: readonly ContainerLife[];
  readonly engines: ReadonlyMap<NodeName, readonly EngineAnswer[]>;
  /** What was found of secrets on nodes. */
  readonly held: readonly At<HeldSeen>[];
  /** Where nodes listened. */
  readonly ports: readonly At<PortsSeen>[];
  /** The seconds in which the machine did not keep up. */
  readonly strain: readonly At<StrainSeen>[];
  /** When the swarm first failed to list a node, by the node's id. */
  readonly unlisted: ReadonlyMap<string, At<GoneSeen>>;
  /** The same of services. */
  readonly removed: ReadonlyMap<string, At<GoneSeen>>;
  readonly marks: readonly { readonly name: string; readonly atMs: number; readonly n: number }[];
  readonly late: readonly { readonly title: string; readonly text: string; readonly n: number }[];
}

/** A history is read by claims, comparison, rules and times; one that has grown meanwhile is read anew. */
const told = new WeakMap<readonly HistoryRecord[], { length: number; story: Story | null }>();

/** Reads a history; `null` when it does not begin with a header. */
export function tellStory(records: readonly HistoryRecord[]): Story | null {
  const known = told.get(records);
  if (known?.length === records.length) return known.story;
  const story = readStory(records);
  told.set(records, { length: records.length, story });
  return story;
}

function readStory(records: readonly HistoryRecord[]): Story | null {
  const header = records[0];
  if (header?.type !== 'header') return null;
  const all = header.nodes.map((node) => node.name);
  const registers = registersOf(records);
  const services = new Map([...readServices(records)].filter(([name]) => !registers.has(name)));
  const nodes = readNodes(records);
  const last = records.at(-1);
  return {
    header,
    scenario: header.scenario,
    end: records.find((record) => record.type === 'end'),
    endMs: last?.atMs ?? 0,
    all,
    managers: header.nodes.filter((node) => node.role === 'manager').map((node) => node.name),
    operations: readOperations(records.filter((record) => !isOfClient(record))),
    asked: readAsked(records),
    faults: readFaults(records, all),
    tasks: readTasks(records).filter(({ service }) => !registers.has(service)),
    nodes,
    services,
    control: readControl(records),
    containers: readContainers(records),
    engines: readEngines(records),
    held: records.filter((record) => record.type === 'observe' && record.what === 'held'),
    ports: records.filter((record) => record.type === 'observe' && record.what === 'ports'),
    strain: records.filter((record) => record.type === 'observe' && record.what === 'strain'),
    unlisted: readUnlisted(records, 'node'),
    removed: readUnlisted(records, 'service'),
    marks: records.filter((record) => record.type === 'mark'),
    late: readLate(records),
  };
}

function readLate(records: readonly HistoryRecord[]): Story['late'] {
  const titles = new Map<number, string>();
  const late: { title: string; text: string; n: number }[] = [];
  for (const record of records) {
    if (record.type === 'step') titles.set(record.step, record.title);
    if (record.type === 'step-end' && record.outcome === 'late')
      late.push({ title: titles.get(record.step) ?? '', text: record.text, n: record.n });
  }
  return late;
}

function readFaults(records: readonly HistoryRecord[], all: readonly NodeName[]): FaultSpan[] {
  const faults = records.filter((record): record is FaultRecord => record.type === 'fault');
  return faults
    .filter((record) => record.phase === 'begin')
    .map((begin) => {
      const next = faults.find(
        (other) => other.n > begin.n && other.name === begin.name && other.phase === 'begin',
      );
      const of = faults.filter(
        (other) =>
          other.name === begin.name && other.n >= begin.n && other.n < (next?.n ?? Infinity),
      );
      const at = (phase: FaultRecord['phase'], otherwise: number): number =>
        of.find((record) => record.phase === phase)?.atMs ?? otherwise;
      return {
        name: begin.name,
        fault: begin.fault,
        nodes: nodesUnder(begin.fault, all),
        beginMs: begin.atMs,
        bittenMs: at('bitten', begin.atMs),
        isProved: of.some((record) => record.phase === 'bitten'),
        healBeginMs: at('heal-begin', Infinity),
        healedMs: at('healed', Infinity),
        records: of.map((record) => record.n),
      };
    });
}

function readUnlisted(
  records: readonly HistoryRecord[],
  kind: GoneSeen['kind'],
): Story['unlisted'] {
  const unlisted = new Map<string, At<GoneSeen>>();
  for (const record of records)
    if (record.type === 'observe' && record.what === 'gone' && record.kind === kind)
      if (!unlisted.has(record.id)) unlisted.set(record.id, record);
  return unlisted;
}

function readControl(
  records: readonly HistoryRecord[],
): ReadonlyMap<NodeName, readonly At<ControlSeen>[]> {
  const control = new Map<NodeName, At<ControlSeen>[]>();
  for (const record of records)
    if (record.type === 'observe' && record.what === 'control')
      into(control, record.by).push(record);
  return control;
}

/** The eye's view; when the eye moves, what the new one sees is taken over where it differs. */
function readNodes(
  records: readonly HistoryRecord[],
): ReadonlyMap<NodeName, readonly At<NodeSeen>[]> {
  const line = new Map<NodeName, At<NodeSeen>[]>();
  const views = new Map<NodeName, Map<string, At<NodeSeen>>>();
  let eye = '';
  for (const record of records) {
    if (record.type !== 'observe') continue;
    if (record.what === 'eye') {
      eye = record.by;
      for (const seen of views.get(eye)?.values() ?? [])
        addIfNew(into(line, seen.name), { ...seen, atMs: record.atMs, n: record.n });
    }
    if (record.what !== 'node') continue;
    const view = views.get(record.by) ?? new Map<string, At<NodeSeen>>();
    views.set(record.by, view.set(record.id, record));
    if (record.by === eye) addIfNew(into(line, record.name), record);
  }
  return line;
}

function addIfNew(line: At<NodeSeen>[], seen: At<NodeSeen>): void {
  const last = line.at(-1);
  if (last === undefined || formOf(last) !== formOf(seen)) line.push(seen);
}

const formOf = (node: NodeSeen): string =>
  JSON.stringify([
    ...[node.id, node.state, node.availability, node.role, node.reachability, node.leader],
    ...[node.labels, node.engineLabels],
  ]);

/**
 * Every form of each service, whoever saw it first. Two writes may share a version, since it counts what was committed when they began;
 * then the eye decides, for a slower observer may still tell the former.
 */
function readServices(
  records: readonly HistoryRecord[],
): ReadonlyMap<string, readonly At<ServiceSeen>[]> {
  const services = new Map<string, At<ServiceSeen>[]>();
  let eye = '';
  for (const record of records) {
    if (record.type !== 'observe') continue;
    if (record.what === 'eye') eye = record.by;
    if (record.what !== 'service') continue;
    const line = into(services, record.name);
    const last = line.at(-1);
    const isNewer = (last?.version ?? -1) < record.version;
    const isMore =
      record.by === eye &&
      last?.version === record.version &&
      `${last.updateState} ${last.updateMessage}` !==
        `${record.updateState} ${record.updateMessage}`;
    if (isNewer || isMore) line.push(record);
  }
  return services;
}

/** The list under a key, made when it is not there. */
export function into<K, V>(map: Map<K, V[]>, key: K): V[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh: V[] = [];
  map.set(key, fresh);
  return fresh;
}

/** The last form at a moment. */
export const formAt = <T extends { readonly atMs: number }>(
  line: readonly T[] | undefined,
  atMs: number,
): T | undefined => line?.findLast((each) => each.atMs <= atMs);

/**
 * What a service was declared to be when one of its tasks was made. Who looks may see the task first: then it was what it was first seen to be,
 * since a service has no tasks before it is made.
 */
export const specOfTask = (
  { services }: Story,
  { service, createdMs }: Pick<TaskLife, 'service' | 'createdMs'>,
  laterMs = 0,
): ServiceSpec | undefined => {
  const line = services.get(service);
  return (formAt(line, createdMs + laterMs) ?? line?.[0])?.spec;
};

export const nodeAt = (story: Story, name: NodeName, atMs: number): At<NodeSeen> | undefined =>
  formAt(story.nodes.get(name), atMs);

/** The leader as the eye saw it at a moment. */
export const leaderAt = (story: Story, atMs: number): NodeName | undefined =>
  [...story.nodes.keys()].find((name) => nodeAt(story, name, atMs)?.leader === true);

/** Faults that last, on nodes: what keeps a node from its managers. */
export const lossesOf = (story: Story): readonly FaultSpan[] =>
  story.faults.filter(({ fault }) => !isInstant(fault) && isLoss(fault));

/** Whether a fault takes a node's control traffic away altogether. */
export function isLoss(fault: Fault): boolean {
  switch (fault.kind) {
    case 'kill':
    case 'stop':
    case 'pause':
    case 'unplug':
      return true;
    case 'partition':
      return fault.plane !== 'data';
    default:
      return false;
  }
}

/** A stretch of time with the same managers lost. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lost: readonly NodeName[];
  readonly survivors: readonly NodeName[];
  readonly quorum: boolean;
  /** The faults in force. */
  readonly faults: readonly FaultSpan[];
}

/** The run cut where a loss of a manager is proved or begins to be healed. */
export function stretchesOf(story: Story): readonly Stretch[] {
  const losses = lossesOf(story).filter((loss) =>
    loss.nodes.some((node) => story.managers.includes(node)),
  );
  const cuts = [
    ...new Set([0, ...losses.flatMap((loss) => [loss.bittenMs, loss.healBeginMs]), story.endMs]),
  ]
    .filter((atMs) => atMs <= story.endMs)
    .sort((a, b) => a - b);
  return cuts.slice(0, -1).map((fromMs, index) => {
    const toMs = cuts[index + 1] ?? story.endMs;
    const faults = losses.filter((loss) => loss.bittenMs <= fromMs && loss.healBeginMs >= toMs);
    const lost = story.managers.filter((name) => faults.some((loss) => loss.nodes.includes(name)));
    const survivors = story.managers.filter((name) => !lost.includes(name));
    const quorum = survivors.length > story.managers.length / 2;
    return { fromMs, toMs, lost, survivors, quorum, faults };
  });
}

/** Whether the node was under a lasting fault at the moment. */
export const isLostAt = (story: Story, node: NodeName, atMs: number): boolean =>
  lossesOf(story).some(
    (loss) => loss.nodes.includes(node) && loss.beginMs <= atMs && atMs < loss.healedMs,
  );
