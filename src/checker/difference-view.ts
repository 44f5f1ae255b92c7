/** Differences as a reader wants them: the heaviest first, each with what the two histories say on it and when they part. */
import type { DifferenceView, ExcerptLine, EvidenceLine, Weight } from '../model/evidence.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Difference } from '../model/verdict.ts';
import { canonicalOf } from './canonical.ts';
import { lineOf } from './evidence.ts';
import { nameless } from './nameless.ts';
import { unmatchedPlaces } from './sameness.ts';
import { tellStory } from './story.ts';
import type { Story } from './story.ts';
import { lastOf } from './task-lives.ts';
import { zeroOf } from './timeline.ts';

/** More lines than these tell nobody anything; those around the first that differs are kept. */
const LONGEST = 24;
const BY_WEIGHT: readonly Weight[] = ['answer', 'end', 'text', 'order', 'time'];

type Unplaced = Omit<DifferenceView, 'firstInTime'>;

/** The views of what a comparison found. Without two histories there are none. */
export function viewsOf(
  left: readonly HistoryRecord[],
  right: readonly HistoryRecord[],
  differences: readonly Difference[],
): readonly DifferenceView[] {
  const [mine, theirs] = [tellStory(left), tellStory(right)];
  if (mine === null || theirs === null || differences.length === 0) return [];
  const views = differences.map((difference) =>
    viewOf({ story: mine, records: left }, { story: theirs, records: right }, difference),
  );
  const first = Math.min(...views.map(({ partsAtMs }) => partsAtMs ?? Infinity));
  return views
    .map((view) => ({ ...view, firstInTime: view.partsAtMs === first }))
    .sort((a, b) => BY_WEIGHT.indexOf(a.weight) - BY_WEIGHT.indexOf(b.weight));
}

interface Told {
  readonly story: Story;
  readonly records: readonly HistoryRecord[];
}

function viewOf(mine: Told, theirs: Told, difference: Difference): Unplaced {
  const places = placesOf(mine.story, theirs.story, difference.field);
  const [left, right] = [
    linesOf(mine, difference.field, places?.[0]),
    linesOf(theirs, difference.field, places?.[1]),
  ];
  const excerpts = [marked(left, right), marked(right, left)] as const;
  const parting = excerpts.map((lines) => lines.find(({ differs }) => differs)?.atMs ?? Infinity);
  const at = Math.min(...parting);
  return {
    ...difference,
    weight: weightOf(difference),
    excerpts: [around(excerpts[0]), around(excerpts[1])],
    partsAtMs: Number.isFinite(at) ? at : null,
  };
}

/** By what the field is about. Sequences of the same states in another order weigh less than other texts. */
export function weightOf({ field, left, right }: Difference): Weight {
  if (/^(operations|answers)\./.test(field)) return 'answer';
  if (field.startsWith('end.')) return 'end';
  if (field.startsWith('steps.')) return 'time';
  const words = (text: string): string => [...new Set(text.split(/[^\w']+/))].sort().join(' ');
  return words(left) === words(right) ? 'order' : 'text';
}

/** Of a difference between slots: those that have no like on the other side. */
function placesOf(
  mine: Story,
  theirs: Story,
  field: string,
): readonly [ReadonlySet<string>, ReadonlySet<string>] | undefined {
  const service = /^services\.(.+)\.slots$/.exec(field)?.[1];
  if (service === undefined) return undefined;
  return unmatchedPlaces(canonicalOf(mine), canonicalOf(theirs), service);
}

/** The records that a field of the canonical form is made of, in words. */
function linesOf(
  { story, records }: Told,
  field: string,
  places: ReadonlySet<string> | undefined,
): readonly EvidenceLine[] {
  const numbers = new Set(numbersOf(story, field, places));
  const zero = zeroOf(story);
  return records.filter(({ n }) => numbers.has(n)).map((record) => lineOf(record, zero));
}

function numbersOf(
  story: Story,
  field: string,
  places: ReadonlySet<string> | undefined,
): readonly number[] {
  const [kind = '', name = ''] = field.split('.');
  const of = (lines: readonly { readonly n: number }[] | undefined): readonly number[] =>
    (lines ?? []).map(({ n }) => n);
  switch (kind) {
    case 'operations':
    case 'answers': {
      const about = field.slice(kind.length + 1);
      const operations = story.operations.filter(
        ({ label }) => label === about || (kind === 'answers' && about.startsWith(`${label}.`)),
      );
      return operations.flatMap((each) => each.records);
    }
    case 'steps':
      return story.late.filter(({ title }) => field === `steps.${title}`).map(({ n }) => n);
    case 'nodes':
      return of(story.nodes.get(name));
    case 'control':
      return of(story.control.get(name));
    case 'services':
      return places === undefined
        ? of(story.services.get(name))
        : story.tasks
            .filter((life) => life.service === name && places.has(life.place))
            .flatMap((life) => of(life.sightings));
    default:
      return endNumbers(story, field);
  }
}

/** What was last seen of what an `end` field is about. */
function endNumbers(story: Story, field: string): readonly number[] {
  const [, what = '', name = ''] = field.split('.');
  if (what === 'nodes') return (story.nodes.get(name) ?? []).slice(-3).map(({ n }) => n);
  if (what === 'leaders')
    return [...story.nodes.values()].flatMap((line) => line.slice(-1)).map(({ n }) => n);
  const lives = story.tasks.filter((life) => life.service === name);
  return lives.flatMap((life) => lastOf(life)?.n ?? []).slice(-LONGEST);
}

/** Each line with whether the other side lacks it: ids, addresses, slots' nodes and times do not count. */
function marked(
  lines: readonly EvidenceLine[],
  others: readonly EvidenceLine[],
): readonly ExcerptLine[] {
  const left = new Map<string, number>();
  for (const { text } of others) left.set(formOf(text), (left.get(formOf(text)) ?? 0) + 1);
  return lines.map((line) => {
    const form = formOf(line.text);
    const count = left.get(form) ?? 0;
    left.set(form, count - 1);
    return { ...line, differs: count <= 0 && !PASSING.test(form) };
  });
}

/** On its way: the comparison leaves it out, since a task may pass it between two looks. */
const PASSING =
  /: (new|pending|assigned|accepted|preparing|starting|ready), wanted (running|ready)$/;

const formOf = (text: string): string =>
  nameless(text)
    .replace(/^\S+ sees \S+ \(task \w+\) on \S+( \S+)?:/, 'sees:')
    .replace(/^\S+ sees /, 'sees ')
    .replace(/version \d+/, 'version');

/** Not more lines than a reader takes in: from a little before the first that differs. */
function around(lines: readonly ExcerptLine[]): readonly ExcerptLine[] {
  if (lines.length <= LONGEST) return lines;
  const first = Math.max(0, lines.findIndex(({ differs }) => differs) - LONGEST / 3);
  return lines.slice(first, first + LONGEST);
}
