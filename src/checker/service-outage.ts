/** How a service fared: how long it ran below its replicas, how deep, and where its tasks went. */
import type { ServiceOutage } from '../model/outage.ts';
import { runsAtMoment, type ContainerRun } from './container-runs.ts';
import { formAt, type Story } from './story.ts';
import { predecessorOf, ranMs } from './task-lives.ts';

/** Two containers of one slot for less than this are a hand-over. */
const HAND_OVER_MS = 1000;

/** From `zeroMs` to the end; a service that came later counts from the moment when it was whole. Jobs have no replicas to fall below. */
export function serviceOutages(
  story: Story,
  runs: readonly ContainerRun[],
  zeroMs: number,
): readonly ServiceOutage[] {
  return [...story.services.keys()].flatMap((service) => {
    const mode = story.services.get(service)?.at(-1)?.spec.Mode;
    if (mode?.Replicated === undefined && mode?.Global === undefined) return [];
    return [
      outageOf(
        story,
        service,
        runs.filter((run) => run.service === service),
        zeroMs,
      ),
    ];
  });
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly running: number;
  readonly wanted: number;
  readonly doubled: boolean;
}

function outageOf(
  story: Story,
  service: string,
  runs: readonly ContainerRun[],
  zeroMs: number,
): ServiceOutage {
  const forms = story.services.get(service) ?? [];
  const isGlobal = forms.at(-1)?.spec.Mode.Global !== undefined;
  const atStart = [...new Set(runsAtMoment(runs, zeroMs).map(({ node }) => node))];
  const isFit = (node: string, atMs: number): boolean =>
    formAt(story.nodes.get(node), atMs)?.availability !== 'drain';
  const wantedAt = (atMs: number): number =>
    isGlobal
      ? atStart.filter((node) => isFit(node, atMs)).length
      : (formAt(forms, atMs)?.spec.Mode.Replicated?.Replicas ?? 0);
  const changes = [...forms, ...[...story.nodes.values()].flat()].map(({ atMs }) => atMs);
  const spans = spansOf(story, changes, runs, wantedAt, zeroMs);
  const whole = spans.findIndex(({ running, wanted }) => running >= wanted);
  const counted =
    forms.some(({ atMs }) => atMs <= zeroMs) || whole < 0 ? spans : spans.slice(whole);
  const below = counted.map((span) => (span.running < span.wanted ? span.toMs - span.fromMs : 0));
  const doubled = longest(counted.map((span) => (span.doubled ? span.toMs - span.fromMs : 0)));
  return {
    ...{ service, isGlobal, ...movesOf(story, service, zeroMs) },
    declared: wantedAt(story.endMs),
    lowest: Math.min(wantedAt(story.endMs), ...counted.map(({ running }) => running)),
    belowMs: sum(below),
    longestBelowMs: longest(below),
    doubledMs: doubled < HAND_OVER_MS ? 0 : doubled,
    placement: placementOf(runsAtMoment(runs, story.endMs - 1)),
  };
}

const placesOf = (runs: readonly ContainerRun[]): ReadonlySet<string> =>
  new Set(runs.map(({ place }) => place));

/** The time from zero on, cut where anything changed. */
function spansOf(
  story: Story,
  changes: readonly number[],
  runs: readonly ContainerRun[],
  wantedAt: (atMs: number) => number,
  zeroMs: number,
): readonly Span[] {
  const cuts = [
    ...new Set([zeroMs, story.endMs, ...changes, ...runs.flatMap((run) => [run.fromMs, run.toMs])]),
  ]
    .filter((atMs) => atMs >= zeroMs && atMs <= story.endMs)
    .sort((a, b) => a - b);
  return cuts.slice(0, -1).map((fromMs, index) => {
    const now = runsAtMoment(runs, fromMs);
    const places = placesOf(now);
    return {
      fromMs,
      toMs: cuts[index + 1] ?? story.endMs,
      running: places.size,
      wanted: wantedAt(fromMs),
      doubled: now.length > places.size,
    };
  });
}

const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);

/** The greatest sum of neighbours without a zero between them. */
function longest(parts: readonly number[]): number {
  let best = 0;
  let now = 0;
  for (const part of parts) {
    now = part === 0 ? 0 : now + part;
    best = Math.max(best, now);
  }
  return best;
}

function movesOf(
  story: Story,
  service: string,
  zeroMs: number,
): Pick<ServiceOutage, 'moved' | 'restarted'> {
  const heirs = story.tasks
    .filter((life) => life.service === service && life.createdMs > zeroMs)
    .filter((life) => Number.isFinite(ranMs(life)))
    .map((life) => ({ life, before: predecessorOf(story, life) }))
    .filter(({ before }) => before !== undefined);
  const moved = heirs.filter(({ life, before }) => before?.node !== life.node).length;
  return { moved, restarted: heirs.length - moved };
}

function placementOf(runs: readonly ContainerRun[]): ServiceOutage['placement'] {
  const counts = new Map<string, number>();
  for (const { node } of runs) counts.set(node, (counts.get(node) ?? 0) + 1);
  return [...counts]
    .map(([node, tasks]) => ({ node, tasks }))
    .sort((a, b) => a.node.length - b.node.length || (a.node < b.node ? -1 : 1));
}
