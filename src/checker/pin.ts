/** Whether what the twin does otherwise than real Swarm goes with its managers or with its agents. */
import type { Subject } from '../model/history.ts';
import { KIND_OF_MANAGERS } from '../model/history.ts';
import type { ClaimVerdict, Follows, Pin, SamenessVerdict } from '../model/verdict.ts';

/** How one subject compares with real Swarm. */
export interface ComparedSubject {
  readonly subject: Subject;
  readonly verdict: SamenessVerdict;
}

/** Whether the same is seen of a subject; null where that cannot be said. */
type Seen = boolean | null;

/**
 * Of something that the twin does and real Swarm does not: is it seen where the managers alone are twins, is it seen where the workers alone are? A manager's node
 * has an agent of its own kind, so what tasks do on managers counts for the managers.
 */
export function follows(managers: Seen, agents: Seen): Follows {
  if (managers === null || agents === null) return 'unknown';
  if (managers && agents) return 'each';
  if (managers) return 'manager';
  return agents ? 'agent' : 'both';
}

const REASONS: Readonly<Record<Follows, string>> = {
  manager: 'seen with twin managers and real workers, not with real managers and twin workers',
  agent: 'seen with real managers and twin workers, not with twin managers and real workers',
  each: 'seen with either half of the twin by itself',
  both: 'seen only where managers and workers are twins',
  unknown: 'one of the mixed swarms was not played, or could not be judged',
};

/** One pin for each unexplained difference of the twin, and for each claim that it alone fails. `collapsed` are the mixed swarms that are another subject here. */
export function pinsOf(
  compared: readonly ComparedSubject[],
  claims: readonly ClaimVerdict[],
  collapsed: readonly Subject[] = [],
): readonly Pin[] {
  const stand = (subject: Subject): Subject =>
    collapsed.includes(subject) ? (KIND_OF_MANAGERS[subject] ?? subject) : subject;
  const pin = (what: string, seenOn: (subject: Subject) => Seen): Pin => {
    const half = follows(seenOn(stand('twin-managers')), seenOn(stand('twin-agents')));
    const reason =
      collapsed.length > 0 ? `all nodes are managers; ${REASONS[half]}` : REASONS[half];
    return { what, follows: half, reason };
  };
  const differing = differencesOf(compared, 'twin');
  const failing = claims.filter(({ id, subject, verdict }) => {
    const real = claims.find((each) => each.id === id && each.subject === 'swarm');
    return subject === 'twin' && verdict === 'fails' && real?.verdict === 'holds';
  });
  return [
    ...differing.map((field) => pin(field, (subject) => differsIn(compared, subject, field))),
    ...failing.map(({ id }) => pin(id, (subject) => failsOn(claims, subject, id))),
  ];
}

function differencesOf(compared: readonly ComparedSubject[], of: Subject): readonly string[] {
  const found = compared.find(({ subject }) => subject === of)?.verdict.differences ?? [];
  return found.filter(({ known }) => known === undefined).map(({ field }) => field);
}

function differsIn(compared: readonly ComparedSubject[], of: Subject, field: string): Seen {
  // Real Swarm is the reference, and never differs from itself.
  if (of === 'swarm') return false;
  const verdict = compared.find(({ subject }) => subject === of)?.verdict;
  if (verdict === undefined || verdict.sameness === 'inconclusive') return null;
  return verdict.differences.some((difference) => difference.field === field);
}

function failsOn(claims: readonly ClaimVerdict[], of: Subject, id: string): Seen {
  const verdict = claims.find((claim) => claim.subject === of && claim.id === id)?.verdict;
  return verdict === undefined || verdict === 'inconclusive' ? null : verdict === 'fails';
}
