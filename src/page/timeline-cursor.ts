/** Which bar is chosen, and where the arrow keys lead from there. */
import type { TimelineData } from '../model/page-data.ts';

export interface Place {
  readonly line: number;
  readonly bar: number;
}

/** The place after a key; the same when there is no way on. Up and down keep the time as far as they can. */
export function moved({ lines }: TimelineData, from: Place | undefined, key: string): Place {
  if (from === undefined) return { line: 0, bar: 0 };
  const bars = lines[from.line]?.bars ?? [];
  switch (key) {
    case 'ArrowLeft':
      return { ...from, bar: Math.max(0, from.bar - 1) };
    case 'ArrowRight':
      return { ...from, bar: Math.min(bars.length - 1, from.bar + 1) };
    case 'Home':
      return { ...from, bar: 0 };
    case 'End':
      return { ...from, bar: bars.length - 1 };
    default: {
      const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -20, PageDown: 20 }[key] ?? 0;
      const line = Math.min(lines.length - 1, Math.max(0, from.line + by));
      const at = bars[from.bar]?.[0] ?? 0;
      const next = (lines[line]?.bars ?? []).findLastIndex(([begin]) => begin <= at);
      return { line, bar: Math.max(0, next) };
    }
  }
}
