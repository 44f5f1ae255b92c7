/** What proves that each fault bit and each heal took, link by link where the fault is on links. */
import type { FaultShown, LinkSeen } from '../model/evidence.ts';
import type { DirectedLink, Fault } from '../model/fault.ts';
import type { FaultRecord, HistoryRecord } from '../model/history.ts';
import { tellStory } from './story.ts';
import type { FaultSpan } from './story.ts';
import { zeroOf } from './timeline.ts';

export function faultProofsOf(records: readonly HistoryRecord[]): readonly FaultShown[] {
  const story = tellStory(records);
  if (story === null) return [];
  const zero = zeroOf(story);
  return story.faults.map((span) => {
    const of = records.filter(
      (record): record is FaultRecord => record.type === 'fault' && span.records.includes(record.n),
    );
    const bitten = of.find(({ phase }) => phase === 'bitten')?.proof;
    const healed = of.find(({ phase }) => phase === 'healed')?.proof;
    return {
      subject: story.header.subject,
      name: span.name,
      kind: kindOf(span.fault),
      beganMs: Math.round(span.beginMs - zero),
      healedMs: Number.isFinite(span.healBeginMs) ? Math.round(span.healBeginMs - zero) : null,
      looked: bitten?.looked ?? '',
      before: bitten?.before ?? '',
      after: bitten?.after ?? 'nothing was proved: the fault did not come to be in force',
      healProof: healed?.after ?? '',
      nodes: story.all,
      links: linksOf(span).map((link) => seenOf(link, bitten?.after ?? '', healed?.after ?? '')),
    };
  });
}

function kindOf(fault: Fault): string {
  if (fault.kind === 'links') return `${fault.toxic.kind} (${fault.plane})`;
  return fault.kind === 'partition' ? `partition (${fault.plane})` : `${fault.kind} ${fault.node}`;
}

/** The directed links that the fault was on. */
function linksOf({ fault }: FaultSpan): readonly DirectedLink[] {
  if (fault.kind === 'links') return fault.links;
  if (fault.kind !== 'partition') return [];
  return fault.groups.flatMap((group, at) =>
    group.flatMap((from) =>
      fault.groups.flatMap((other, index) =>
        index === at ? [] : other.map((to) => ({ from, to })),
      ),
    ),
  );
}

/** The lab's proofs name a link `n1-n2` for the proxy and `n1→n2` for packets. */
function seenOf({ from, to }: DirectedLink, bitten: string, healed: string): LinkSeen {
  const through = (proof: string): string =>
    new RegExp(`\\b${from}-${to} ([^;,]+)`).exec(proof)?.[1] ??
    new RegExp(`\\b${from}→${to} ([^;,]+)`).exec(proof)?.[1] ??
    '';
  const up = bytesOf(bitten, `${from}-${to}/upstream`);
  const down = bytesOf(bitten, `${to}-${from}/downstream`);
  const bytes = [up, down].filter((each) => each !== '').join(', ');
  return { from, to, underFault: through(bitten), bytes, healed: through(healed) };
}

/** What `from` sends flows up its own connections and down those that the other opened. */
function bytesOf(proof: string, stream: string): string {
  const found = new RegExp(`\\b${stream} delivered (\\d+) bytes`).exec(proof)?.[1];
  return found === undefined ? '' : `${found} B ${stream.endsWith('upstream') ? 'up' : 'down'}`;
}
