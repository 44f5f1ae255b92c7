import type {
  CompleteRecord,
  ControlSeen,
  HistoryRecord,
  InvokeRecord,
} from '../../src/model/history.ts';
import { NO_LEADER_TEXT } from '../../src/model/history.ts';
import { leavesOf } from '../../src/checker/answer-leaves.ts';
import { stretchesOf } from '../../src/checker/story.ts';
import { isOfClient } from '../../src/checker/asked.ts';
import { LASTS_MS, drawn, withOne } from './altering.ts';
import type { Alter, Told } from './altering.ts';

/** The last answer under each label: what the comparison goes by. */
function answers({ records }: Told): readonly CompleteRecord[] {
  const asked = new Map<number, InvokeRecord>();
  for (const each of records)
    if (each.type === 'invoke' && !isOfClient(each)) asked.set(each.op, each);
  const last = new Map<string, CompleteRecord>();
  for (const each of records) {
    const label = each.type === 'complete' ? asked.get(each.op)?.label : undefined;
    if (each.type === 'complete' && label !== undefined) last.set(label, each);
  }
  return [...last.values()];
}

const changeAnswer =
  (
    isMine: (answer: CompleteRecord) => boolean,
    change: (answer: CompleteRecord, told: Told) => Partial<CompleteRecord>,
  ): Alter =>
  (told) =>
    withOne(told, answers(told).filter(isMine), (answer) =>
      told.records.map((each) =>
        each.n === answer.n && each.type === 'complete' ? { ...each, ...change(each, told) } : each,
      ),
    );

const isRefused = ({ outcome, status }: CompleteRecord): boolean =>
  outcome === 'fail' && status !== 0;

export const codeOther = changeAnswer(isRefused, ({ status }) => ({ status: status + 1 }));
export const textOther = changeAnswer(isRefused, ({ text }) => ({ text: `${text}!` }));
export const successCodeOther = changeAnswer(
  ({ outcome }) => outcome === 'ok',
  ({ status }) => ({ status: status === 200 ? 201 : 200 }),
);
export const refusedInstead = changeAnswer(
  ({ outcome }) => outcome === 'ok',
  () => ({ outcome: 'fail', status: 409, text: 'name conflicts with an existing object' }),
);
export const unknownInstead = changeAnswer(
  ({ outcome }) => outcome === 'ok',
  () => ({ outcome: 'unknown', status: 0, text: 'DEADLINE' }),
);

const isMounts = (value: unknown): boolean => typeof value === 'string' && value.includes(' / ');

/** A number or a word in what was answered, or the whole of it. */
export const bodyOther = changeAnswer(
  ({ value }) => value !== undefined && value !== null && !isMounts(value),
  ({ value }, { random }) => {
    const paths = leavesOf(value)
      .map(([path]) => path.split('.'))
      .filter(([name]) => name !== '');
    const path = drawn(random, paths);
    return { value: path === undefined ? 'otherwise' : withLeaf(value, path) };
  },
);

function withLeaf(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return 'otherwise';
  if (Array.isArray(value))
    return value.map((each: unknown, at) => (String(at) === name ? withLeaf(each, rest) : each));
  const held = value as Readonly<Record<string, unknown>>;
  return { ...held, [name]: withLeaf(held[name], rest) };
}

export const waitLate: Alter = (told) =>
  withOne(
    told,
    told.records.filter((each) => each.type === 'step-end' && each.outcome === 'done'),
    (step) =>
      told.records.map((each): HistoryRecord =>
        each.n === step.n && each.type === 'step-end' ? { ...each, outcome: 'late' } : each,
      ),
  );

/** What a manager said that had no leader, for long enough. */
const changeLook =
  (change: Partial<ControlSeen>): Alter =>
  (told) => {
    const { story } = told;
    const looks = [...story.control.values()].flatMap((line) =>
      line.filter(
        (seen, index) =>
          seen.answer === 'error' &&
          seen.text.includes(NO_LEADER_TEXT) &&
          (line[index + 1]?.atMs ?? story.endMs) - seen.atMs > LASTS_MS &&
          stretchesOf(story).some(
            ({ fromMs, toMs, quorum }) => !quorum && fromMs <= seen.atMs && seen.atMs < toMs,
          ),
      ),
    );
    return withOne(told, looks, ({ by }) =>
      told.records.map((each) =>
        each.type === 'observe' &&
        each.what === 'control' &&
        each.by === by &&
        each.text.includes(NO_LEADER_TEXT)
          ? { ...each, ...change }
          : each,
      ),
    );
  };

export const lookTextOther = changeLook({ text: `${NO_LEADER_TEXT} Or not.` });
export const lookCodeOther = changeLook({ status: 418 });
export const answersWithoutQuorum = changeLook({ answer: 'ok', status: 200, text: '' });
export const hangsInstead = changeLook({ answer: 'hangs', status: 0, text: '' });
