/** Q10: a manager that cannot be reached at the address it gives is not taken in. */
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import type { Operation } from './operations.ts';
import { UNREACHED_TEXT } from './refused-joiners.ts';
import { leaderAt, lossesOf } from './story.ts';
import type { Story } from './story.ts';
import { liveAt, runningAt } from './task-lives.ts';

/** Those that gave another address than their own. */
const unreachable = (story: Story): readonly Operation[] =>
  story.operations.filter(({ method, path, node, body }) => {
    const asked = (body ?? {}) as { readonly AdvertiseAddr?: string };
    const own = story.header.nodes.find(({ name }) => name === node)?.address ?? '';
    const given = asked.AdvertiseAddr ?? own;
    return method === 'POST' && path === '/swarm/join' && !given.startsWith(`${own}:`);
  });

export const q10: Claim = (story) =>
  worstOf(
    unreachable(story).flatMap((join) => [isRefused(join), isUnharmed(story, join)]),
    'no manager joined with an address at which it is not reached',
  );

function isRefused({ node, outcome, status, text, records }: Operation): Opinion {
  if (outcome === 'ok') return fails(`${node} joined, though nobody can reach it`, records);
  return text.includes(UNREACHED_TEXT)
    ? holds(`${node} was refused: ${status} ${text}`, records)
    : fails(`${node} was answered ${status} '${text}'`, records);
}

/** The same leader, the same managers, every answer good, and what was asked for afterwards done. */
function isUnharmed(story: Story, join: Operation): Opinion {
  const since = join.invokedMs;
  if (lossesOf(story).length > 0) return inconclusive('something was broken besides');
  const before = leaderAt(story, since);
  const other = [...story.nodes].find(([name, line]) =>
    line.some((seen) => seen.atMs > since && seen.leader && name !== before),
  );
  if (other !== undefined) return fails(`${other[0]} leads after the join`, join.records);
  const [joined] = [...story.nodes].flatMap(([name, line]) =>
    line.filter((seen) => name === join.node && seen.reachability === 'reachable'),
  );
  if (joined !== undefined) return fails(`${join.node} is listed as a manager`, [joined.n]);
  for (const [name, line] of story.control) {
    const bad = line.find((seen) => seen.atMs > since && seen.answer !== 'ok');
    if (bad !== undefined && story.managers.includes(name))
      return fails(`${name} answered ${bad.answer} ${bad.text} after the join`, [bad.n]);
  }
  const kept = liveAt(story, since).find((life) => !liveAt(story, story.endMs).includes(life));
  if (kept !== undefined)
    return fails(`${kept.service}.${kept.place} did not outlive the join`, join.records);
  const create = story.operations.find(
    ({ kind, invokedMs }) => kind === 'create' && invokedMs > since,
  );
  if (create === undefined) return inconclusive('nothing was asked for after the join');
  if (create.outcome !== 'ok')
    return fails(`after the join ${create.about} was answered ${create.text}`, create.records);
  const running = runningAt(story, story.endMs, create.about).length;
  if (running === 0)
    return fails(`${create.about}, made after the join, does not run`, create.records);
  return holds(
    `${before ?? 'nobody'} leads on, and ${create.about} was made and ran; ${seconds(story.endMs - since)} were seen`,
    create.records,
  );
}
