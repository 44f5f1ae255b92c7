/** Compares two histories of the same scenario. */
import type { HistoryRecord } from '../model/history.ts';
import type { Difference, KnownDivergence, SamenessVerdict } from '../model/verdict.ts';
import { canonicalOf } from './canonical.ts';
import type { Canonical, CanonicalSlot } from './canonical.ts';
import { doubtOf } from './judge.ts';
import { sameSequence, sequenceText } from './sequences.ts';
import { tellStory } from './story.ts';
import { strainOf } from './strain.ts';

/**
 * `left` is the reference (real Swarm). Differences that `known` names for this scenario are taken out and named; one that is
 * known but was not seen is named as healed, so that the list cannot grow stale.
 */
export function compareHistories(
  left: readonly HistoryRecord[],
  right: readonly HistoryRecord[],
  known: readonly KnownDivergence[] = [],
): SamenessVerdict {
  const stories = [tellStory(left), tellStory(right)] as const;
  const [mine, theirs] = stories;
  if (mine === null || theirs === null) return unclear('one of the two has no history');
  for (const story of [mine, theirs]) {
    const doubt = doubtOf(story);
    if (doubt !== null) return unclear(`${story.header.subject}: ${doubt.reason}`);
  }
  const name = `${mine.scenario.suite}/${mine.scenario.name}`;
  const mineKnown = known.filter(
    ({ scenario, engine }) =>
      scenario === name && (engine === undefined || theirs.header.engine.startsWith(`${engine}.`)),
  );
  const all = differencesOf(canonicalOf(mine), canonicalOf(theirs));
  const reasonOf = (difference: Difference): string | undefined =>
    mineKnown.find((entry) => entry.field === difference.field)?.reason;
  const differences = all.map((difference) => {
    const reason = reasonOf(difference);
    return reason === undefined ? difference : { ...difference, known: reason };
  });
  const open = differences.filter((difference) => difference.known === undefined);
  const healed = mineKnown
    .filter((entry) => !all.some((difference) => difference.field === entry.field))
    .map((entry) => `${entry.field}: ${entry.reason}`);
  const [first] = open;
  if (first === undefined)
    return { differences, healed, sameness: 'same', reason: 'no difference but the declared ones' };
  const reason = `${first.field}: ${first.left} | ${first.right}`;
  const strain = strainOf(mine) ?? strainOf(theirs);
  // A late answer or a state that fell between two looks may be the machine's doing; the differences stay in the report.
  return strain === null
    ? { differences, healed, sameness: 'different', reason }
    : {
        differences,
        healed,
        sameness: 'inconclusive',
        reason: `${strain.reason}; otherwise ${reason}`,
      };
}

const unclear = (reason: string): SamenessVerdict => ({
  sameness: 'inconclusive',
  reason,
  differences: [],
  healed: [],
});

/** In the order in which a reader wants to know: what clients saw, then what tasks and nodes did, then how it ended. */
export function differencesOf(left: Canonical, right: Canonical): readonly Difference[] {
  const texts = (
    prefix: string,
    a: ReadonlyMap<string, string>,
    b: ReadonlyMap<string, string>,
    absent: string,
  ): Difference[] =>
    keysOf(a, b)
      .filter((key) => (a.get(key) ?? absent) !== (b.get(key) ?? absent))
      .map((key) => ({
        field: `${prefix}.${key}`,
        left: a.get(key) ?? absent,
        right: b.get(key) ?? absent,
      }));
  // Another answer is told as such, and not leaf by leaf.
  const answers = keysOf(left.answers, right.answers)
    .filter((label) => left.operations.get(label) === right.operations.get(label))
    .flatMap((label) => {
      const [mine, theirs] = [left.answers.get(label), right.answers.get(label)];
      return texts(`answers.${label}`, mine ?? NOTHING, theirs ?? NOTHING, 'not there');
    });
  const isOfOneOnly = (field: string): boolean => {
    const service = `services.${/^services\.(.*?)\.(spec|previousSpec)\b/.exec(field)?.[1] ?? ''}`;
    return left.end.has(service) !== right.end.has(service);
  };
  const sequences = keysOf(left.sequences, right.sequences)
    .filter((field) => !isOfOneOnly(field))
    .map(
      (field) =>
        [field, left.sequences.get(field) ?? [], right.sequences.get(field) ?? []] as const,
    )
    .filter(([, a, b]) => !sameSequence(a, b))
    .map(([field, a, b]) => ({ field, left: sequenceText(a), right: sequenceText(b) }));
  return [
    ...texts('operations', left.operations, right.operations, 'not done'),
    ...answers,
    ...texts('steps', left.steps, right.steps, 'in time'),
    ...slotDifferences(left, right),
    ...sequences,
    ...texts('end', left.end, right.end, 'absent'),
  ];
}

const NOTHING: ReadonlyMap<string, string> = new Map();

const keysOf = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] => [
  ...new Set([...a.keys(), ...b.keys()]),
];

function slotDifferences(left: Canonical, right: Canonical): Difference[] {
  return keysOf(left.slots, right.slots).flatMap((service) => {
    const mine = [...(left.slots.get(service) ?? [])];
    const theirs = [...(right.slots.get(service) ?? [])];
    const [onlyMine, onlyTheirs] = unmatched(mine, theirs);
    if (onlyMine.length === 0 && onlyTheirs.length === 0) return [];
    return [
      {
        field: `services.${service}.slots`,
        left: slotText(onlyMine[0]),
        right: slotText(onlyTheirs[0]),
      },
    ];
  });
}

/** The places (slots' numbers, or nodes of a global service) of each side that have no like on the other. */
export function unmatchedPlaces(
  left: Canonical,
  right: Canonical,
  service: string,
): readonly [ReadonlySet<string>, ReadonlySet<string>] {
  const [mine, theirs] = [left, right].map((side) => side.slots.get(service) ?? []);
  const [onlyMine, onlyTheirs] = unmatched(mine ?? [], theirs ?? []);
  const places = (side: Canonical, slots: readonly CanonicalSlot[]): ReadonlySet<string> =>
    new Set(slots.map((slot) => side.places.get(slot) ?? ''));
  return [places(left, onlyMine), places(right, onlyTheirs)];
}

/** A largest matching of slots by augmenting paths: with brief states left open, likeness is not transitive, so greed could miss one. */
function unmatched(
  mine: readonly CanonicalSlot[],
  theirs: readonly CanonicalSlot[],
): [CanonicalSlot[], CanonicalSlot[]] {
  const partner = new Map<number, number>();
  const place = (slot: number, tried: Set<number>): boolean => {
    for (const [other, candidate] of theirs.entries()) {
      if (tried.has(other) || !sameSlot(mine[slot] ?? [], candidate)) continue;
      tried.add(other);
      const holder = partner.get(other);
      if (holder === undefined || place(holder, tried)) {
        partner.set(other, slot);
        return true;
      }
    }
    return false;
  };
  const lonely = mine.filter((_, slot) => !place(slot, new Set()));
  return [lonely, theirs.filter((_, other) => !partner.has(other))];
}

const sameSlot = (a: CanonicalSlot, b: CanonicalSlot): boolean =>
  a.length === b.length &&
  a.every((task, index) => {
    const other = b[index];
    return (
      other !== undefined &&
      task.made === other.made &&
      sameSequence(task.desired, other.desired) &&
      sameSequence(task.observed, other.observed)
    );
  });

const slotText = (slot: CanonicalSlot | undefined): string =>
  slot === undefined
    ? '(no such slot)'
    : slot
        .map(
          (task) =>
            `[${task.made}: wanted ${sequenceText(task.desired)}; was ${sequenceText(task.observed)}]`,
        )
        .join(' then ');
