/** Several clients on several managers: what they write takes effect once, and what they read is true, but for what a deposed leader tells. */
import { staleBound } from '../model/bounds.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { judgeRegister } from './staleness.ts';
import type { StaleRead, Told } from './staleness.ts';
import { isLostAt, into } from './story.ts';
import type { Story } from './story.ts';
import type { Asked } from './asked.ts';

const NOTHING = 'no clients were at work';

const toldOf = (story: Story): readonly (Told & { readonly asked: readonly Asked[] })[] => {
  const registers = new Map<string, Asked[]>();
  for (const each of story.asked) into(registers, each.register).push(each);
  return [...registers].map(([name, asked]) => ({ ...judgeRegister(name, asked), asked }));
};

/** L1: every write that was answered took effect once, between its call and its answer, and no read told what never was. */
export const l1: Claim = (story) =>
  worstOf(
    toldOf(story).map(({ register, answer, wrong, asked }): Opinion => {
      const count = `${register}: ${asked.filter(({ isRead }) => !isRead).length} writes and ${asked.filter(({ isRead }) => isRead).length} reads`;
      if (answer === 'linearizable') return holds(`${count} in one order`);
      if (answer === 'unknown') return inconclusive(`${count}: no order was found in time`);
      const what = wrong === undefined ? '' : `; the first that fits in none is ${textOf(wrong)}`;
      return fails(`${count} in no order${what}`, [wrong?.beginN, wrong?.endN]);
    }),
    NOTHING,
  );

/** L2: a read is stale only where it was answered by a manager that a fault cut off, and for no longer than such a one takes itself for the leader. */
export const l2: Claim = (story) => {
  const told = toldOf(story);
  const reads = story.asked.filter(({ isRead }) => isRead).length;
  if (reads === 0) return inconclusive(NOTHING);
  const doubt = told.find(({ answer }) => answer !== 'linearizable');
  if (doubt !== undefined) return inconclusive(`${doubt.register} has no order of its writes`);
  const stale = told.flatMap((each) => each.stale);
  if (stale.length === 0) return holds(`${reads} reads, none of them stale`);
  const bound = staleBound(story.header.settings);
  const wrong = stale.filter(({ read, byMs }) => byMs > bound.ms || !isCutOff(story, read));
  const worst = Math.max(...stale.map(({ byMs }) => byMs));
  const summary = `${stale.length} of ${reads} reads were stale, by ${seconds(worst)} at most`;
  if (wrong.length === 0)
    return holds(`${summary}, all through a manager cut off; ${bound.formula}`);
  return fails(
    `${summary}: ${wrong.map(staleText).slice(0, 3).join('; ')}; a manager that is cut off may tell what was true ${bound.formula}`,
    wrong.flatMap(({ read }) => [read.beginN, read.endN]),
  );
};

const isCutOff = (story: Story, { node, beginMs, endMs }: Asked): boolean =>
  isLostAt(story, node, beginMs) || isLostAt(story, node, endMs);

const staleText = ({ read, byMs }: StaleRead): string =>
  `${textOf(read)}, stale by ${seconds(byMs)} at least`;

const textOf = ({ op, register, node, beginMs }: Asked): string => {
  const value =
    'value' in op ? ` '${op.value}' (version ${op.version})` : 'id' in op ? ` '${op.id}'` : '';
  return `${op.kind}${value} of ${register} through ${node} at ${seconds(beginMs)}`;
};
