/** The strip of leaders of a timeline: who led, one after the other, and when the swarm said that it had no leader. */
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { Bar, TimelineRow } from '../model/timeline.ts';
import { formAt, leaderAt } from './story.ts';
import type { Story } from './story.ts';

/**
 * Leaderships are counted as they were seen: the Engine API does not tell Raft's terms. In the story's own time.
 */
export function leaderRow(story: Story): TimelineRow {
  const spans = spansOf(story);
  let terms = 0;
  let before = '';
  const bars = spans.map(({ fromMs, toMs, leader }): Bar => {
    if (leader === NOBODY)
      return {
        ...{ fromMs, toMs, tone: 'failed', text: 'no leader' },
        title: 'every manager that answers says that the swarm has no leader',
      };
    if (leader !== before) terms += 1;
    before = leader;
    return {
      ...{ fromMs, toMs, tone: 'running', text: `${leader} · ${terms}` },
      title: `${leader} leads, leadership ${terms} of those that were seen`,
    };
  });
  return { kind: 'leader', label: 'leader', bars };
}

const NOBODY = '-';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** A node's name, or `-` for nobody. */
  readonly leader: string;
}

function spansOf(story: Story): readonly Span[] {
  const lines = [...story.nodes.values(), ...story.control.values()];
  const times = [...new Set(lines.flat().map(({ atMs }) => atMs))].sort((a, b) => a - b);
  const spans: Span[] = [];
  for (const atMs of times) {
    const leader = isLeaderless(story, atMs) ? NOBODY : leaderAt(story, atMs);
    const last = spans.at(-1);
    if (last?.leader === leader) continue;
    if (last !== undefined) spans[spans.length - 1] = { ...last, toMs: atMs };
    if (leader !== undefined) spans.push({ fromMs: atMs, toMs: story.endMs, leader });
  }
  return spans;
}

/** Somebody says so, and nobody answers otherwise. */
function isLeaderless(story: Story, atMs: number): boolean {
  const answers = [...story.control.values()].map((line) => formAt(line, atMs));
  return (
    answers.some((seen) => seen?.text.includes(NO_LEADER_TEXT)) &&
    answers.every((seen) => seen?.answer !== 'ok')
  );
}
